"""One run from request to results: complete, stoppable, resumable, and honest about failures."""

import json
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from filelock import FileLock
from helpers import HANG_SECONDS
from safetensors import safe_open

from msiss.analyse.context import contextual_vectors
from msiss.analyse.measures.fusion import spread
from msiss.analyse.representations import IMAGE_VECTORS, JOINT, REPRESENTATIONS, WITH_NEIGHBOURS, measure_names
from msiss.data.ion_images import IonImages
from msiss.data.prepare import prepare
from msiss.errors import RunError
from msiss.learn import estimate
from msiss.learn.events import Step
from msiss.learn.paper.config import PaperConfig
from msiss.learn.spatial.config import NAME, SpatialConfig
from msiss.phantom.section import make_phantom
from msiss.runs import worker
from msiss.runs.jobs import State, Status, remove_folder
from msiss.runs.store import Run
from msiss.runs.worker import TrainingReporter, execute

TINY = {
    "contrastive.epochs": 1,
    "classifier.epochs": 2,
    "self_label.epochs": 1,
    "prepare.side": 64,
    "device": "cpu",
    "neighbours": 3,
}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "phantom"
    make_phantom(shape=(24, 30), ions=20).images.save(folder)
    return folder


def new_run(path: Path, dataset: Path, **changes: object) -> Run:
    config = PaperConfig(clusters=3).with_settings(TINY | changes)
    return Run.create(path, dataset=dataset, fingerprint=IonImages.load(dataset).fingerprint, config=config)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, dataset: Path) -> Run:
    run = new_run(tmp_path_factory.mktemp("runs") / "done", dataset)
    execute(run.path)
    return run


def test_results_are_complete(done: Run, dataset: Path) -> None:
    images = IonImages.load(dataset)
    assert done.status.state == State.DONE
    assert done.status.fraction == 1
    assert done.status.device == "CPU"
    table = done.clusters()
    np.testing.assert_array_equal(table["mz"], images.mz)
    assert list(table["name"]) == list(images.names)
    for name in done.representations:
        features = done.features(name)
        assert len(features) == 20
        assert features.dtype == np.float32
        assert set(table[name]) <= {0, 1, 2}
    assert table["confidence"].between(1 / 3, 1).all()
    with safe_open(done.path / "results" / "weights.safetensors", framework="np") as weights:
        assert weights.get_tensor("classifier.weight").shape == (3, 1280)
    assert not (done.path / "checkpoints").exists()


def test_the_clusters_of_every_epoch_are_kept(done: Run) -> None:
    history = done.history()
    assert history is not None
    assert history.clusters.shape == (2, len(done.clusters()))
    assert history.confidence.shape == (len(done.clusters()),)
    assert set(np.unique(history.clusters)) <= set(range(-1, done.config.clusters))


def test_what_was_trained_and_the_measures_to_compare_with_have_maps(done: Run) -> None:
    maps = done.maps()
    mapped = (*done.config.trained, IMAGE_VECTORS, JOINT)
    assert set(maps["representation"]) == set(mapped)
    for name in mapped:
        for method in ("umap", "tsne"):
            points = maps[(maps["representation"] == name) & (maps["method"] == method)]
            assert list(points["ion"]) == list(range(20))
            assert np.isfinite(points[["x", "y"]]).all(axis=None)


@pytest.mark.parametrize("name", measure_names())
def test_measures_without_training_are_those_of_the_cleaned_images(done: Run, dataset: Path, name: str) -> None:
    from msiss.analyse.measures import vectors
    from msiss.data.prepare import clean

    images = IonImages.load(dataset)
    expected = vectors(name, clean(images, done.config.prepare), images.mask)
    np.testing.assert_allclose(done.features(name), expected, atol=1e-5)


