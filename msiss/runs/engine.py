"""The engine: Dask runs the trainings, one at a time per device, the imports and what pages ask, outside the dashboard.

By default msiss starts a scheduler on this machine and, once something needs it, one single-threaded worker per device,
one for imports and one for what pages ask, neither of which need wait for a training. They are detached processes
(`msiss.runs.engine_process`), found again through a scheduler file, so that a run outlives the dashboard. They listen
on the loopback address only and know each other by keys of this account (`msiss.runs.engine_keys`).

The folders of the jobs are the queue: a queued job carries a ticket in its status, and whoever looks after the engine
hands over every job with a ticket that the scheduler does not know, such as after the scheduler has died. What the
scheduler holds of a job under another ticket than that of its status is not done any more.

Where ``MSISS_SCHEDULER`` holds the address of a Dask scheduler, that cluster is used instead: its workers need msiss,
the folders of the data sets, runs and imports under the same paths, and a ``DEVICE`` each (``dask worker ADDRESS
--nthreads 1 --resources DEVICE=1``). Imports go to workers with an ``IMPORT`` (``--resources IMPORT=1``), and what
pages ask to workers with an ``ANALYSIS``, where there are any. Its keys are those of Dask's own configuration
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

START_SECONDS = 120  # for a scheduler or a worker to come up on a busy machine
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


class Hand(NamedTuple):
    """A worker of the local engine: what it offers, and what its environment has of its own."""

    resource: str
    environment: dict[str, str]


def submit(job: Job) -> None:
    """Queue a job, or queue it again after it was stopped, failed or lost: a run resumes from its checkpoints.

    A job that is done or being worked on is left alone. Where the engine cannot be reached or started, the job's status
    is `State.FAILED` and says why.
    """
    if job.status.state in (State.DONE, State.RUNNING):
        return
    job.clear_stop()
    _queue(job)
    look_after(job)


def look_after(*jobs: Job) -> None:
    """See to it that `jobs`, and all jobs that wait in msiss's folders, are known to an engine that can do them.

    Where that cannot be, those of `jobs` that still wait have failed, and their status says why.
    """
    for job in jobs:
        if job.status.state == State.QUEUED and not job.status.ticket:  # whoever made it did not come to submit it
            _queue(job)
    try:
        with connect() as client:
            _hand_over(client, jobs)
    except (RunError, HomeError) as error:
        for job in jobs:
            if job.status.state == State.QUEUED:
                job.write_status(Status(state=State.FAILED, message=str(error)))


def _queue(job: Job) -> None:
    job.write_status(Status(state=State.QUEUED, heartbeat=time.time(), ticket=uuid.uuid4().hex[:8]))


def waiting() -> list[Job]:
    """Return the jobs in msiss's folders that wait for the engine, whoever has queued them, oldest first."""
    stores = (RunStore(runs_folder()), ImportStore(imports_folder()), AnalysisStore(analyses_folder()))
    return _in_order([job for store in stores for job in store])


def perform(kind: type[Job], path: Path, ticket: str) -> None:
    """Do the job in `path`, on a worker, unless it was stopped or queued under another ticket in the meantime."""
    try:
        job = kind(path)
        wanted = job.status.ticket == ticket
    except RunError:  # it was deleted, or is damaged
        return
    if wanted:
        module, _, function = job.work.partition(":")
        getattr(import_module(module), function)(path)


def shut_down() -> None:
    """End the local engine of this version with its workers; what it was doing can be taken up later."""
    client = _client(_scheduler_file())
    if client is not None:
        with client:
            client.shutdown()


def connect() -> "Client":
    """Return a client of the lab's cluster, or of the local engine, which is started where it is not running.

    Raises
    ------
    RunError
        If it cannot be reached or started.
    """
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


def _hand_over(client: "Client", jobs: tuple[Job, ...]) -> None:
    """Give the scheduler every waiting job that it does not know, and start the workers that they need."""
    from distributed import fire_and_forget

    known: dict[str, str] = client.run_on_scheduler(_tasks)
    queue = {job.path.resolve(): job for job in (*waiting(), *_in_order(list(jobs)))}
    for path, job in queue.items():
        status = job.status
        if known.get(_key(job, status)) == "erred":
            message = f"The engine could not begin with it. Its logs are in {engine_folder()}."
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
    """Return those of the jobs that wait, oldest first; what cannot be read does not."""
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
    return f"msiss-{job.path.name}-{status.ticket}"  # a used key would answer with its old outcome


