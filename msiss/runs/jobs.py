"""What trainings and imports share: a folder in which one piece of work is asked for, watched, stopped and kept.

Such a folder is all that passes between the process that works and the one that shows::

    config.json          what was asked for
    status.json          state, progress and heartbeat; replaced atomically
    events.jsonl         what happened, appended
    stop                 appears when somebody asks the work to stop
    lock                 held by the process that works; the system lets go of it when that process dies
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

from msiss.durable import appear, replace_text, unfinished_name
from msiss.errors import RunError
from msiss.words import time_left

# A worker writes its heartbeat every two seconds. One that holds no lock and was silent for this long is gone; a nanny
# brings a new one within less. On other machines, those of a lab's cluster, nobody here sees a lock.
SILENCE_SECONDS = 15.0
SILENCE_ELSEWHERE_SECONDS = 60.0
CLAIM_SECONDS = 2.0  # whoever asks for a lock holds it for some milliseconds
# What a worker of the engine offers: a device to train on, room for an import, room for what a page has to wait for.
TRAINING, IMPORT, ANALYSIS = "DEVICE", "IMPORT", "ANALYSIS"


LOCK = "lock"


class State(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"
    DAMAGED = "damaged"


UNFINISHED = (State.QUEUED, State.RUNNING)


class Status(BaseModel):
    """How far a job is."""

    state: State = State.QUEUED
    phase: str = ""  # what is being done: a phase of a training, a step of an import
    fraction: float = 0.0
    seconds_left: float | None = None
    message: str = ""
    device: str = ""
    started: float | None = None
    finished: float | None = None
    heartbeat: float = 0.0
    ticket: str = ""  # under which the job was queued with the engine; none for what waits elsewhere

    @property
    def text(self) -> str:
        """What is being done, and how long that will still take as far as it is known."""
        return ", ".join(filter(None, (self.phase, time_left(self.seconds_left))))


class Job:
    """One folder of a job.

    Parameters
    ----------
    path : Path
        An existing folder of such a job.

    Attributes
    ----------
    request : BaseModel
        What was asked for.
    unknown : tuple of str
        Settings in there that only a later version of msiss knows, by dotted name.

    Raises
    ------
    RunError
        If `path` holds no such job, or one that this version cannot read.
    """

    noun: ClassVar[str]  # what such a job is called
    work: ClassVar[str]  # the function that does such a job, given its folder, as "module:function"
    resource: ClassVar[str]  # what a worker of the engine must offer to do it
    lost: ClassVar[str]  # what to tell of a job whose process is gone
    out_of_memory: ClassVar[str]
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
        """How far the job is now.

        One that nobody works on any more is `State.LOST`, one whose status cannot be read `State.DAMAGED`.
        """
        status = self._written_status()
        if status.state != State.RUNNING or self._is_worked_on(status):
            return status
        again = self._written_status()  # its worker may have ended between the two looks
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
        """Tell whether somebody holds the lock, which the system lets go of when its process dies, or may elsewhere."""
        if is_locked(self.path):
            return True
        silence = time.time() - status.heartbeat
        if os.environ.get("MSISS_SCHEDULER"):
            return abs(silence) < SILENCE_ELSEWHERE_SECONDS  # the clocks of two machines may differ
        return 0 <= silence < SILENCE_SECONDS

    def write_status(self, status: Status) -> None:
        """Replace the status in one step, so that no reader ever sees half of it."""
        replace_text(self.path / "status.json", status.model_dump_json())

    def append_event(self, event: dict[str, Any]) -> None:
        """Add one event with the time at which it happened."""
        with (self.path / "events.jsonl").open("ab+") as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":  # a process was killed while it wrote a line
                    file.write(b"\n")
            file.write(json.dumps(event | {"time": time.time()}).encode() + b"\n")

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Return what happened so far, oldest first; only events of `kind` where it is given.

        Lines that are no events are passed over: one being written has no end yet, and one whose writer was killed
        never gets it.
        """
        try:
            lines = (self.path / "events.jsonl").read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        events = []
        for line in lines:
            with contextlib.suppress(ValueError):
                events.append(json.loads(line))
        return [event for event in events if isinstance(event, dict) and kind in (None, event.get("event"))]

    def request_stop(self) -> None:
        """Ask the job to stop; its worker does so at its next sign of progress, a training keeps its checkpoint."""
        (self.path / "stop").touch()
        if self.status.state == State.QUEUED:  # nobody works on it who could answer
            self.write_status(Status(state=State.STOPPED, message="Stopped before it began."))

    def stop_requested(self) -> bool:
        """Tell whether somebody asked this job to stop."""
        return (self.path / "stop").exists()

    def clear_stop(self) -> None:
        """Take the request to stop back, before the job is started again."""
        (self.path / "stop").unlink(missing_ok=True)

    def delete(self) -> None:
        """Remove the job with everything in it; one that waits is stopped first.

        Raises
        ------
        RunError
            If somebody works on it, or it cannot be removed.
        """
        state = self.status.state
        if state == State.RUNNING:
            raise RunError(f"The {self.noun} in {self.path} is being worked on. Stop it first, then delete it.")
        if state == State.QUEUED:
            self.request_stop()
        remove_folder(self.path)

    @property
    def _a_noun(self) -> str:
        return f"{'an' if self.noun[0] in 'aeiou' else 'a'} {self.noun}"


AnyJob = TypeVar("AnyJob", bound=Job)


def work_alone(job: AnyJob, work: Callable[[AnyJob], None]) -> None:
    """Do a job, holding its lock, unless it is done already or another process works on it."""
    lock = FileLock(job.path / LOCK)
    try:
        lock.acquire(timeout=CLAIM_SECONDS)
    except Timeout:
        return
    try:
        if job.status.state != State.DONE:
            work(job)
    finally:
        lock.release()


def is_locked(path: Path) -> bool:
    """Tell whether a process on this machine works on the job in `path`."""
    if not (path / LOCK).exists():
        return False
    try:
        with FileLock(path / LOCK, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # it may only be read, or its disk knows no locks
        return False


def remove_folder(path: Path) -> None:
    """Remove the folder of a job, or of what was one; at once, so that nobody lists half of it.

    Raises
    ------
    RunError
        If the rights do not allow it.
    """
    doomed = unfinished_name(path)
    try:
        path.rename(doomed)
    except OSError as error:
        raise RunError(f"{path} cannot be deleted: {error.strerror or error}.") from error
    shutil.rmtree(doomed, ignore_errors=True)


def damaged(folder: Path, kind: type[Job]) -> dict[Path, str]:
    """Return the folders of jobs below `folder` that cannot be read, each with the reason."""
    reasons = {}
    for path in sorted(folder.glob("[!.]*/")):
        if (path / "config.json").exists():
            try:
                kind(path)
            except RunError as error:
                reasons[path] = str(error)
    return reasons


def _read(model: type[BaseModel], text: str) -> tuple[BaseModel, tuple[str, ...]]:
    """Return what a job was asked for, and the settings in there that only a later version knows, by dotted name."""
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
    """Make the folder of a queued job, which appears only once it is whole; leave one that is there alone.

    Raises
    ------
    RunError
        If it cannot be written, such as on a full disk.
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
        if not path.exists():  # else somebody asked for the same a moment earlier
            raise RunError(
                f"Nothing can be written to {path.parent}: {error.strerror or error}. Free some space on its disk, or "
                "check the rights of the folder, then start again."
            ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
