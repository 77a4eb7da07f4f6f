"""What is set on the pages Prepare, Augment and Cluster is what the run gets."""

import hashlib
import json
import re
import time

import numpy as np
import pytest

from msiss.data.prepare import PrepareConfig, prepare
from msiss.errors import RunError
from msiss.home import runs_folder
from msiss.learn import estimate
from msiss.learn.methods import METHODS, preset_config
from msiss.learn.paper.config import AUGMENT_PRESETS, AugmentStrength
from msiss.learn.paper.encoders import B0
from msiss.learn.spatial.config import SpatialSettings, SpatialViewsConfig
from msiss.runs import engine
from msiss.runs.jobs import State, Status
from msiss.runs.labels import title_of_run
from msiss.runs.store import RunStore
from msiss.ui.train import cluster
from msiss.words import duration


@pytest.fixture
def submitted(monkeypatch):
    """Collect the runs that are handed to the engine, instead of training them."""
    runs = []
    monkeypatch.setattr(engine, "submit", runs.append)
    return runs


@pytest.fixture
def dataset(small_images, msiss_home):
    small_images.save(msiss_home / "datasets" / "small")
    return small_images


def on(app, page):
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    assert not app.error, app.error[0].value
    return app


def choose(app, method):
    on(app, "train/cluster").radio(key="method choice").set_value(method).run()
    assert app.session_state["settings"].method is method
    return app


def start(app):
    on(app, "train/cluster")
    app.number_input(key="setting clusters").set_value(3).run()
    app.button(key="start").click().run()
    assert not app.error, app.error[0].value


@pytest.mark.usefixtures("dataset")
def test_a_new_session_trains_by_the_method_msiss(open_page, submitted):
    start(open_page("train/cluster"))
    assert submitted[0].config == preset_config("msiss", clusters=3)


@pytest.mark.usefixtures("dataset")
def test_every_slider_reaches_the_run(open_page, submitted):
    app = on(choose(open_page("train/cluster"), "paper"), "data/prepare")
    app.session_state["prepare tab"] = "Intensities"
    app.run()
    app.selectbox(key="setting prepare.normalisation").select("rms").run()
    app.slider(key="setting prepare.hotspot_quantile").set_value(0.95).run()
    on(app, "train/augment")
    app.slider(key="setting contrastive.views.noise").set_value(0.35).run()
    app.slider(key="setting contrastive.views.blur_min").set_value((0.5, 1.5)).run()
    app.segmented_control(key="views").set_value("self_label.strong_views").run()
    app.slider(key="setting self_label.strong_views.rotation").set_value(20.0).run()
    start(app)
    config = submitted[0].config
    assert config.clusters == 3
    assert config.prepare.normalisation == "rms"
    assert config.prepare.hotspot_quantile == 0.95
    assert config.contrastive.views.noise == 0.35
    assert (config.contrastive.views.blur_min, config.contrastive.views.blur_max) == (0.5, 1.5)
    assert config.self_label.strong_views.rotation == 20
    untouched = preset_config("quick", clusters=3)
    assert config.self_label.weak_views == untouched.self_label.weak_views
    assert config.contrastive.epochs == untouched.contrastive.epochs


@pytest.mark.usefixtures("dataset")
def test_every_slider_of_the_views_of_msiss_reaches_the_run(open_page, submitted):
    app = open_page("train/augment")
    expected = {}
    for name, value in SpatialViewsConfig().model_dump().items():
        expected[name] = value / 2
        widgets = app.number_input if name.startswith("counts") else app.slider
        widgets(key=f"setting spatial.views.{name}").set_value(expected[name]).run()
    start(app)
    assert submitted[0].config.spatial.views == SpatialViewsConfig(**expected)


@pytest.mark.usefixtures("dataset")
def test_every_setting_of_msiss_reaches_the_run(open_page, submitted):
    app = open_page("train/cluster")
    expected = {}
    for name, value in SpatialSettings().model_dump(exclude={"views"}).items():
        key = f"setting spatial.{name}"
        widgets = app.slider if any(slider.key == key for slider in app.slider) else app.number_input
        expected[name] = value / 2 if isinstance(value, float) else value // 2
        widgets(key=key).set_value(expected[name]).run()
    app.number_input(key="setting neighbours").set_value(4).run()
    app.toggle(key="setting check").set_value(False).run()
    start(app)
    config = submitted[0].config
    assert not config.check
    assert config.spatial == SpatialSettings(**expected)
    assert config.neighbours == 4


