"""The method msiss on a small stack: what it finds, what it promises, resuming, and data that is odd."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from msiss.analyse.metrics import ari, knn_purity
from msiss.learn.config import Device, RunConfig
from msiss.learn.events import EpochEnded, PhaseStarted, Step
from msiss.learn.learned import Learned
from msiss.learn.pipeline import learn
from msiss.learn.spatial.config import NAME, SpatialConfig
from msiss.learn.spatial.scales import Scales
from msiss.learn.spatial.training import PlaceContrast, PlaceNetwork, SpatialModel, encode

CLASSES = np.repeat([0, 1, 2], 10)
MASK = np.zeros((32, 32), dtype=bool)
MASK[4:26, 3:31] = True  # padding around
MASK[4:10, 3:12] = MASK[20:26, 24:31] = MASK[14, 15] = False  # ragged, with a hole
BOX = np.s_[4:26, 3:31]


def planted(classes: np.ndarray = CLASSES, counts: float = 1500, seed: int = 0) -> np.ndarray:
    """Return counted images in [0, 1] of three patterns that overlap, of varying contrast and background."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[-1:1:32j, -1:1:32j]
    patterns = [
        np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / 0.3) for y, x in ((-0.4, 0.2), (0.3, -0.4), (0.2, 0.6))
    ]
    images = []
    for number in classes:
        rate = (patterns[number] + 0.3 * patterns[rng.integers(3)]) ** np.exp(
            rng.uniform(-0.3, 0.3)
        ) + 0.2 * rng.random()
        image = rng.poisson(counts * rate * MASK / (rate * MASK).sum())
        images.append(image / image.max())
    return np.stack(images).astype(np.float32)


def config(**changes: object) -> RunConfig:
    small = {"spatial.steps": 12, "spatial.batch_size": 15, "spatial.drawn_views": 3, "spatial.components": 20}
    base = SpatialConfig(clusters=3, device=Device.CPU)
    return base.with_settings(small | {f"spatial.{name}": value for name, value in changes.items()})


def learned(events: Iterator[object] | list[object]) -> Learned:
    *_, last = events
    assert isinstance(last, Learned)
    return last


def features(result: Learned) -> np.ndarray:
    return result.features[NAME]


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return planted()


@pytest.fixture(scope="module")
def whole(images: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    return list(learn(images, MASK, config(), checkpoints=tmp_path_factory.mktemp("whole")))


def test_planted_classes_are_found(whole: list[object]) -> None:
    result = learned(whole)
    assert ari(result.clusters[NAME], CLASSES) > 0.9
    assert knn_purity(features(result), CLASSES, 5) > 0.95


def test_result_is_complete(whole: list[object]) -> None:
    result = learned(whole)
    assert tuple(result.features) == config().trained
    assert features(result).dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(features(result), axis=1), 1, rtol=1e-5)
    assert result.clusters[NAME].dtype == np.int64
    assert set(result.clusters[NAME]) == {0, 1, 2}
    assert result.confidence.shape == (30,)
    assert result.confidence.dtype == np.float32
    assert ((result.confidence > 0.5) & (result.confidence <= 1)).all()


def test_events_tell_the_phases_in_order_and_progress_goes_up_to_1(whole: list[object]) -> None:
    assert [e.phase for e in whole if isinstance(e, PhaseStarted)] == ["discriminant", "contrastive"]
    fractions = [e.fraction for e in whole if isinstance(e, Step)]
    assert fractions[0] > 0
    assert (np.diff(fractions) > 0).all()
    assert fractions[-1] == pytest.approx(1)
    losses = [e.values["loss"] for e in whole if isinstance(e, EpochEnded)]
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]


def test_further_images_are_encoded_like_those_of_the_training(whole: list[object], images: np.ndarray) -> None:
    result = learned(whole)
    np.testing.assert_allclose(result.encode(images), features(result), atol=1e-6)
    further = result.encode(planted(np.array([2, 0]), seed=9))
    assert further.shape == (2, features(result).shape[1])
    nearest = (further @ features(result).T).argmax(axis=1)
    np.testing.assert_array_equal(CLASSES[nearest], [2, 0])


