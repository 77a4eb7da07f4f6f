"""Settings: the paper's numbers, presets, assignments by name, and plain errors."""

import subprocess
import sys

import pytest

from msiss.analyse.representations import REPRESENTATIONS, measure_names
from msiss.errors import SettingError
from msiss.learn.methods import METHODS, parse_config, preset_config, presets
from msiss.learn.paper.config import AUGMENT_PRESETS, AugmentStrength, PaperConfig
from msiss.learn.paper.encoders import B0


def test_paper_preset_is_the_paper() -> None:
    config = preset_config("paper", clusters=20)
    assert config.encoder == B0
    assert (config.contrastive.epochs, config.classifier.epochs, config.self_label.epochs) == (50, 20, 150)
    rates = (config.contrastive.learning_rate, config.classifier.learning_rate, config.self_label.learning_rate)
    assert rates == (1e-3, 1e-3, 1e-4)
    assert (config.batch_size, config.contrastive.temperature, config.neighbours) == (183, 0.5, 10)
    assert (config.self_label.threshold, config.self_label.threshold_is_quantile) == (0.9, False)
    assert config.prepare.side == 96


def test_view_presets_are_those_of_the_paper_s_code() -> None:
    weak, medium, strong = (AUGMENT_PRESETS[strength] for strength in AugmentStrength)
    assert (weak.blur_min, weak.blur_max, weak.brightness, weak.contrast, weak.noise) == (0.01, 0.75, 0.25, 0.25, 0.2)
    assert (medium.blur_min, medium.blur_max, medium.brightness, medium.noise) == (0.01, 0.75, 0.5, 0.2)
    assert (strong.blur_min, strong.blur_max, strong.brightness, strong.noise) == (0.1, 2.0, 0.5, 0.4)
    assert (weak.mask_noise, medium.mask_noise, strong.mask_noise) == (True, False, True)
    assert all((v.translation, v.crop, v.rotation) == (0, 0, 0) for v in (weak, medium, strong))


def test_each_preset_trains_by_its_method() -> None:
    methods = {preset: preset_config(preset, clusters=3).method for preset in presets(METHODS)}
    assert methods == {"quick": "paper", "paper": "paper", "msiss": "msiss"}


def test_every_representation_is_trained_by_one_method_or_needs_no_training() -> None:
    trained = [name for method in METHODS.names for name in METHODS[method].config.trained]
    assert sorted([*trained, *measure_names()]) == sorted(REPRESENTATIONS.names)
    for method in METHODS.names:
        config = METHODS[method].config(clusters=2)
        assert config.trained == METHODS[method].config.trained
        assert config.result == config.trained[-1]


def test_settings_by_dotted_name() -> None:
    config = preset_config("quick", clusters=7)
    changed = config.with_settings({"contrastive.epochs": "3", "self_label.weak_views.noise": 0.1, "seed": "5"})
    assert changed.contrastive.epochs == 3
    assert changed.self_label.weak_views.noise == 0.1
    assert changed.seed == 5
    assert changed.with_settings({"contrastive.epochs": config.contrastive.epochs}).contrastive == config.contrastive


def test_preset_keeps_the_groups_that_are_given_on_top() -> None:
    config = preset_config("quick", clusters=7, prepare={"transform": "square root"})
    assert config.prepare.transform == "square root"
    assert config.prepare.side == 64
    assert preset_config("msiss", clusters=7, spatial={"steps": 30}).spatial.steps == 30
    assert preset_config("paper", clusters=7, contrastive={"epochs": 3}).contrastive.epochs == 3


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("contrastive.epoch", 1, "no setting named contrastive.epoch"),
        ("contrastive", 1, "no setting named contrastive"),
        ("clusters.more", 1, "no setting named"),
        ("contrastive.epochs", -1, r"contrastive\.epochs: .*greater than or equal to 0"),
        ("clusters", "many", "clusters: .*integer"),
        ("self_label.weak_views.blur_min", 5, "least blur is larger"),
        ("encoder", "resnet", "encoder: .*no encoder resnet.*efficientnet-b0"),
        ("spatial.steps", 5, r"no setting named spatial\.steps in the method paper"),
        ("method", "msiss", "method: .*'paper'"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: object, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        preset_config("quick", clusters=7).with_settings({name: value})


def test_a_setting_of_another_method_is_refused_in_words() -> None:
    with pytest.raises(
        SettingError, match=r"This method has no setting named encoder\. It has: method, clusters, .*, spatial\."
    ):
        preset_config("msiss", clusters=7, encoder=B0)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("spatial.views.counts_min", 1e9, "fewest counts are more than the most"),
        ("spatial.near_ions", 51, r"spatial\.near_ions: .*less than or equal to 50"),
        ("contrastive.epochs", 5, r"no setting named contrastive\.epochs in the method msiss"),
    ],
)
def test_a_wrong_setting_of_the_spatial_method_is_named(name: str, value: object, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        preset_config("msiss", clusters=7).with_settings({name: value})


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [("clusters", 2, 200), ("neighbours", 2, 100), ("prepare.side", 32, 256), ("prepare.hotspot_quantile", 0.5, 1)],
)
def test_a_setting_has_its_range(name: str, least: float, most: float) -> None:
    config = PaperConfig(clusters=7)
    step = 1 if name != "prepare.hotspot_quantile" else 0.01
    for value in (least, most):
        assert config.with_settings({name: value}).flat()[name] == value
    for value in (least - step, most + step):
        with pytest.raises(SettingError, match=name):
            config.with_settings({name: value})


def test_every_setting_has_a_title_and_a_description() -> None:
    for method in METHODS:
        config = method.config(clusters=2)
        for name in config.flat():
            group, _, last = name.rpartition(".")
            field = type(config.value(group)).model_fields[last]
            assert field.description or last == "method", name
            assert field.title or last == "method", name


def test_settings_do_not_import_torch() -> None:
    code = "import sys, msiss.learn.config, msiss.runs.store; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_settings_that_the_method_msiss_no_longer_has_are_left_out_of_older_runs() -> None:
    values = preset_config("msiss", clusters=4).model_dump(mode="json")
    values["spatial"] |= {"drawn_views": 8, "components": 100, "ridge": 1.0, "steps": 7}
    config = parse_config(values)
    assert config.spatial.steps == 7  # type: ignore[attr-defined]
    assert "drawn_views" not in config.model_dump()["spatial"]
