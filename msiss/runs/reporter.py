"""Updates of the status of a job during its execution."""

import contextlib
import errno
import threading
import time
import traceback
from types import TracebackType
from typing import Any, Self

from msiss.data.progress import Progress
from msiss.errors import MsissError
from msiss.learn.progress import Countdown
from msiss.runs.jobs import Job, State, Status

HEARTBEAT_SECONDS = 2.0
WRITE_SECONDS = 0.3  # shortest interval between writes of the status, which a page reads every second


class Stopped(Exception):
    """The job was asked to stop."""


class Reporter:
    """Writes the status of a job, with a heartbeat during long steps.

    At the end of the ``with`` block the outcome is written. `Stopped` and `MsissError` are reported and suppressed; any
    other exception is reported, with its traceback in ``error.log``, and raised.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._status = Status(state=State.RUNNING, started=time.time(), ticket=job.status.ticket)
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        self.update()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._over.set()
        self._thread.join()
        if not self.job.path.is_dir():  # deleted meanwhile
            return isinstance(error, Exception)
        if error is None:
            self.update(state=State.DONE, fraction=1.0, seconds_left=0.0, finished=time.time())
        elif isinstance(error, Stopped | KeyboardInterrupt):
            self.update(state=State.STOPPED, message="Stopped on request.", finished=time.time())
        else:
            message = str(error) if isinstance(error, MsissError) else self._unexpected(error)
            with contextlib.suppress(OSError):  # for example, a full disk: only the message is kept
                (self.job.path / "error.log").write_text("".join(traceback.format_exception(error)), encoding="utf-8")
            self.update(state=State.FAILED, message=message, finished=time.time())
        return isinstance(error, Stopped | MsissError)

    def update(self, **changes: Any) -> None:
        """Change the status and write it."""
        with self._lock:
            self._status = self._status.model_copy(update=changes | {"heartbeat": time.time()})
            self.job.write_status(self._status)

    def note(self, **changes: Any) -> None:
        """Change the status; the next heartbeat writes it."""
        with self._lock:
            self._status = self._status.model_copy(update=changes)

    def check_stop(self) -> None:
        """Raise `Stopped` if the job was asked to stop."""
        if self.job.stop_requested():
            raise Stopped

    def _beat(self) -> None:
        while not self._over.wait(HEARTBEAT_SECONDS):
            with contextlib.suppress(OSError):  # a full disk may have free space at the next one
                self.update()

    def _unexpected(self, error: BaseException) -> str:
        noun = self.job.noun
        if isinstance(error, MemoryError) or "out of memory" in str(error):
            return self.job.out_of_memory
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            return f"The disk is full, so the {noun} could not be finished. Free some space, then start it again."
        return f"The {noun} ended with an unexpected error ({type(error).__name__}: {error}). Details are in error.log."


def progress_callback(reporter: Reporter) -> Progress:
    """Return a callback that writes the progress and the time left to the status; it raises to stop the work."""
    countdown = Countdown()
    first: float | None = None  # more than 0 if a part was done before
    written = 0.0

    def progress(fraction: float, text: str) -> None:
        nonlocal first, written
        reporter.check_stop()
        now = time.monotonic()
        first = fraction if first is None else first
        changes = {"fraction": fraction, "phase": text, "seconds_left": countdown.left(fraction, first)}
        if now - written > WRITE_SECONDS:
            written = now
            reporter.update(**changes)
        else:
            reporter.note(**changes)

    return progress