def _tasks(dask_scheduler: object = None) -> dict[str, str]:
    return {key: task.state for key, task in dask_scheduler.tasks.items()}  # type: ignore[attr-defined]


def _is_known(client: "Client", key: str) -> bool:
    return key in client.run_on_scheduler(_tasks)


def _offers(client: "Client", resource: str) -> bool:
    """Tell whether a worker offers a resource; the local engine's does, as soon as it is started."""
    return not os.environ.get("MSISS_SCHEDULER") or any(resource in worker["resources"] for worker in _workers(client))


def _workers(client: "Client") -> Iterator[dict]:
    yield from client.scheduler_info(n_workers=-1)["workers"].values()


def _local_client() -> "Client":
    """Return a client of the local engine of this version, starting its scheduler where it does not answer."""
    file = _scheduler_file()
    client = _client(file)
    if client is not None:
        return client
    made(engine_folder())
    try:
        with FileLock(file.with_suffix(".lock"), timeout=START_SECONDS):  # another session may be starting it right now
            client = _client(file)
            if client is None:
                file.unlink(missing_ok=True)
                scheduler = _detach("scheduler", "scheduler", str(file))
                client = _wait_until(lambda: _client(file), "start", scheduler)
            return client
    except Timeout as error:
        raise _late("start") from error


def _scheduler_file() -> Path:
    return engine_folder() / f"scheduler-{code_version()}.json"


@cache
def code_version() -> str:
    """Return a digest of the code that workers run, so that new code never goes to workers that hold the old one."""
    package = version.PACKAGE
    digest = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        if "ui" not in source.relative_to(package).parts:
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _crew() -> dict[str, Hand]:
    """Return the workers that the local engine may have, by name."""
    devices = {f"gpu-{device}": Hand(TRAINING, {"CUDA_VISIBLE_DEVICES": device}) for device in _gpus()}
    return {
        "import": Hand(IMPORT, {"CUDA_VISIBLE_DEVICES": ""}),
        "analysis": Hand(ANALYSIS, {"CUDA_VISIBLE_DEVICES": ""}),
        **(devices or {"cpu": Hand(TRAINING, {})}),
    }


def _start_missing_workers(client: "Client", resources: set[str]) -> None:
    """Start the workers for `resources` that are not there, and wait until there is one for each.

    A nanny whose worker has died brings it back by itself; a second one of the same name ends at once.
    """
    for name, hand in _crew().items():
        if hand.resource in resources and not _is_there(client, name):
            worker = _detach(name, "worker", str(_scheduler_file()), name, hand.resource, **hand.environment)
            _wait_until(partial(_is_there, client, name), f"start its worker {name}", worker)


def _is_there(client: "Client", name: str) -> bool:
    return any(worker["name"] == name for worker in _workers(client))


def _detach(log: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    """Start a process of the engine that lives on when this one ends, with its own log."""
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
    """Return the CUDA devices that this process may use, asking the driver so that torch need not be imported."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return [device for device in visible.split(",") if device]
    if shutil.which("nvidia-smi") is None:
        return []
    listing = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=False, timeout=30).stdout
    return [str(number) for number, line in enumerate(li for li in listing.splitlines() if li.startswith("GPU"))]


def _client(file: Path) -> "Client | None":
    """Return a client of the scheduler behind the scheduler file, if it answers."""
    from distributed import Client

    if not file.exists():
        return None
    try:
        return Client(scheduler_file=str(file), timeout=CONNECT_SECONDS, set_as_default=False, security=security())
    except (OSError, TimeoutError, ValueError):
        return None


def _wait_until(found: Callable[[], Found | None], what: str, process: subprocess.Popen[bytes] | None = None) -> Found:
    """Return what `found` returns, as soon as it is something, unless the `process` that brings it about fails."""
    deadline = time.monotonic() + START_SECONDS
    while not (result := found()):
        if process is not None and process.poll():
            raise RunError(f"The engine could not {what}. Its logs are in {engine_folder()}.")
        if time.monotonic() > deadline:
            raise _late(what)
        time.sleep(0.2)
    return result


def _late(what: str) -> RunError:
    return RunError(f"The engine did not {what} within {START_SECONDS} s. Its logs are in {engine_folder()}.")
