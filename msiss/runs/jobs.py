"""Jobs, the common base of runs, imports and analyses: a folder with a request, a status and a result.

The process that executes a job and the one that shows it communicate through this folder alone::

    config.json          the request
    status.json          state, progress and heartbeat; replaced atomically
    events.jsonl         log of events, append-only
    stop                 exists if a stop is requested
    lock                 held by the process that executes the job; the system releases it when that process ends
"""

import contextlib
import json
import os
import shutil
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError

from msiss.durable import appear, append_line, read_lines, replace_text, unfinished_name
from msiss.errors import RunError, reason
from msiss.words import time_left

# A worker writes a heartbeat every two seconds. A job without a lock whose last heartbeat is older than this is lost; a
# nanny restarts its worker in less time. The locks of other machines, in a lab's cluster, are not visible here.
HEARTBEAT_TIMEOUT_SECONDS = 15.0
REMOTE_HEARTBEAT_TIMEOUT_SECONDS = 60.0
LOCK_TIMEOUT_SECONDS = 2.0  # `is_locked` holds a lock for some milliseconds
QUEUE_CHECK_SECONDS = 60  # a job that is queued for longer is submitted again if the scheduler has lost it
# Dask resources of the workers: each executes one training, import or analysis at a time.
TRAINING, IMPORT, ANALYSIS = "DEVICE", "IMPORT", "ANALYSIS"
LOCK = "lock"


class State(StrEnum):
    """The state of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"
    DAMAGED = "damaged"


UNFINISHED = (State.QUEUED, State.RUNNING)


class Status(BaseModel):
    """The state and the progress of a job."""

    state: State = State.QUEUED
    phase: str = ""  # current phase of a training or step of an import
    fraction: float = 0.0
    seconds_left: float | None = None
    message: str = ""
    device: str = ""
    started: float | None = None
    finished: float | None = None
    heartbeat: float = 0.0
    ticket: str = ""  # identifies the submission to the engine; empty if it was not submitted

    @property
    def text(self) -> str:
        """The current phase, and the time left if it is known."""
        return ", ".join(filter(None, (self.phase, time_left(self.seconds_left))))


class Job:
    """The folder of a job.

    Parameters
    ----------
    path : Path
        An existing folder of a job of this kind.

    Attributes
    ----------
    request : BaseModel
        Content of its config.json.
    unknown : tuple of str
        Settings in it that only a later version of msiss knows, by dotted name.

    Raises
    ------
    RunError
        If `path` contains no job of this kind, or one that this version cannot read.
    """

    noun: ClassVar[str]  # name of this kind of job in messages
    work: ClassVar[str]  # function that executes such a job, given its folder, as "module:function"
    resource: str  # of the workers that can execute it
    lost: ClassVar[str]  # message of a job whose process has ended unexpectedly
    out_of_memory: ClassVar[str]  # message of a job that ran out of memory
    request_model: ClassVar[type[BaseModel]]
    request: BaseModel
    unknown: tuple[str, ...]

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            text = (path / "config.json").read_text(encoding="utf-8")
            self.request, self.unknown = _read(self.request_model, text)
        except FileNotFoundError as error:
            raise RunError(f"{path} is not {self._a_noun} of msiss: it has no config.json.") from error
        except (OSError, ValueError) as error:
            raise RunError(
                f"The {self.noun} in {path} cannot be read: its config.json is damaged, or comes from another version "
                "of msiss."
            ) from error

    @property
    def status(self) -> Status:
        """The current status.

        The state is `State.LOST` if the process of a running job has ended, and `State.DAMAGED` if the status cannot be
        read.
        """
        status = self._written_status()
        if status.state != State.RUNNING or self._is_worked_on(status):
            return status
        again = self._written_status()  # its worker may have ended since the first reading
        return again.model_copy(update={"state": State.LOST, "message": self.lost}) if again == status else again

    def _written_status(self) -> Status:
        try:
            return Status.model_validate_json((self.path / "status.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return Status(
                state=State.DAMAGED,
                message=f"The status of the {self.noun} in {self.path} is damaged, or comes from another version of "
                f"msiss. Start the {self.noun} again, or delete it.",
            )

    def _is_worked_on(self, status: Status) -> bool:
        """Return whether a process holds the lock, or has written a heartbeat recently, as on another machine."""
        if is_locked(self.path):
            return True
        age = time.time() - status.heartbeat
        if os.environ.get("MSISS_SCHEDULER"):
            return abs(age) < REMOTE_HEARTBEAT_TIMEOUT_SECONDS  # the clocks of two machines may differ
        return 0 <= age < HEARTBEAT_TIMEOUT_SECONDS

    def write_status(self, status: Status) -> None:
        """Replace the status atomically."""
        replace_text(self.path / "status.json", status.model_dump_json())

    def append_event(self, event: dict[str, Any]) -> None:
        """Append an event with the current time."""
        append_line(self.path / "events.jsonl", json.dumps(event | {"time": time.time()}), synchronise=False)

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Return the events so far, oldest first, or only those of `kind`.

        Incomplete lines are skipped: they are being written, or their process was killed.
        """
        events = []
        for line in read_lines(self.path / "events.jsonl"):
            with contextlib.suppress(ValueError):
                events.append(json.loads(line))
        return [event for event in events if isinstance(event, dict) and kind in (None, event.get("event"))]

    def request_stop(self) -> None:
        """Ask the job to stop; its worker does so at its next step, and a training keeps its checkpoint."""
        (self.path / "stop").touch()
        if self.status.state == State.QUEUED:  # no process executes it yet
            self.write_status(Status(state=State.STOPPED, message="Stopped before it began."))

    def stop_requested(self) -> bool:
        """Return whether the job was asked to stop."""
        return (self.path / "stop").exists()

    def clear_stop(self) -> None:
        """Cancel the request to stop, before the job is started again."""
        (self.path / "stop").unlink(missing_ok=True)

    def delete(self) -> None:
        """Delete the job with its folder; a queued job is stopped first.

        Raises
        ------
        RunError
            If the job is running, or cannot be deleted.
        """
        state = self.status.state
        if state == State.RUNNING:
            raise RunError(f"The {self.noun} in {self.path} is running. Stop it first, then delete it.")
        if state == State.QUEUED:
            self.request_stop()
        remove_folder(self.path)

    @property
    def _a_noun(self) -> str:
        return f"{'an' if self.noun[0] in 'aeiou' else 'a'} {self.noun}"


