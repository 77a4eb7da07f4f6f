"""Training in a thread of this process, without the engine."""

import contextlib
import threading
import time

from msiss.runs.jobs import Status
from msiss.runs.store import Run


def start_in_process(run: Run) -> threading.Thread:
    """Start training a run, from its checkpoints if there are any, and return the thread.

    The thread ends with the training. The outcome is written to the status of the run.
    """
    run.clear_stop()
    run.write_status(Status(heartbeat=time.time()))
    thread = threading.Thread(target=_work, args=(run,))
    thread.start()
    return thread


def _work(run: Run) -> None:
    from msiss.runs.worker import execute  # slow to import

    with contextlib.suppress(Exception):  # reported in the status and in error.log
        execute(run.path)
