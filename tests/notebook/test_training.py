"""Training from a notebook: what is trained, kept and gone on with."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import msiss
from msiss.errors import DataError, RunError, SettingError
from msiss.home import datasets_folder, runs_folder
from msiss.learn.methods import preset_config
from msiss.learn.paper.config import PaperConfig
from msiss.notebook import training
from msiss.runs import store
from msiss.runs.jobs import State, Status
from msiss.runs.worker import execute

pytestmark = pytest.mark.usefixtures("msiss_home")


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the runs whose training was begun."""
    paths: list[Path] = []

    def watched(path: Path) -> None:
        paths.append(path)
        execute(path)

    monkeypatch.setattr("msiss.runs.worker.execute", watched)
    return paths


def test_settings_by_dotted_name_are_in_the_run(run: msiss.Run, tiny: dict[str, Any]) -> None:
    flat = run.config.flat()
    assert {name: flat[name] for name in tiny if name != "preset"} == {
        name: value for name, value in tiny.items() if name != "preset"
    }
    assert run.config.self_label.threshold_is_quantile  # the preset's
    assert (run.config.clusters, run.config.seed) == (3, 0)


def test_the_same_request_gives_the_run_at_once(
    run: msiss.Run, images: msiss.IonImages, tiny: dict[str, Any], begun: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    again = msiss.cluster(images, 3, folder=str(run.folder), **tiny)
    assert begun == []
    assert again.folder == run.folder
    assert f"This run was done before: {run.folder}" in capsys.readouterr().err
    with pytest.raises(RunError, match="contains a run of other data or settings"):
        msiss.cluster(images, 4, folder=run.folder, **tiny)


def test_a_folder_of_images_and_a_whole_configuration(
    small_images: msiss.IonImages, tmp_path: Path, tiny: dict[str, Any], begun: list[Path],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    small_images.save(tmp_path / "images")
    settings = {name: value for name, value in tiny.items() if name != "preset"}
    config = preset_config("quick", clusters=2, seed=5).with_settings(settings)
    run = msiss.cluster(tmp_path / "images", config=config)
    assert run.config == config
    assert run.stored.request.dataset == tmp_path / "images"
    assert run.folder.parent == runs_folder()
    assert begun == [run.folder]
    said = capsys.readouterr().err
    assert "analyse" in said or "prepare" in said or "contrastive" in said
    assert "\n100% trained\n" in said
    assert said.endswith(f"\nDone on CPU: {run.folder}\n")
    assert set(run.table()["cluster"]) <= {0, 1}  # so short a training may leave one empty


def test_arrays_become_a_data_set_that_the_dashboard_shows(
    small_images: msiss.IonImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_train", lambda *_: None)
    arrays = msiss.IonImages.from_arrays(small_images.images.astype(float), small_images.mz.tolist())
    run = msiss.cluster(arrays, clusters=3)
    assert run.stored.request.dataset == datasets_folder() / "images"
    assert run.config == preset_config("msiss", clusters=3)
    assert run.images is arrays


def test_what_the_recipe_says_of_intensities_stays_unless_a_setting_says_otherwise(
    small_images: msiss.IonImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_train", lambda *_: None)
    images = replace(small_images, recipe={"prepare": {"normalisation": "tic", "side": 96}})
    config = msiss.cluster(images, clusters=3, **{"prepare.side": 128}).config
    assert (config.prepare.normalisation, config.prepare.side) == ("tic", 128)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "clusters is missing"),
        ({"clusters": 1}, "clusters: Input should be greater than or equal to 2"),
        ({"clusters": 3, "preset": "slow"}, "There is no preset named slow. There are: msiss, quick, paper"),
        ({"clusters": 3, "epochs": 3}, "There is no setting named epochs"),
        ({"clusters": 4, "config": PaperConfig(clusters=3)}, "clusters is 4, but config says 3"),
    ],
)
def test_wrong_arguments_are_named(small_images, given: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        msiss.cluster(small_images, **given)
    assert not datasets_folder().exists()


def test_bare_arrays_are_refused_with_what_to_do(small_images) -> None:
    with pytest.raises(DataError, match=r"images is ndarray, .* by msiss\.IonImages\.from_arrays\(images, mz\)"):
        msiss.cluster(small_images.images, clusters=3)


def test_an_interrupt_stops_and_the_same_call_goes_on(
    small_images: msiss.IonImages, monkeypatch: pytest.MonkeyPatch, tiny: dict[str, Any]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(training.ProgressLine, "show", interrupted)
        with pytest.raises(KeyboardInterrupt, match="The same call goes on where it was"):
            msiss.cluster(small_images, clusters=2, **tiny)
    (stopped,) = store.RunStore(runs_folder())
    assert stopped.status.state == State.STOPPED
    run = msiss.cluster(small_images, clusters=2, **tiny)
    assert run.folder == stopped.path
    assert len(run.table()) == 12


def test_a_training_that_fails_says_why(
    small_images: msiss.IonImages, monkeypatch: pytest.MonkeyPatch, tiny: dict[str, Any]
) -> None:
    monkeypatch.setattr("msiss.runs.worker.method_version", lambda: "another")
    with pytest.raises(RunError, match="created by another version of msiss"):
        msiss.cluster(small_images, clusters=2, progress=False, **tiny)


def test_a_run_that_another_process_trains_is_watched(
    finished_run: store.Run, small_images: msiss.IonImages, monkeypatch: pytest.MonkeyPatch, begun: list[Path]
) -> None:
    """Its interrupt stops the watching, not the other's training."""
    done = finished_run.status
    states = iter([State.RUNNING, State.RUNNING, State.RUNNING])

    def status(_: store.Run) -> Status:
        return done.model_copy(update={"state": next(states, State.DONE)})

    monkeypatch.setattr(store.Run, "status", property(status))
    run = msiss.cluster(small_images, config=finished_run.config)
    assert run.folder == finished_run.path
    assert begun == []
    states = iter([State.RUNNING] * 3)
    monkeypatch.setattr("msiss.runs.following.time.sleep", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt, match="The other process goes on"):
        msiss.cluster(small_images, config=finished_run.config)
    assert not finished_run.stop_requested()