AnyJob = TypeVar("AnyJob", bound=Job)


def work_exclusively(job: AnyJob, work: Callable[[AnyJob], None]) -> None:
    """Execute a job while holding its lock, unless it is done or another process holds the lock."""
    lock = FileLock(job.path / LOCK)
    try:
        lock.acquire(timeout=LOCK_TIMEOUT_SECONDS)
    except Timeout:
        return
    try:
        if job.status.state != State.DONE:
            work(job)
    finally:
        lock.release()


def is_locked(path: Path) -> bool:
    """Return whether a process on this machine holds the lock of the job in `path`."""
    if not (path / LOCK).exists():
        return False
    try:
        with FileLock(path / LOCK, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # read-only, or a file system without locks
        return False


def remove_folder(path: Path) -> None:
    """Remove the folder of a job, even of a damaged one. It disappears atomically.

    Raises
    ------
    RunError
        If the permissions do not allow it.
    """
    doomed = unfinished_name(path)
    try:
        path.rename(doomed)
    except OSError as error:
        raise RunError(f"{path} cannot be deleted: {reason(error)}.") from error
    shutil.rmtree(doomed, ignore_errors=True)


def damaged(folder: Path, kind: type[Job]) -> dict[Path, str]:
    """Return the job folders in `folder` that cannot be read, each with the reason."""
    reasons = {}
    for path in sorted(folder.glob("[!.]*/")):
        if (path / "config.json").exists():
            try:
                kind(path)
            except RunError as error:
                reasons[path] = str(error)
    return reasons


def _read(model: type[BaseModel], text: str) -> tuple[BaseModel, tuple[str, ...]]:
    """Return the request of a job, and the settings in it that only a later version knows, by dotted name."""
    try:
        return model.model_validate_json(text), ()
    except ValidationError as error:
        unknown = [one["loc"] for one in error.errors() if one["type"] == "extra_forbidden"]
        if len(unknown) < error.error_count():
            raise
    values = json.loads(text)
    for *groups, name in unknown:
        inner = values
        for group in groups:
            inner = inner[group]
        del inner[name]
    return model.model_validate(values), tuple(".".join(map(str, place)) for place in unknown)


def make_folder(path: Path, request: BaseModel) -> None:
    """Create the folder of a queued job unless it exists. It appears only when it is complete.

    Raises
    ------
    RunError
        If it cannot be written, for example on a full disk.
    """
    unfinished = unfinished_name(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.mkdir()
        (unfinished / "config.json").write_text(request.model_dump_json(indent=1, by_alias=True), encoding="utf-8")
        (unfinished / "status.json").write_text(Status(heartbeat=time.time()).model_dump_json(), encoding="utf-8")
        if not path.exists():
            appear(unfinished, path)
    except OSError as error:
        if not path.exists():  # else another process has just created the same
            raise RunError(
                f"Nothing can be written to {path.parent}: {reason(error)}. Free some space on its disk, or "
                "check the permissions of the folder, then start again."
            ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
