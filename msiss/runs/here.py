"""Training in this process, without the engine: a thread works while whoever called watches the status."""

import contextlib
import threading
import time

from msiss.runs.jobs import Status
from msiss.runs.store import Run


def start_here(run: Run) -> threading.Thread:
    """Begin to train a run, from its checkpoints where there are any, and return the thread that does.

    It ends when the run does; the run's status says how.
    """
    run.clear_stop()
    run.write_status(Status(heartbeat=time.time()))
    thread = threading.Thread(target=_work, args=(run,))
    thread.start()
    return thread


def _work(run: Run) -> None:
    from msiss.runs.worker import execute  # imports SciPy and what trains

    with contextlib.suppress(Exception):  # the status says why, and error.log has the rest
        execute(run.path)