@pytest.mark.usefixtures("dataset")
@pytest.mark.parametrize(
    ("method", "hidden"),
    [
        ("msiss", ("contrastive", "classifier", "self_label", "encoder", "batch_size")),
        ("paper", ("spatial",)),
    ],
)
def test_only_the_settings_of_the_chosen_method_are_shown(open_page, method, hidden):
    app = choose(open_page("train/cluster"), method)
    keys = [widget.key for kind in ("number_input", "slider", "selectbox") for widget in app.get(kind)]
    shown = {key.split()[1].split(".")[0] for key in keys if key.startswith("setting ")}
    assert {"clusters", "seed", "device", "prepare", "neighbours"} <= shown
    assert not shown & set(hidden)


@pytest.mark.usefixtures("dataset")
def test_the_time_a_training_takes_is_told_before_it_starts(open_page):
    app = open_page("train/cluster")
    assert sum("on two idle cores for 12 ion images" in one.value for one in app.markdown) == 1


def test_the_time_told_is_that_of_earlier_trainings_of_this_machine(open_page, finished_run):
    app = choose(open_page("train/cluster"), "paper")
    assert any("here, judging by earlier trainings, for 12 ion images" in one.value for one in app.markdown)
    status = finished_run.status
    slower = (status.finished - status.started) / estimate.seconds(finished_run.config, 12)
    told = duration(slower * estimate.seconds(app.session_state["settings"], 12))
    assert any(f"about **{told}** here" in one.value for one in app.markdown)
    about = app.radio(key="method choice").proto.captions[METHODS.names.index("paper")]
    assert about.endswith("here, judging by earlier trainings.")


@pytest.mark.usefixtures("dataset")
def test_the_settings_of_a_training_reach_it(open_page, submitted):
    app = choose(open_page("train/cluster"), "paper")
    app.number_input(key="setting seed").set_value(7)
    app.selectbox(key="setting device").select("cpu")
    app.number_input(key="setting contrastive.learning_rate").set_value(0.002)
    app.number_input(key="setting self_label.epochs").set_value(4)
    app.toggle(key="setting self_label.threshold_is_quantile").set_value(True)
    app.run()
    start(app)
    config = submitted[0].config
    assert (config.seed, config.device) == (7, "cpu")
    assert config.contrastive.learning_rate == 0.002
    assert config.self_label.epochs == 4
    assert config.self_label.threshold_is_quantile


@pytest.mark.usefixtures("dataset")
def test_a_preset_sets_everything_anew_but_what_no_preset_knows(open_page):
    app = choose(open_page("train/cluster"), "paper")
    app.number_input(key="setting clusters").set_value(5)
    app.number_input(key="setting seed").set_value(7)
    app.selectbox(key="setting device").select("cpu")
    app.number_input(key="setting contrastive.epochs").set_value(3).run()
    assert any("1 value changed" in one.value for one in app.caption)
    app.segmented_control(key="preset choice").set_value("paper").run()
    settings = app.session_state["settings"]
    assert settings == preset_config("paper", clusters=5, seed=7, device="cpu")
    assert app.number_input(key="setting contrastive.epochs").value == 50
    assert app.selectbox(key="setting encoder").value == B0
    assert any("downloaded once" in one.value for one in app.caption)


@pytest.mark.usefixtures("dataset")
def test_strengths_and_reset_set_the_views(open_page):
    app = on(choose(open_page("train/cluster"), "paper"), "train/augment")
    app.segmented_control(key="strength contrastive.views").set_value(AugmentStrength.STRONG).run()
    assert app.session_state["settings"].contrastive.views == AUGMENT_PRESETS[AugmentStrength.STRONG]
    app.slider(key="setting contrastive.views.noise").set_value(0.1).run()
    assert app.segmented_control(key="strength contrastive.views").value is None
    app.button(key="reset views").click().run()
    assert app.session_state["settings"].contrastive.views == AUGMENT_PRESETS[AugmentStrength.MEDIUM]


