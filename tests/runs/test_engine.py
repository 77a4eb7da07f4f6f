"""The local engine: found again, queueing, and runs that survive everything but a stop."""

import contextlib
import gc
import json
import os
import shutil
import signal
import socket
import ssl
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from distributed import Client, Security
from helpers import HANG_SECONDS

from msiss.data.ion_images import IonImages
from msiss.errors import RunError
from msiss.learn.config import RunConfig
from msiss.learn.paper.config import PaperConfig
from msiss.phantom.section import make_phantom
from msiss.runs import engine
from msiss.runs.engine_client import EngineClient
from msiss.runs.engine_keys import security
from msiss.runs.imports import ImportRequest, ImportStore, RunToStart
from msiss.runs.jobs import State, Status
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
    return PaperConfig(clusters=3, seed=seed).with_settings(
        {
            "contrastive.epochs": 2,
            "classifier.epochs": 1,
            "self_label.epochs": epochs,
            "prepare.side": 64,
            "neighbours": 3,
        }
    )


def wait_for(run: object, *states: State, seconds: float = HANG_SECONDS) -> State:
    deadline = time.monotonic() + seconds
    while (state := run.status.state) not in states:  # type: ignore[attr-defined]
        assert time.monotonic() < deadline, f"still {state}: {run.status}"  # type: ignore[attr-defined]
        time.sleep(0.05)
    return state


def epochs(run: Run, phase: str) -> list[int]:
    return [event["epoch"] for event in run.events("EpochEnded") if event["phase"] == phase]


def wait_for_epochs(run: Run, phase: str, number: int, seconds: float = HANG_SECONDS) -> None:
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