def test_a_run_by_msiss_is_complete_and_its_weights_encode_again(tmp_path: Path, dataset: Path) -> None:
    import torch
    from safetensors.torch import load_file

    from msiss.learn.spatial.network import PlaceNetwork
    from msiss.learn.spatial.scales import Scales
    from msiss.learn.spatial.training import features_of, fit_measures
    from msiss.learn.spatial.views import box

    run = Run.create(
        tmp_path / "run",
        dataset=dataset,
        fingerprint=IonImages.load(dataset).fingerprint,
        config=SpatialConfig(clusters=3).with_settings({"spatial.steps": 2, "device": "cpu", "neighbours": 4}),
    )
    execute(run.path)
    assert run.status.state == State.DONE
    phases = [event["phase"] for event in run.events("PhaseStarted")]
    assert phases == ["prepare", "measures", "contrastive", "analyse", "check"]
    table = run.clusters()
    assert [name for name in table if name in set(REPRESENTATIONS.names)] == list(run.representations)
    assert table["confidence"].between(0, 1).all()
    prepared = prepare(IonImages.load(dataset), run.config.prepare)
    part = box(torch.from_numpy(prepared.mask))
    inside = torch.from_numpy(prepared.mask)[part]
    network = PlaceNetwork((inside.shape[0], inside.shape[1]))
    network.load_state_dict(load_file(run.path / "results" / "weights.safetensors"))
    stack = torch.from_numpy(prepared.images[:, None, *part])
    trained = features_of(network, Scales(inside), stack)
    measured = [measure(prepared.cleaned) for measure in fit_measures(prepared.cleaned, prepared.measured)]
    together = [*measured, trained / np.sqrt(spread(trained))]
    again = contextual_vectors(np.concatenate(together, axis=1), WITH_NEIGHBOURS)
    kept = run.features(NAME)
    assert kept.shape == (len(again), len(again))  # all that they span, instead of thousands of numbers each
    np.testing.assert_allclose(kept @ kept.T, again @ again.T, atol=1e-4)


def test_image_vector_features_keep_the_cosines_of_the_pixels(done: Run, dataset: Path) -> None:
    from msiss.analyse.similarity import cosine_similarity, image_vectors
    from msiss.data.prepare import clean

    images = IonImages.load(dataset)
    expected = cosine_similarity(image_vectors(clean(images, done.config.prepare), images.mask))
    found = cosine_similarity(done.features(IMAGE_VECTORS))
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_phases_are_reported_in_order(done: Run) -> None:
    phases = [event["phase"] for event in done.events("PhaseStarted")]
    assert phases == ["prepare", "contrastive", "classifier", "self-label", "analyse", "check"]
    assert all(np.isfinite(event["values"]["loss"]) for event in done.events("EpochEnded"))
    assert not done.events("Step")


def test_a_done_run_is_left_alone(done: Run) -> None:
    before = (done.path / "status.json").read_bytes()
    execute(done.path)
    assert (done.path / "status.json").read_bytes() == before


def test_stop_within_a_batch_then_resume_to_the_same_result(tmp_path: Path, dataset: Path, done: Run) -> None:
    run = new_run(tmp_path / "run", dataset)

    def stop_after_the_first_epoch() -> None:
        while not run.events("EpochEnded"):
            time.sleep(0.01)
        run.request_stop()

    watcher = threading.Thread(target=stop_after_the_first_epoch)
    watcher.start()
    execute(run.path)
    watcher.join()
    assert run.status.state == State.STOPPED
    assert len(run.events("PhaseStarted")) < 6
    assert (run.path / "checkpoints" / "contrastive.safetensors").exists()

    run.clear_stop()
    execute(run.path)
    assert run.status.state == State.DONE
    np.testing.assert_array_equal(run.clusters()["self-labelled"], done.clusters()["self-labelled"])


def test_a_stop_before_the_start_is_kept(tmp_path: Path, dataset: Path) -> None:
    run = new_run(tmp_path / "run", dataset)
    run.request_stop()
    assert run.status.state == State.STOPPED
    execute(run.path)
    assert run.status.state == State.STOPPED
    assert not run.events()