@pytest.mark.usefixtures("dataset")
def test_the_views_of_msiss_are_reset(open_page):
    app = open_page("train/augment")
    app.slider(key="setting spatial.views.gain").set_value(2.5).run()
    app.number_input(key="setting spatial.views.counts_min").set_value(7.0).run()
    app.button(key="reset views").click().run()
    assert app.session_state["settings"].spatial.views == SpatialViewsConfig()
    assert app.slider(key="setting spatial.views.gain").value == SpatialViewsConfig().gain


@pytest.mark.usefixtures("dataset")
@pytest.mark.parametrize("method", METHODS.names)
def test_the_preview_shows_each_chosen_ion_and_four_views_of_it(open_page, method):
    app = on(choose(open_page("train/cluster"), method), "train/augment")
    chosen = app.multiselect[0].value
    assert len(app.image) == 5 * len(chosen)


def test_the_preview_gets_all_ions_and_which_of_them_are_chosen(open_page, dataset, monkeypatch):
    seen = []

    def remember(images, chosen, mask, config, group, *, number, seed):
        seen.append((images, chosen, mask, config.value(group), seed))
        return np.zeros((len(chosen), number, *mask.shape), np.float32)

    monkeypatch.setattr("msiss.learn.spatial.views.preview", remember)
    app = open_page("train/augment")
    app.multiselect[0].set_value([2, 5]).run()
    next(button for button in app.button if button.label == "Draw other views").click().run()
    (images, chosen, mask, config, first), (*_, second) = seen[-2:]
    ready = prepare(dataset, PrepareConfig(side=32))
    np.testing.assert_array_equal(images, ready.images)
    assert chosen == [2, 5]
    np.testing.assert_array_equal(mask, ready.mask)
    assert config == SpatialViewsConfig()
    assert second == first + 1


def test_more_clusters_than_ions_are_refused_in_words(open_page, dataset, submitted):
    app = open_page("train/cluster")
    app.number_input(key="setting clusters").set_value(len(dataset)).run()
    app.button(key="start").click().run()
    assert "too few for 12 clusters" in app.error[0].value
    assert submitted == []
    assert list(RunStore(runs_folder())) == []


@pytest.mark.usefixtures("dataset")
def test_an_engine_that_cannot_start_is_said_in_words(open_page, monkeypatch):
    def refuse(run):
        raise RunError("The engine did not start.")

    monkeypatch.setattr(engine, "submit", refuse)
    app = open_page("train/cluster")
    app.button(key="start").click().run()
    assert app.error[0].value == "The engine did not start."


def test_the_same_request_is_answered_at_once(open_page, finished_run, submitted):
    app = open_page("train/cluster")
    app.session_state["settings"], app.session_state["preset"] = finished_run.config, "quick"
    app.run()
    app.button(key="start").click().run()
    assert submitted == []
    assert any("nothing is computed again" in info.value for info in app.info)
    assert app.query_params["run"] == finished_run.path.name


@pytest.mark.parametrize("state", [State.STOPPED, State.FAILED, State.LOST])
def test_an_unfinished_training_says_why_and_can_be_resumed(open_page, finished_run, submitted, state):
    finished_run.write_status(Status(state=state, message="The disk is full."))
    app = open_page("train/cluster")
    said = [*app.warning, *app.error]
    assert said[0].value == "The disk is full."
    app.button(key="resume").click().run()
    assert [run.path for run in submitted] == [finished_run.path]


def test_a_running_training_shows_how_far_it_is_and_can_be_stopped(open_page, finished_run):
    status = finished_run.status.model_copy(
        update={"state": State.RUNNING, "phase": "self-label", "fraction": 0.42, "seconds_left": 90.0}
    )
    finished_run.write_status(status)
    app = open_page("train/cluster")
    assert app.progress[0].value == 42
    assert app.progress[0].text == "42% – about 2 min left – on CPU"
    assert any(":blue-badge[:material/play_circle: 3 Self-labelling]" in one.value for one in app.markdown)
    assert not any("Discriminant" in one.value for one in app.markdown)
    app.button(key="stop").click().run()
    assert finished_run.stop_requested()
    assert any("Stopping" in one.value for one in app.caption)