def test_a_job_fails_with_the_reason_where_the_scheduler_cannot_be_reached(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MSISS_SCHEDULER", "tcp://127.0.0.1:9")
    monkeypatch.setattr(engine, "CONNECT_SECONDS", 1)
    run = create(home, 8)
    engine.submit(run)
    assert run.status.state == State.FAILED
    assert "cannot reach the scheduler at tcp://127.0.0.1:9" in run.status.message


def test_a_job_fails_with_the_reason_where_the_engine_cannot_start(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = create(home, 8)
    monkeypatch.setenv("MSISS_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    engine.submit(run)
    assert run.status.state == State.FAILED
    assert f"The engine could not start. Its logs are in {tmp_path / 'engine'}." in run.status.message


def processes(home: Path) -> list[psutil.Process]:
    """Return the processes of the engine in `home`: scheduler, nannies and workers."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # it has ended, or is none of ours
            if process.environ().get("MSISS_HOME") == str(home) and process.pid != os.getpid():
                found.append(process)
    return found


def of_role(home: Path, role: str) -> psutil.Process:
    """Return the scheduler, or the nanny of the worker of that name."""
    deadline = time.monotonic() + HANG_SECONDS
    while True:
        found = [one for one in processes(home) if {"msiss.runs.engine_process", role} <= set(_command(one))]
        if len(found) == 1:
            return found[0]
        # A process that starts another one has a child with its own command line for a moment.
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it has ended meanwhile
        return []


def page_of(address: str, port: int) -> bytes:
    """Ask for a web page as anybody could who reaches the port, without a certificate."""
    anyone = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((address, port), timeout=HANG_SECONDS) as plain,
        anyone.wrap_socket(plain) as secure,
    ):
        secure.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return secure.recv(100)


def test_nobody_but_this_account_can_speak_to_the_engine(home: Path) -> None:
    with engine.connect() as client:
        engine._start_missing_workers(client, {engine.IMPORT, engine.ANALYSIS, engine.TRAINING})
    sockets = [
        (one.laddr.ip, one.laddr.port)
        for process in processes(home)
        for one in process.net_connections("inet")
        if one.status == psutil.CONN_LISTEN
    ]
    assert len(sockets) == 1 + 3 * 2  # the scheduler; a nanny and its worker for each
    assert {address for address, _ in sockets} == {"127.0.0.1"}
    for address, port in sockets:
        with pytest.raises(ssl.SSLError):
            page_of(address, port)
    stranger = Security.temporary()
    scheduler = json.loads((home / "engine" / f"scheduler-{engine.code_version()}.json").read_text())["address"]
    for keys in (None, stranger):
        with pytest.raises((OSError, TypeError)):
            EngineClient(scheduler, timeout=5, security=keys)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "tls://127.0.0.1:9", "nonsense://lab"])
def test_nothing_is_left_of_a_client_that_cannot_connect(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("MSISS_SCHEDULER", address)
    monkeypatch.setattr(engine, "CONNECT_SECONDS", 0.2)
    gc.disable()
    try:
        with pytest.raises(RunError, match=f"cannot reach the scheduler at {address}: "):
            engine.connect()
        assert {one.status for one in gc.get_objects() if isinstance(one, Client)} == {"closed"}
    finally:
        gc.enable()


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_keys_that_others_can_have_read_are_made_anew(msiss_home: Path) -> None:
    security()
    folder = msiss_home / "engine" / "keys"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, *sorted(folder.iterdir()))] == [0o700, 0o600, 0o600]
    before = (folder / "key.pem").read_bytes()
    security()
    assert (folder / "key.pem").read_bytes() == before
    folder.chmod(0o755)
    security()
    assert (folder / "key.pem").read_bytes() != before
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_is_queued_survives_the_scheduler(home: Path) -> None:
    running, queued, stopped = (create(home, seed, epochs=500) for seed in (20, 21, 22))
    for run in (running, queued, stopped):
        engine.submit(run)
    wait_for(running, State.RUNNING)
    stopped.request_stop()
    of_role(home, "scheduler").kill()
    running.request_stop()  # two trainings at once are slow
    assert queued.status.state == State.QUEUED
    engine.submit_waiting()  # as anybody does who has something else to do
    wait_for(queued, State.RUNNING)
    assert stopped.status.state == State.STOPPED
    queued.request_stop()
    wait_for(queued, State.STOPPED)


def test_each_kind_of_work_gets_its_worker_back(home: Path) -> None:
    with engine.connect() as client:
        engine._start_missing_workers(client, {engine.TRAINING})
    nanny = of_role(home, "cpu")
    for process in (nanny, *nanny.children(recursive=True)):
        process.kill()
    psutil.wait_procs([nanny], timeout=HANG_SECONDS)
    request = ImportRequest(files=(home / "datasets" / "phantom",), name="meanwhile", library=home / "datasets")
    job = ImportStore(home / "imports").create(request)
    engine.submit(job)
    assert wait_for(job, State.DONE, State.FAILED) == State.DONE
    run = create(home, 31)
    engine.submit(run)
    assert wait_for(run, State.DONE, State.FAILED) == State.DONE


def test_what_was_queued_anew_or_stopped_is_not_done_under_its_old_ticket(home: Path) -> None:
    run = create(home, 40)
    run.write_status(Status(state=State.QUEUED, ticket="new"))
    engine.perform(Run, run.path, "old")
    assert run.status.state == State.QUEUED
    run.request_stop()
    engine.perform(Run, run.path, "new")
    assert run.status.state == State.STOPPED
    run.delete()
    engine.perform(Run, run.path, "new")
    assert not run.path.exists()


def test_the_queue_is_what_waits_in_the_folders(home: Path) -> None:
    first, second, elsewhere = (create(home, seed) for seed in (50, 51, 52))
    second.write_status(Status(state=State.QUEUED, ticket="b", heartbeat=2))
    first.write_status(Status(state=State.QUEUED, ticket="a", heartbeat=1))
    assert [job.path for job in engine.waiting()] == [first.path, second.path]
    assert elsewhere.status.state == State.QUEUED  # by `msiss run --here`, which needs no engine
    for run in (first, second, elsewhere):
        run.delete()


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
    monkeypatch.setattr("msiss.version.PACKAGE", package)
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
    follows = RunToStart(config=request(seed=77), runs=home / "runs")
    job = ImportStore(home / "imports").create(
        ImportRequest(files=(home / "datasets" / "phantom",), name="chosen", library=home / "datasets", train=follows)
    )
    engine.submit(job)
    assert wait_for(job, State.DONE, State.FAILED) == State.DONE
    (run,) = (run for run in RunStore(home / "runs") if run.request.dataset == home / "datasets" / "chosen")
    assert wait_for(run, State.DONE, State.FAILED) == State.DONE
    assert run.config == follows.config