def test_a_model_made_of_the_weights_gives_the_same_features(whole: list[object], images: np.ndarray) -> None:
    result = learned(whole)
    model = SpatialModel.from_weights(torch.from_numpy(MASK), {n: t.clone() for n, t in result.weights.items()})
    again = encode(model, torch.from_numpy(images[:, None, *BOX].copy()))
    np.testing.assert_allclose(again, features(result), atol=1e-6)


def even_sum(*parts: torch.Tensor) -> torch.Tensor:
    """Return the cosines of images by several parts, each divided by its spread over the pairs, scaled to 1 of one."""
    total = torch.zeros(len(parts[0]), len(parts[0]))
    others = ~torch.eye(len(total), dtype=torch.bool)
    for part in parts:
        total += (part @ part.T) / (part @ part.T)[others].std(correction=0)
    return total / total[0, 0]


@torch.inference_mode()
def test_every_part_has_the_same_say_and_so_has_what_they_say_together_whitened(
    whole: list[object], images: np.ndarray
) -> None:
    model = SpatialModel.from_weights(torch.from_numpy(MASK), {n: t.clone() for n, t in learned(whole).weights.items()})
    stack = torch.from_numpy(images[:, None, *BOX].copy())
    parts = model.parts(stack)
    assert len(parts) == 3
    together = model.together(parts)
    torch.testing.assert_close(together @ together.T, even_sum(*parts), atol=1e-4, rtol=1e-4)
    vectors = model(stack)
    torch.testing.assert_close(vectors @ vectors.T, even_sum(together, model.whitening(together)), atol=1e-4, rtol=1e-4)


def test_the_learning_rate_grows_over_three_tenths_of_the_steps_then_falls() -> None:
    settings = config(steps=20, batch_size=10, learning_rate=0.01).spatial
    mask = torch.ones(8, 8, dtype=torch.bool)
    phase = PlaceContrast(PlaceNetwork((8, 8)), Scales(mask), torch.ones(20, 1, 8, 8), mask, settings)
    assert phase.epochs == 10
    # The moments are a tenth of an epoch late, so that the first step has a rate above 0.
    rates = {-0.1: 0, 0.9: 0.0025, 1.4: 0.005, 2.9: 0.01, 6.4: 0.005, 9.9: 0}
    assert [phase.rate(epoch) for epoch in rates] == pytest.approx(list(rates.values()), abs=1e-9)
    assert phase.rate(0) > 0


def test_neither_brightness_nor_padding_matters(whole: list[object], images: np.ndarray) -> None:
    encoded = learned(whole).encode
    expected = encoded(images)
    np.testing.assert_allclose(encoded(0.01 * images), expected, atol=1e-4)
    np.testing.assert_allclose(encoded(np.where(MASK, images, np.float32(5))), expected, atol=1e-6)


def test_the_place_of_a_pattern_matters(whole: list[object], images: np.ndarray) -> None:
    encoded = learned(whole).encode
    mirrored = np.where(MASK & MASK[:, ::-1], images[:, :, ::-1], 0).astype(np.float32)[CLASSES == 2]
    own, other = encoded(images[CLASSES == 2]), encoded(mirrored)
    assert (own @ other.T).mean() < (own @ own.T).mean() - 0.3


@pytest.mark.parametrize("interrupted_after", [2, 9, 19])  # in the discriminant, within an epoch, behind one
def test_resumed_training_ends_exactly_like_an_uninterrupted_one(
    whole: list[object],
    images: np.ndarray,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    interrupted_after: int,
) -> None:
    monkeypatch.setattr("msiss.learn.loop.SAVE_SECONDS", 0)
    before = list(islice(learn(images, MASK, config(), checkpoints=tmp_path), interrupted_after))
    after = list(learn(images, MASK, config(), checkpoints=tmp_path))
    ended = [[event for event in events if isinstance(event, EpochEnded)] for events in (before, after, whole)]
    assert len(ended[0]) + len(ended[1]) == len(ended[2])
    resumed, expected = learned(after), learned(whole)
    np.testing.assert_array_equal(features(resumed), features(expected))
    np.testing.assert_array_equal(resumed.clusters[NAME], expected.clusters[NAME])
    np.testing.assert_array_equal(resumed.confidence, expected.confidence)
    for name, weight in expected.weights.items():
        assert torch.equal(resumed.weights[name], weight), name