def test_a_run_that_another_process_trains_is_left_alone(tmp_path: Path, dataset: Path) -> None:
    run = new_run(tmp_path / "run", dataset)
    with FileLock(run.path / "lock"):
        thread = threading.Thread(target=execute, args=(run.path,))  # a lock is per thread
        thread.start()
        thread.join()
    assert run.status.state == State.QUEUED


def test_changed_data_fail_with_the_reason(tmp_path: Path, dataset: Path) -> None:
    run = new_run(tmp_path / "run", dataset)
    request = json.loads((run.path / "config.json").read_text())
    (run.path / "config.json").write_text(json.dumps(request | {"fingerprint": "other"}))
    execute(run.path)
    assert run.status.state == State.FAILED
    assert "has changed since" in run.status.message


def test_a_setting_that_does_not_fit_the_data_fails_with_the_reason(tmp_path: Path, dataset: Path) -> None:
    run = new_run(tmp_path / "run", dataset, clusters=50)
    execute(run.path)
    assert run.status.state == State.FAILED
    assert run.status.message.startswith("clusters: 50 clusters need more than 50 ion images")


def test_an_unexpected_error_is_kept_for_the_maintainer(
    tmp_path: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> None:
        raise ZeroDivisionError("surprise")

    monkeypatch.setattr("msiss.runs.worker.prepare", broken)
    run = new_run(tmp_path / "run", dataset)
    with pytest.raises(ZeroDivisionError):
        execute(run.path)
    assert run.status.state == State.FAILED
    assert "ZeroDivisionError: surprise" in run.status.message
    assert "in broken" in (run.path / "error.log").read_text()


def test_heartbeat_goes_on_during_a_long_step(tmp_path: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beats = []
    run = new_run(tmp_path / "run", dataset)

    def slow(*_args: object) -> None:
        deadline = time.monotonic() + HANG_SECONDS
        while len(beats) < 3 and time.monotonic() < deadline:
            beat = run.status.heartbeat
            if beat not in beats:
                beats.append(beat)
            time.sleep(0.005)
        raise ZeroDivisionError

    monkeypatch.setattr("msiss.runs.reporter.HEARTBEAT_SECONDS", 0.02)
    monkeypatch.setattr("msiss.runs.worker.prepare", slow)
    with pytest.raises(ZeroDivisionError):
        execute(run.path)
    assert len(beats) == 3


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


SPENT = estimate.Parts(prepare=10, training=40, analyse=10, retraining=30, check=10)  # percent of the time


@pytest.mark.parametrize("slower", [1, 3])
def test_the_time_left_is_that_of_the_whole_run(tmp_path: Path, dataset: Path, slower: int) -> None:
    run, clock = new_run(tmp_path / "run", dataset), Clock()
    with TrainingReporter(run, clock=clock) as reporter:

        def left_after(seconds: float, step: Step) -> float | None:
            clock.now += slower * seconds
            reporter.report(step)
            reporter.update()
            return run.status.seconds_left

        reporter.begin(SPENT.prepare, SPENT)
        clock.now += slower * 10
        reporter.begin(SPENT.training, SPENT)
        assert left_after(10, Step(0.25)) == pytest.approx(slower * 80)
        assert left_after(30, Step(1.0)) == pytest.approx(slower * 50)  # the training is over, the run is not
        reporter.begin(SPENT.analyse, SPENT)
        assert left_after(5, Step(0.5)) == pytest.approx(slower * 45)
        clock.now += slower * 5
        reporter.begin(SPENT.retraining + SPENT.check, SPENT)
        assert left_after(30, Step(0.75)) == pytest.approx(slower * 10)
        assert run.status.fraction == pytest.approx(0.9)


def test_what_an_earlier_process_trained_says_nothing_about_the_speed(tmp_path: Path, dataset: Path) -> None:
    run, clock = new_run(tmp_path / "run", dataset), Clock()
    with TrainingReporter(run, clock=clock) as reporter:
        reporter.begin(SPENT.prepare, SPENT)
        clock.now += 10
        reporter.begin(SPENT.training, SPENT)
        clock.now += 10
        reporter.report(Step(0.75, skipped=0.5))
        reporter.update()
        assert run.status.fraction == pytest.approx(0.4)
        assert run.status.seconds_left == pytest.approx(60)
        reporter.begin(SPENT.analyse, SPENT)
        clock.now += 20
        reporter.report(Step(1.0))
        reporter.update()
        assert run.status.seconds_left == pytest.approx(40)


def test_the_bar_grows_to_its_end(tmp_path: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []
    note = TrainingReporter.note
    monkeypatch.setattr(TrainingReporter, "note", lambda self, **it: (seen.append(it["fraction"]), note(self, **it)))
    execute(new_run(tmp_path / "run", dataset, check=True).path)
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1)


def test_a_run_of_another_version_is_not_trained_under_its_name(tmp_path: Path, dataset: Path) -> None:
    run = new_run(tmp_path / "run", dataset)
    request = json.loads((run.path / "config.json").read_text())
    (run.path / "config.json").write_text(json.dumps(request | {"method": "0123456789abcdef"}))
    execute(run.path)
    assert run.status.state == State.FAILED
    assert run.status.message.startswith("This run was created by another version of msiss")
    assert not run.events("PhaseStarted")


class Killed(BaseException):
    """The process ends here."""


LAST_WRITES = ((np, "save"), (pd.DataFrame, "to_parquet"), (worker, "appear"), (shutil, "rmtree"))


def test_a_finished_training_is_not_lost_at_its_last_writes(
    tmp_path: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch, done: Run
) -> None:
    """The process dies at each of them, one attempt after the other; with the last one, all is written."""
    run = new_run(tmp_path / "run", dataset)

    def die(*_args: object, **_more: object) -> None:
        raise Killed

    trained = []
    for place, name in LAST_WRITES:
        with monkeypatch.context() as patch:
            patch.setattr(place, name, die)
            with pytest.raises(Killed):
                execute(run.path)
        assert (run.path / "checkpoints").is_dir()
        assert (run.path / "results").is_dir() == (name == "rmtree")
        trained = trained or run.events("EpochEnded")
        assert run.events("EpochEnded") == trained != []
        run.write_status(Status(state=State.QUEUED))  # as if not even the status could be written
    execute(run.path)
    assert run.status.state == State.DONE
    assert run.events("EpochEnded") == trained
    assert not (run.path / "checkpoints").exists()
    assert list(run.path.glob(".*")) == []
    pd.testing.assert_frame_equal(run.clusters(), done.clusters())


def test_a_run_that_is_deleted_while_it_trains_leaves_nothing(tmp_path: Path, dataset: Path) -> None:
    run = new_run(tmp_path / "run", dataset, **{"contrastive.epochs": 1000})
    thread = threading.Thread(target=execute, args=(run.path,))
    thread.start()
    while not run.events("EpochEnded"):
        assert thread.is_alive()
        time.sleep(0.01)
    with pytest.raises(RunError, match="is running"):
        run.delete()
    remove_folder(run.path)  # as somebody does who does not ask
    thread.join()
    assert list(tmp_path.iterdir()) == []


def test_a_run_goes_on_where_its_data_set_lies_now(tmp_path: Path, dataset: Path) -> None:
    images = IonImages.load(dataset)
    images.save(tmp_path / "before")
    run = new_run(tmp_path / "run", tmp_path / "before")
    shutil.rmtree(tmp_path / "before")
    execute(run.path)
    assert run.status.state == State.FAILED
    images.save(tmp_path / "after")
    again = new_run(tmp_path / "run", tmp_path / "after")
    execute(again.path)
    assert again.status.state == State.DONE
    assert Run(run.path).request.dataset == tmp_path / "after"
