"""What is set on the pages Prepare, Augment and Cluster is what the run gets."""

import pytest

from msiss.errors import RunError
from msiss.home import runs_folder
from msiss.learn.config import AUGMENT_PRESETS, AugmentStrength, Encoder, Preset, RunConfig
from msiss.runs import engine
from msiss.runs.jobs import State, Status
from msiss.runs.store import RunStore


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


def start(app):
    on(app, "train/cluster")
    app.number_input(key="setting clusters").set_value(3).run()
    app.button(key="start").click().run()
    assert not app.error, app.error[0].value


@pytest.mark.usefixtures("dataset")
def test_every_slider_reaches_the_run(open_page, submitted):
    app = open_page("data/prepare")
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
    untouched = RunConfig.from_preset(Preset.QUICK, clusters=3)
    assert config.self_label.weak_views == untouched.self_label.weak_views
    assert config.contrastive.epochs == untouched.contrastive.epochs


@pytest.mark.usefixtures("dataset")
def test_the_settings_of_a_training_reach_it(open_page, submitted):
    app = open_page("train/cluster")
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
    app = open_page("train/cluster")
    app.number_input(key="setting clusters").set_value(5).run()
    app.number_input(key="setting contrastive.epochs").set_value(3).run()
    assert any("1 value changed" in one.value for one in app.caption)
    app.segmented_control(key="preset choice").set_value(Preset.PAPER).run()
    settings = app.session_state["settings"]
    assert settings == RunConfig.from_preset(Preset.PAPER, clusters=5)
    assert app.number_input(key="setting contrastive.epochs").value == 50
    assert app.selectbox(key="setting encoder").value == Encoder.EFFICIENTNET_B0
    assert any("downloaded once" in one.value for one in app.caption)


@pytest.mark.usefixtures("dataset")
def test_strengths_and_reset_set_the_views(open_page):
    app = open_page("train/augment")
    app.segmented_control(key="strength contrastive.views").set_value(AugmentStrength.STRONG).run()
    assert app.session_state["settings"].contrastive.views == AUGMENT_PRESETS[AugmentStrength.STRONG]
    app.slider(key="setting contrastive.views.noise").set_value(0.1).run()
    assert app.segmented_control(key="strength contrastive.views").value is None
    app.button(key="reset views").click().run()
    assert app.session_state["settings"].contrastive.views == AUGMENT_PRESETS[AugmentStrength.MEDIUM]


@pytest.mark.usefixtures("dataset")
def test_the_preview_shows_each_chosen_ion_and_four_views_of_it(open_page):
    app = open_page("train/augment")
    chosen = app.multiselect[0].value
    assert len(app.image) == 5 * len(chosen)


def test_more_clusters_than_ions_are_refused_in_words(open_page, dataset, submitted):
    app = open_page("train/cluster")
    app.number_input(key="setting clusters").set_value(len(dataset)).run()
    app.button(key="start").click().run()
    assert "too few for 12 clusters" in app.error[0].value
    assert submitted == []
    assert list(RunStore(runs_folder())) == []


@pytest.mark.usefixtures("dataset")
def test_an_engine_that_cannot_start_is_said_in_words(open_page, monkeypatch):
    def refuse(run):  # noqa: ARG001
        raise RunError("The engine did not start.")

    monkeypatch.setattr(engine, "submit", refuse)
    app = open_page("train/cluster")
    app.button(key="start").click().run()
    assert app.error[0].value == "The engine did not start."


def test_the_same_request_is_answered_at_once(open_page, finished_run, submitted):
    app = open_page("train/cluster")
    app.session_state["settings"] = finished_run.config
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
    assert any("**:material/play_circle:\u00a03\u00a0Self-labelling**" in one.value for one in app.markdown)
    app.button(key="stop").click().run()
    assert finished_run.stop_requested()
    assert any("Stopping" in one.value for one in app.caption)


def test_a_training_that_waits_is_stopped_at_once(open_page, finished_run, submitted):
    finished_run.write_status(Status(state=State.QUEUED, heartbeat=0.0))
    app = open_page("train/cluster")
    app.button(key="resume").click().run()
    assert [run.path for run in submitted] == [finished_run.path]
    app.button(key="stop").click().run()
    assert finished_run.status.state is State.STOPPED
    assert finished_run.stop_requested()


def test_a_training_is_deleted_after_a_second_click(open_page, finished_run):
    app = open_page("train/cluster")
    app.button(key=f"delete {finished_run.path.name}").click().run()
    assert not finished_run.path.exists()
    assert app.query_params == {"dataset": "small"}


def test_after_a_refusal_the_rest_of_the_page_is_still_there(open_page, finished_run, submitted):
    app = open_page("train/cluster")
    app.number_input(key="setting clusters").set_value(50).run()
    app.button(key="start").click().run()
    assert "too few for 50 clusters" in app.error[0].value
    assert submitted == []
    assert app.button(key=f"delete {finished_run.path.name}")