def test_another_seed_gives_other_features(whole: list[object], images: np.ndarray, tmp_path: Path) -> None:
    other = config().with_settings({"seed": 1})
    found = learned(learn(images, MASK, other, checkpoints=tmp_path))
    expected = learned(whole)
    assert not np.allclose(features(found), features(expected), atol=1e-3)
    for name in ("discriminant.axes", "network.features.weight"):
        assert not torch.allclose(found.weights[name], expected.weights[name], rtol=1e-2), name


def test_global_random_numbers_are_left_alone(images: np.ndarray, tmp_path: Path) -> None:
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    learned(learn(images, MASK, config(steps=2), checkpoints=tmp_path))
    assert torch.equal(torch.rand(2), expected)


@pytest.mark.parametrize("name", ["learning_rate", "temperature", "drawn_views", "ridge", "steps", "batch_size"])
def test_every_setting_of_the_training_matters(
    whole: list[object], images: np.ndarray, tmp_path: Path, name: str
) -> None:
    value = {"learning_rate": 0.01, "temperature": 1, "drawn_views": 5, "ridge": 5, "steps": 30, "batch_size": 30}[name]
    found = learned(learn(images, MASK, config(**{name: value}), checkpoints=tmp_path))
    assert not np.allclose(features(found), features(learned(whole)), atol=1e-3)


@pytest.mark.parametrize(
    "changes",
    [{"components": 1000}, {"components": 2}, {"batch_size": 2048}, {"steps": 0}, {"drawn_views": 2}, {"ridge": 0}],
    ids=lambda changes: "-".join(f"{name} {value}" for name, value in changes.items()),
)
def test_extreme_settings_find_the_classes_all_the_same(
    images: np.ndarray, tmp_path: Path, changes: dict[str, object]
) -> None:
    result = learned(learn(images, MASK, config(**changes), checkpoints=tmp_path))
    assert np.isfinite(features(result)).all()
    assert knn_purity(features(result), CLASSES, 5) > 0.8


def test_few_ions_of_a_small_section(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    mask = np.zeros((16, 16), dtype=bool)
    mask[7:9, 3:14] = True
    images = (rng.random((4, 16, 16)) * mask).astype(np.float32)
    result = learned(learn(images, mask, config(steps=3), checkpoints=tmp_path))
    assert np.isfinite(features(result)).all()
    assert ((result.confidence >= 0) & (result.confidence <= 1)).all()


@pytest.mark.parametrize("empty", [[3, 17], range(30)], ids=["some", "all"])
def test_empty_images_do_no_harm(images: np.ndarray, tmp_path: Path, empty: list[int]) -> None:
    some = images.copy()
    some[list(empty)] = 0
    result = learned(learn(some, MASK, config(steps=4), checkpoints=tmp_path))
    assert np.isfinite(features(result)).all()
    assert np.isfinite(result.confidence).all()
    full = np.delete(np.arange(30), list(empty))
    if len(full):
        assert knn_purity(features(result)[full], CLASSES[full], 5) > 0.9


def test_images_that_are_all_the_same_do_no_harm(images: np.ndarray, tmp_path: Path) -> None:
    result = learned(learn(images[[0] * 12], MASK, config(steps=4), checkpoints=tmp_path))
    assert np.isfinite(features(result)).all()
    np.testing.assert_allclose(features(result) @ features(result).T, 1, atol=1e-4)


def test_without_any_change_in_the_views_nothing_breaks(images: np.ndarray, tmp_path: Path) -> None:
    still = {f"views.{name}": 0 for name in ("mix", "contrast", "background", "gain", "lines", "pixels")}
    some = images.copy()
    some[:2] = 0
    result = learned(learn(some, MASK, config(steps=4, **still), checkpoints=tmp_path))
    assert np.isfinite(features(result)).all()
