"""The engine, in which Dask executes runs (one at a time per device), imports and analyses outside the dashboard.

By default msiss starts a scheduler on this machine and, when needed, one single-threaded worker per device, one for
imports and one for analyses, so that neither waits for a training. They are detached processes
(`msiss.runs.engine_process`), found again through a scheduler file, so that a training continues after the dashboard
ends. They listen on the loopback address only and authenticate with keys of this account (`msiss.runs.engine_keys`).

The queue is stored in the folders of the jobs: the status of a queued job has a ticket, and `submit_waiting` submits
every job whose ticket is unknown to the scheduler, for example after the scheduler has crashed. A task of the scheduler
whose ticket differs from that in the status of its job is skipped.

If ``MSISS_SCHEDULER`` is the address of a Dask scheduler, that cluster is used instead: its workers need msiss, the
folders of the data sets, runs and imports under the same paths, and the resource ``DEVICE`` (``dask worker ADDRESS
--nthreads 1 --resources DEVICE=1``). Imports are sent to workers with the resource ``IMPORT`` (``--resources
IMPORT=1``) and analyses to workers with ``ANALYSIS``, if there are any. The keys are those of Dask's own configuration
(``distributed.comm.tls``).
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from filelock import FileLock, Timeout

from msiss import version
from msiss.errors import HomeError, RunError
from msiss.home import analyses_folder, engine_folder, imports_folder, made, runs_folder
from msiss.runs.analyses import AnalysisStore
from msiss.runs.engine_keys import security
from msiss.runs.imports import ImportStore
from msiss.runs.jobs import ANALYSIS, IMPORT, TRAINING, Job, State, Status
from msiss.runs.store import RunStore

if TYPE_CHECKING:
    from distributed import Client

Found = TypeVar("Found")

START_SECONDS = 120  # timeout for the start of a scheduler or worker on a busy machine
CONNECT_SECONDS = 5
# The defaults of Dask suit many small tasks: one thread per worker, and memory is returned to the system at once. A
# training is one large task that needs the same gigabytes in every step. So it uses all cores and keeps its memory, and
# its waiting threads sleep instead of spinning, which would slow it down whenever other processes run.
WORKER_ENVIRONMENT = {
    "OMP_NUM_THREADS": str(os.cpu_count() or 1),
    "OMP_WAIT_POLICY": "PASSIVE",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": str(2**32),
    "MALLOC_MMAP_THRESHOLD_": str(2**32),
}


class WorkerSpec(NamedTuple):
    """The resource of a worker of the local engine, and its additional environment variables."""

    resource: str
    environment: dict[str, str]


def submit(job: Job) -> None:
    """Queue a job, or queue it again if it was stopped, failed or lost; a training resumes from its checkpoints.

    Does nothing if the job is done or running. If the engine cannot be reached or started, the job's status is
    `State.FAILED` with the reason.
    """
    if job.status.state in (State.DONE, State.RUNNING):
        return
    job.clear_stop()
    _queue(job)
    submit_waiting(job)


def submit_waiting(*jobs: Job) -> None:
    """Submit `jobs`, and all queued jobs in the folders of msiss, to the engine unless its scheduler knows them.

    If the engine cannot be reached or started, the status of those of `jobs` that are still queued is `State.FAILED`
    with the reason.
    """
    for job in jobs:
        if job.status.state == State.QUEUED and not job.status.ticket:  # its creator ended before submitting it
            _queue(job)
    try:
        with connect() as client:
            _submit_missing(client, jobs)
    except (RunError, HomeError) as error:
        for job in jobs:
            if job.status.state == State.QUEUED:
                job.write_status(Status(state=State.FAILED, message=str(error)))


def _queue(job: Job) -> None:
    job.write_status(Status(state=State.QUEUED, heartbeat=time.time(), ticket=uuid.uuid4().hex[:8]))


def waiting() -> list[Job]:
    """Return all queued jobs in the folders of msiss, oldest first."""
    stores = (RunStore(runs_folder()), ImportStore(imports_folder()), AnalysisStore(analyses_folder()))
    return _in_order([job for store in stores for job in store])


def perform(kind: type[Job], path: Path, ticket: str) -> None:
    """Execute the job in `path` on a worker, unless it was stopped or queued under another ticket meanwhile."""
    try:
        job = kind(path)
        wanted = job.status.ticket == ticket
    except RunError:  # deleted or damaged
        return
    if wanted:
        module, _, function = job.work.partition(":")
        getattr(import_module(module), function)(path)


def shut_down() -> None:
    """Shut down the local engine of this version with its workers; interrupted jobs can be started again."""
    client = _client(_scheduler_file())
    if client is not None:
        with client:
            client.shutdown()


def connect() -> "Client":
    """Return a client of the lab's cluster, or of the local engine, which is started if it is not running.

    Raises
    ------
    RunError
        If the engine cannot be reached or started.
    """
    address = os.environ.get("MSISS_SCHEDULER")
    if not address:
        return _local_client()
    from msiss.runs.engine_client import EngineClient  # Dask is slow to import

    try:
        return EngineClient(address, timeout=CONNECT_SECONDS)
    except (OSError, TypeError, ValueError) as error:  # of the address, or the keys that it needs
        raise RunError(
            f"msiss cannot reach the scheduler at {address}: {error}. Ask the person who maintains this server."
        ) from error


def _submit_missing(client: "Client", jobs: tuple[Job, ...]) -> None:
    """Submit every queued job that the scheduler does not know, and start the workers that they need."""
    from distributed import fire_and_forget

    known: dict[str, str] = client.run_on_scheduler(_tasks)
    queue = {job.path.resolve(): job for job in (*waiting(), *_in_order(list(jobs)))}
    for path, job in queue.items():
        status = job.status
        if known.get(_key(job, status)) == "erred":
            message = f"The engine could not start the {job.noun}. Its logs are in {engine_folder()}."
            job.write_status(Status(state=State.FAILED, message=message))
        if status.state != State.QUEUED or _key(job, status) in known:
            continue
        resource = job.resource if _offers(client, job.resource) else TRAINING
        key = _key(job, status)
        future = client.submit(perform, type(job), path, status.ticket, key=key, resources={resource: 1}, pure=False)
        fire_and_forget(future)
        _wait_until(partial(_is_known, client, key), f"accept the {job.noun}")
    if not os.environ.get("MSISS_SCHEDULER"):
        _start_missing_workers(client, {job.resource for job in queue.values()})


def _in_order(jobs: list[Job]) -> list[Job]:
    """Return the queued ones of `jobs`, oldest first; those that cannot be read are skipped."""
    queued: list[tuple[float, int, Job]] = []
    for job in jobs:
        try:
            status = job.status
        except RunError:
            continue
        if status.state == State.QUEUED and status.ticket:
            queued.append((status.heartbeat, len(queued), job))
    return [job for *_, job in sorted(queued)]


def _key(job: Job, status: Status) -> str:
    return f"msiss-{job.path.name}-{status.ticket}"  # for a key used before, Dask would return the old result


def _tasks(dask_scheduler: object = None) -> dict[str, str]:
    return {key: task.state for key, task in dask_scheduler.tasks.items()}  # type: ignore[attr-defined]


def _is_known(client: "Client", key: str) -> bool:
    return key in client.run_on_scheduler(_tasks)


def _offers(client: "Client", resource: str) -> bool:
    """Return whether a worker has a resource; in the local engine such a worker is started when needed."""
    return not os.environ.get("MSISS_SCHEDULER") or any(resource in worker["resources"] for worker in _workers(client))


def _workers(client: "Client") -> Iterator[dict]:
    yield from client.scheduler_info(n_workers=-1)["workers"].values()


def _local_client() -> "Client":
    """Return a client of the local engine of this version, and start its scheduler if it does not answer."""
    file = _scheduler_file()
    client = _client(file)
    if client is not None:
        return client
    made(engine_folder())
    try:
        with FileLock(file.with_suffix(".lock"), timeout=START_SECONDS):  # another session may be starting it
            client = _client(file)
            if client is None:
                file.unlink(missing_ok=True)
                scheduler = _start_process("scheduler", "scheduler", str(file))
                client = _wait_until(lambda: _client(file), "start", scheduler)
            return client
    except Timeout as error:
        raise _timed_out("start") from error


def _scheduler_file() -> Path:
    return engine_folder() / f"scheduler-{code_version()}.json"


@cache
def code_version() -> str:
    """Return a hash of the code that workers execute, so that workers with older code are not used."""
    package = version.PACKAGE
    digest = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        if "ui" not in source.relative_to(package).parts:
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _worker_specs() -> dict[str, WorkerSpec]:
    """Return the specifications of all workers of the local engine by name."""
    devices = {f"gpu-{device}": WorkerSpec(TRAINING, {"CUDA_VISIBLE_DEVICES": device}) for device in _gpus()}
    return {
        "import": WorkerSpec(IMPORT, {"CUDA_VISIBLE_DEVICES": ""}),
        "analysis": WorkerSpec(ANALYSIS, {"CUDA_VISIBLE_DEVICES": ""}),
        **(devices or {"cpu": WorkerSpec(TRAINING, {})}),
    }


def _start_missing_workers(client: "Client", resources: set[str]) -> None:
    """Start the workers for `resources` that are not connected, and wait until they are.

    A nanny restarts its worker if that has crashed; a second nanny of the same name exits at once.
    """
    for name, spec in _worker_specs().items():
        if spec.resource in resources and not _is_connected(client, name):
            worker = _start_process(name, "worker", str(_scheduler_file()), name, spec.resource, **spec.environment)
            _wait_until(partial(_is_connected, client, name), f"start its worker {name}", worker)


def _is_connected(client: "Client", name: str) -> bool:
    return any(worker["name"] == name for worker in _workers(client))


def _start_process(log: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    """Start a process of the engine that is independent of this one, with its own log."""
    with (engine_folder() / f"{log}.log").open("ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "msiss.runs.engine_process", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            env=WORKER_ENVIRONMENT | os.environ | environment,
            start_new_session=True,
        )


def _gpus() -> list[str]:
    """Return the CUDA devices that this process may use, from the driver, so that torch need not be imported."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return [device for device in visible.split(",") if device]
    if shutil.which("nvidia-smi") is None:
        return []
    listing = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=False, timeout=30).stdout
    return [str(number) for number, line in enumerate(li for li in listing.splitlines() if li.startswith("GPU"))]


def _client(file: Path) -> "Client | None":
    """Return a client of the scheduler of a scheduler file, or None if it does not answer."""
    from msiss.runs.engine_client import EngineClient

    if not file.exists():
        return None
    try:
        return EngineClient(scheduler_file=str(file), timeout=CONNECT_SECONDS, security=security())
    except (OSError, ValueError):
        return None


def _wait_until(found: Callable[[], Found | None], what: str, process: subprocess.Popen[bytes] | None = None) -> Found:
    """Call `found` until its result is true and return that, unless `process` fails or the time is up."""
    deadline = time.monotonic() + START_SECONDS
    while not (result := found()):
        if process is not None and process.poll():
            raise RunError(f"The engine could not {what}. Its logs are in {engine_folder()}.")
        if time.monotonic() > deadline:
            raise _timed_out(what)
        time.sleep(0.2)
    return result


def _timed_out(what: str) -> RunError:
    return RunError(f"The engine did not {what} within {START_SECONDS} s. Its logs are in {engine_folder()}.")
