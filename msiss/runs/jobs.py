"""What trainings and imports share: a folder in which one piece of work is asked for, watched, stopped and kept.

Such a folder is all that passes between the process that works and the one that shows::

    config.json          what was asked for
    status.json          state, progress and heartbeat; replaced atomically
    events.jsonl         what happened, appended
    stop                 appears when somebody asks the work to stop
    lock                 held by the process that works; the system lets go of it when that process dies
"""

import json
import shutil
import time
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ValidationError

from msiss.durable import appear, replace_text, unfinished_name
from msiss.errors import RunError

# A worker writes its heartbeat every two seconds; one that was silent for this long is gone.
SILENCE_SECONDS = 60.0
# What a worker of the engine offers: a device to train on, room for an import, room for what a page has to wait for.
TRAINING, IMPORT, ANALYSIS = "DEVICE", "IMPORT", "ANALYSIS"


class State(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"


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


class Job:
    """One folder of a job.

    Parameters
    ----------
    path : Path
        An existing folder of such a job.

    Raises
    ------
    RunError
        Where `path` holds no such job, or one that this version cannot read.
    """

    noun: ClassVar[str]  # what such a job is called
    work: ClassVar[str]  # the function that does such a job, given its folder, as "module:function"
    resource: ClassVar[str]  # what a worker of the engine must offer to do it
    lost: ClassVar[str]  # what to tell of a job whose process is gone
    out_of_memory: ClassVar[str]
    request_model: ClassVar[type[BaseModel]]
    request: BaseModel

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.request = self.request_model.model_validate_json((path / "config.json").read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise RunError(f"{path} is not {self._a_noun} of msiss: it has no config.json.") from error
        except (OSError, ValueError) as error:
            raise RunError(
                f"The {self.noun} in {path} cannot be read; it may come from another version of msiss."
            ) from error

    @property
    def status(self) -> Status:
        """How far the job is now; one whose worker fell silent is `State.LOST`."""
        try:
            status = Status.model_validate_json((self.path / "status.json").read_text(encoding="utf-8"))
        except (OSError, ValidationError) as error:
            raise RunError(f"The status of the {self.noun} in {self.path} cannot be read.") from error
        if status.state == State.RUNNING and time.time() - status.heartbeat > SILENCE_SECONDS:
            return status.model_copy(update={"state": State.LOST, "message": self.lost})
        return status

    def write_status(self, status: Status) -> None:
        """Replace the status in one step, so that no reader ever sees half of it."""
        replace_text(self.path / "status.json", status.model_dump_json())

    def append_event(self, event: dict[str, Any]) -> None:
        """Add one event with the time at which it happened."""
        with (self.path / "events.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(event | {"time": time.time()}) + "\n")

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Return what happened so far, oldest first; only events of `kind` where it is given."""
        try:
            lines = (self.path / "events.jsonl").read_text(encoding="utf-8").split("\n")
        except FileNotFoundError:
            return []
        events = [json.loads(line) for line in lines[:-1]]  # a line being written right now has no end yet
        return [event for event in events if kind in (None, event["event"])]

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
        """Remove the job with everything in it."""
        shutil.rmtree(self.path)

    @property
    def _a_noun(self) -> str:
        return f"{'an' if self.noun[0] in 'aeiou' else 'a'} {self.noun}"


def make_folder(path: Path, request: BaseModel) -> None:
    """Make the folder of a queued job, which appears only once it is whole; leave one that is there alone.

    Raises
    ------
    RunError
        Where it cannot be written, such as on a full disk.
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
