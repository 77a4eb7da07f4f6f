"""The local engine: found again, queueing, and runs that survive everything but a stop."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from msiss.data.ion_images import IonImages
from msiss.data.phantom import make_phantom
from msiss.errors import RunError
from msiss.learn.config import RunConfig
from msiss.runs import engine
from msiss.runs.imports import ImportRequest, ImportStore, Training
from msiss.runs.jobs import State
from msiss.runs.store import Run, RunStore

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MSISS_HOME", str(folder))
        patch.delenv("MSISS_SCHEDULER", raising=False)
        make_phantom(shape=(24, 30), ions=20).images.save(folder / "datasets" / "phantom")
        yield folder
        engine.shut_down()


def request(seed: int, epochs: int = 1) -> RunConfig:
    """Return the settings of two short phases and one of `epochs`."""
    return RunConfig(clusters=3, seed=seed).with_settings(
        {
            "contrastive.epochs": 2,
            "classifier.epochs": 1,
            "self_label.epochs": epochs,
            "prepare.side": 64,
            "neighbours": 3,
        }
    )


def wait_for(run: object, *states: State, seconds: float = 120) -> State:
    deadline = time.monotonic() + seconds
    while (state := run.status.state) not in states:  # type: ignore[attr-defined]
        assert time.monotonic() < deadline, f"still {state}: {run.status}"  # type: ignore[attr-defined]
        time.sleep(0.05)
    return state


def epochs(run: Run, phase: str) -> list[int]:
    return [event["epoch"] for event in run.events("EpochEnded") if event["phase"] == phase]


def wait_for_epochs(run: Run, phase: str, number: int, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while len(epochs(run, phase)) < number:
        assert time.monotonic() < deadline, run.status
        time.sleep(0.05)


def create(home: Path, seed: int, epochs: int = 1):
    dataset = home / "datasets" / "phantom"
    return RunStore(home / "runs").create(
        dataset=dataset, fingerprint=IonImages.load(dataset).fingerprint, config=request(seed, epochs)
    )


def test_queue_stop_kill_and_resume(home: Path) -> None:
    first, second, third = (create(home, seed, epochs=500) for seed in range(3))
    for run in (first, second, third):
        engine.submit(run)
    wait_for(first, State.RUNNING)
    scheduler_file = (home / "engine" / f"scheduler-{engine.code_version()}.json").read_text()

    # One device: the others wait; a queued run can be stopped, and so can the running one.
    assert second.status.state == State.QUEUED
    second.request_stop()
    assert second.status.state == State.STOPPED
    first.request_stop()
    wait_for(first, State.STOPPED)
    wait_for(third, State.RUNNING)

    # A worker that is killed comes back and takes its run up again: what phases have ended is not trained twice.
    wait_for_epochs(third, "self-label", 1)
    os.kill(_worker_pid(), signal.SIGKILL)
    wait_for_epochs(third, "self-label", len(epochs(third, "self-label")) + 2)
    assert len([event for event in third.events("PhaseStarted") if event["phase"] == "prepare"]) == 2
    assert epochs(third, "contrastive") == [1, 2]
    assert epochs(third, "classifier") == [1]
    third.request_stop()
    wait_for(third, State.STOPPED)

    # The engine is found again rather than started twice, and a short run ends.
    last = create(home, 7)
    engine.submit(last)
    wait_for(last, State.DONE, State.FAILED)
    assert last.status.state == State.DONE
    assert (home / "engine" / f"scheduler-{engine.code_version()}.json").read_text() == scheduler_file
    engine.submit(last)
    assert last.status.state == State.DONE


def _worker_pid() -> int:
    with engine.connect() as client:
        workers = client.scheduler_info(n_workers=-1)["workers"]
        address = next(address for address, worker in workers.items() if engine.TRAINING in worker["resources"])
        return int(client.run(os.getpid, workers=[address])[address])


def test_an_unreachable_scheduler_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSISS_SCHEDULER", "tcp://127.0.0.1:9")
    monkeypatch.setattr(engine, "CONNECT_SECONDS", 1)
    with pytest.raises(RunError, match=r"cannot reach the scheduler at tcp://127\.0\.0\.1:9"):
        engine.submit(create(home, 8))


def test_an_import_does_not_wait_behind_a_training(home: Path) -> None:
    training = create(home, 9, epochs=500)
    engine.submit(training)
    wait_for(training, State.RUNNING)
    request = ImportRequest(files=(home / "datasets" / "phantom",), name="again", library=home / "datasets")
    job = ImportStore(home / "imports").create(request)
    engine.submit(job)
    wait_for(job, State.DONE, State.FAILED)
    assert job.datasets() == ["again"]
    assert training.status.state == State.RUNNING
    training.request_stop()
    wait_for(training, State.STOPPED)


def test_workers_with_old_code_are_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "msiss"
    (package / "data").mkdir(parents=True)
    (package / "ui").mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.setattr("msiss.__file__", str(package / "__init__.py"))
    versions = []
    for name in ("ui/page.py", "data/reader.py"):
        versions.append(engine.code_version.__wrapped__())
        (package / name).write_text("new = True\n")
    versions.append(engine.code_version.__wrapped__())
    assert versions[0] == versions[1] != versions[2]


def test_a_cluster_without_a_place_for_imports_does_them_on_its_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    class Cluster:
        def __init__(self, *resources: str) -> None:
            self.resources = resources

        def scheduler_info(self, n_workers: int) -> dict:
            assert n_workers == -1  # all of them
            return {"workers": {number: {"resources": {name: 1}} for number, name in enumerate(self.resources)}}

    monkeypatch.setenv("MSISS_SCHEDULER", "tcp://lab:8786")
    assert not engine._offers(Cluster("DEVICE"), engine.IMPORT)
    assert engine._offers(Cluster("DEVICE", "IMPORT"), engine.IMPORT)


def test_a_training_follows_the_import_that_wants_it(home: Path) -> None:
    follows = Training(config=request(seed=77), runs=home / "runs")
    job = ImportStore(home / "imports").create(
        ImportRequest(files=(home / "datasets" / "phantom",), name="chosen", library=home / "datasets", train=follows)
    )
    engine.submit(job)
    assert wait_for(job, State.DONE, State.FAILED) == State.DONE
    (run,) = (run for run in RunStore(home / "runs") if run.request.dataset == home / "datasets" / "chosen")
    assert wait_for(run, State.DONE, State.FAILED) == State.DONE
    assert run.config == follows.config