def test_a_running_training_of_msiss_shows_its_own_phases(open_page, dataset, msiss_home):
    run = RunStore(runs_folder()).create(
        dataset=msiss_home / "datasets" / "small",
        fingerprint=dataset.fingerprint,
        config=preset_config("msiss", clusters=3),
    )
    run.write_status(Status(state=State.RUNNING, phase="contrastive", fraction=0.5, heartbeat=time.time()))
    app = open_page("train/cluster")
    (phases,) = (one.value for one in app.markdown if "play_circle" in one.value)
    assert re.findall(r"-badge\[:material/\w+: (.+?)\]", phases) == [
        "Prepare",
        "1 Measures",
        "2 Small network",
        "Maps",
        "Checks",
    ]
    assert ":blue-badge[:material/play_circle: 2 Small network]" in phases


def test_a_training_that_waits_is_looked_after_and_stopped_at_once(open_page, finished_run, monkeypatch):
    looked_after = []
    monkeypatch.setattr(engine, "submit_waiting", looked_after.append)
    finished_run.write_status(Status(state=State.QUEUED, heartbeat=0.0))
    app = open_page("train/cluster")
    assert [run.path for run in looked_after] == [finished_run.path]
    app.button(key="stop").click().run()
    assert finished_run.status.state is State.STOPPED
    assert finished_run.stop_requested()


def test_after_a_refusal_the_rest_of_the_page_is_still_there(open_page, finished_run, submitted):
    app = open_page("train/cluster")
    app.number_input(key="setting clusters").set_value(50).run()
    app.button(key="start").click().run()
    assert "too few for 50 clusters" in app.error[0].value
    assert submitted == []
    assert app.button(key="start")


@pytest.mark.parametrize("page", ["train/cluster", "explore/map", "data/open"])
def test_an_empty_status_empties_no_page(open_page, finished_run, page):
    (finished_run.path / "status.json").write_text("")
    app = open_page(page)
    assert ":red-badge[damaged]" in [one.value for one in app.sidebar.markdown]
    if page == "explore/map":
        assert "is damaged" in app.warning[0].value
    if page == "train/cluster":
        assert app.button(key="resume")


def test_settings_of_a_later_version_are_told(open_page, finished_run):
    request = json.loads((finished_run.path / "config.json").read_text())
    request["config"]["colour"] = "blue"
    (finished_run.path / "config.json").write_text(json.dumps(request))
    app = open_page("train/cluster")
    assert any("does not know: config.colour" in one.value for one in app.caption)


def test_a_training_starts_from_the_encoder_of_another_data_set(
    open_page, finished_run, submitted, small_images, msiss_home
):
    (finished_run.path / "results" / "weights.safetensors").write_bytes(b"weights")
    app = choose(open_page("train/cluster"), "paper")
    assert not [one for one in app.selectbox if one.key == "start choice"]  # its own data
    other = small_images.subset(range(11))
    other.save(msiss_home / "datasets" / "other")
    app = choose(open_page("train/cluster", dataset="other"), "paper")
    picked = app.selectbox(key="start choice")
    name = hashlib.sha256(b"weights").hexdigest()
    assert picked.options == ["ImageNet (photographs)", f"small: {title_of_run(finished_run)}"]
    picked.select(name).run()
    assert (msiss_home / "encoders" / f"{name}.safetensors").read_bytes() == b"weights"
    finished_run.delete()
    start(app)
    (run,) = submitted
    assert (run.config.start, run.config.encoder) == (name, finished_run.config.encoder)
    assert f"started from the encoder {name[:8]}" in cluster.summary(run)
    assert app.selectbox(key="start choice").options[1].startswith(f"weights {name[:8]}")
    app.selectbox(key="start choice").select("").run()
    assert app.session_state["settings"].start == ""
