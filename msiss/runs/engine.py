"""The engine: Dask runs the trainings, one at a time per device, the imports and what pages ask, outside the dashboard.

By default msiss starts a scheduler, one single-threaded worker per device, one for imports and one for what pages ask,
which need not wait for a training, as detached processes on this machine, and finds them again through a scheduler
file, so that a run outlives the dashboard. Where ``MSISS_SCHEDULER`` holds the address of a Dask scheduler, that
cluster is used instead: its workers need msiss, the folders of msiss under the same paths, and a ``DEVICE`` each
(``dask worker ADDRESS --nthreads 1 --resources DEVICE=1``). Imports go to workers with an ``IMPORT`` (``--resources
IMPORT=1``), and what pages ask to workers with an ``ANALYSIS``, where there are any.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msiss
from msiss.errors import RunError
from msiss.home import engine_folder, made
from msiss.runs.jobs import ANALYSIS, IMPORT, TRAINING, Job, State, Status

if TYPE_CHECKING:
    from distributed import Client

Found = TypeVar("Found")

START_SECONDS = 60  # for a scheduler and its workers to come up on a busy machine
CONNECT_SECONDS = 5
# What Dask sets for its workers suits many small tasks: one thread each, and memory given back at once. A training is
# one large task that needs the same gigabytes again at every step, so it takes all cores, keeps its memory, and lets
# waiting threads give up their core rather than spin, which slows it down as soon as anything else runs.
WORKER_ENVIRONMENT = {
    "OMP_NUM_THREADS": str(os.cpu_count() or 1),
    "OMP_WAIT_POLICY": "PASSIVE",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": str(2**32),
    "MALLOC_MMAP_THRESHOLD_": str(2**32),
}
IDLE_SECONDS = 3600  # a local engine without work ends by itself


def submit(job: Job) -> None:
    """Queue a job, or queue it again after it was stopped, failed or lost: a run resumes from its checkpoints.

    A job that is done or being worked on is left alone.

    Raises
    ------
    RunError
        Where the engine cannot be reached or started.
    """
    if job.status.state in (State.DONE, State.RUNNING):
        return
    job.clear_stop()
    job.write_status(Status(state=State.QUEUED, heartbeat=time.time()))
    from distributed import fire_and_forget

    with connect() as client:
        key = f"msiss-{job.path.name}-{uuid.uuid4().hex[:8]}"  # a used key would answer with its old outcome
        module, _, function = job.work.partition(":")
        work = getattr(import_module(module), function)
        resource = job.resource if _offers(client, job.resource) else TRAINING
        future = client.submit(work, job.path.resolve(), key=key, resources={resource: 1}, pure=False)
        fire_and_forget(future)
        _wait_until(lambda: client.run_on_scheduler(_knows, key), f"accept the {job.noun}")


def _offers(client: "Client", resource: str) -> bool:
    """Tell whether a worker offers a resource; the local engine's does, as soon as it is there."""
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    return not os.environ.get("MSISS_SCHEDULER") or any(resource in worker["resources"] for worker in workers)


def shut_down() -> None:
    """End the local engine of this version with its workers; runs that it was training can be resumed later."""
    client = _client(_scheduler_file())
    if client is not None:
        with client:
            client.shutdown()


def _knows(key: str, dask_scheduler: object = None) -> bool:
    return key in dask_scheduler.tasks  # type: ignore[attr-defined]


def connect() -> "Client":
    """Return a client of the lab's cluster, or of the local engine, which is started where it is not running."""
    address = os.environ.get("MSISS_SCHEDULER")
    if not address:
        return _local_client()
    from distributed import Client

    try:
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise RunError(
            f"msiss cannot reach the scheduler at {address}: {error}. Ask the person who maintains this server."
        ) from error


def _local_client() -> "Client":
    """Return a client of the local engine of this version, starting the engine where it does not answer."""
    file = _scheduler_file()
    client = _client(file)
    if client is not None:
        return client
    made(engine_folder())
    starting = file.with_suffix(".starting")
    if starting.exists() and time.time() - starting.stat().st_mtime > START_SECONDS:
        starting.unlink(missing_ok=True)  # whoever was starting it is gone
    try:
        starting.touch(exist_ok=False)
    except FileExistsError:  # another session is starting it right now
        return _wait_until(lambda: _client(file), "start")
    try:
        file.unlink(missing_ok=True)
        _start_local_engine(file)
        return _wait_until(lambda: _client(file), "start")
    finally:
        starting.unlink(missing_ok=True)


def _scheduler_file() -> Path:
    return engine_folder() / f"scheduler-{code_version()}.json"


@cache
def code_version() -> str:
    """Return a digest of the code that workers run, so that new code never goes to workers that hold the old one."""
    package = Path(msiss.__file__).parent
    digest = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        if "ui" not in source.relative_to(package).parts:
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _start_local_engine(file: Path) -> None:
    _detach(
        "scheduler",
        *["scheduler", "--scheduler-file", str(file), "--host", "127.0.0.1", "--port", "0", "--no-dashboard"],
        *["--idle-timeout", str(IDLE_SECONDS)],
    )
    for name, resource in (("import", IMPORT), ("analysis", ANALYSIS)):
        _start_worker(file, name, resource, CUDA_VISIBLE_DEVICES="")
    for device in _gpus():
        _start_worker(file, f"gpu-{device}", TRAINING, CUDA_VISIBLE_DEVICES=device)
    if not _gpus():
        _start_worker(file, "cpu", TRAINING)


def _start_worker(file: Path, name: str, resource: str, **environment: str) -> None:
    _detach(
        name,
        *["worker", "--scheduler-file", str(file), "--name", name, "--nthreads", "1", "--resources", f"{resource}=1"],
        *["--no-dashboard", "--memory-limit", "0", "--local-directory", str(engine_folder())],
        **environment,
    )


def _detach(name: str, *arguments: str, **environment: str) -> None:
    """Start a Dask process that lives on when this one ends, with its own log."""
    with (engine_folder() / f"{name}.log").open("ab") as log:
        subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=WORKER_ENVIRONMENT | os.environ | environment,
            start_new_session=True,
        )


def _gpus() -> list[str]:
    """Return the CUDA devices that this process may use, asking the driver so that torch need not be imported."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return [device for device in visible.split(",") if device]
    if shutil.which("nvidia-smi") is None:
        return []
    listing = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=False, timeout=30).stdout
    return [str(number) for number, line in enumerate(li for li in listing.splitlines() if li.startswith("GPU"))]


def _client(file: Path) -> "Client | None":
    """Return a client of the scheduler behind the scheduler file, if it answers and has a worker."""
    from distributed import Client

    if not file.exists():
        return None
    try:
        client = Client(scheduler_file=str(file), timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError):
        return None
    if client.scheduler_info(n_workers=-1)["workers"]:
        return client
    client.close()
    return None


def _wait_until(found: Callable[[], Found | None], what: str) -> Found:
    """Return what `found` returns, as soon as it is something."""
    deadline = time.monotonic() + START_SECONDS
    while not (result := found()):
        if time.monotonic() > deadline:
            raise RunError(f"The engine did not {what} within {START_SECONDS} s. Its logs are in {engine_folder()}.")
        time.sleep(0.2)
    return result
