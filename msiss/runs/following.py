"""Following a training: its progress until it ends, in whatever process it runs."""

import threading
import time
from collections.abc import Callable

from msiss.runs.jobs import UNFINISHED, Status
from msiss.runs.store import Run

LOOK_SECONDS = 0.2  # between two queries of the status


def follow(
    run: Run,
    thread: threading.Thread | None,
    *,
    show: Callable[[Status], object],
    interrupted: Callable[[], object],
) -> Status:
    """Show the status of a run until its training has ended, and return the last one.

    Parameters
    ----------
    run : Run
    thread : Thread or None
        That of `start_in_process`; None if another process trains the run.
    show : callable
        Called with the status several times a second.
    interrupted : callable
        Called at Ctrl-C; it may raise.
    """
    while (status := run.status).state in UNFINISHED and (thread is None or thread.is_alive()):
        try:
            show(status)
            time.sleep(LOOK_SECONDS)  # not `thread.join`: interrupted, it takes a running thread for ended
        except KeyboardInterrupt:
            interrupted()
    if thread is not None:
        thread.join()
    return run.status
