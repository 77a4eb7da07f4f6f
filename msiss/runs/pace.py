"""How fast trainings are here, by those that are done: the time told beforehand is that of two quiet cores."""

import contextlib
from collections.abc import Iterable, Iterator
from itertools import islice
from statistics import median

from msiss.errors import RunError
from msiss.learn import estimate
from msiss.learn.config import Device
from msiss.runs.jobs import State
from msiss.runs.store import Run

LOOKED_AT = 5  # of the newest trainings


def slowness(runs: Iterable[Run], method: str, device: Device) -> float | None:
    """Return how many times as long as told trainings have taken here, as far as they can be compared.

    Parameters
    ----------
    runs : iterable of Run
        The newest first.
    method : str
        Only its trainings count,
    device : Device
        and only those that were to compute there.

    Returns
    -------
    float or None
        The median of at most five trainings; None where there is none.
    """
    ratios = list(islice(_ratios(runs, method, device), LOOKED_AT))
    return median(ratios) if ratios else None


def _ratios(runs: Iterable[Run], method: str, device: Device) -> Iterator[float]:
    for run in runs:
        if (run.config.method, run.config.device) != (method, device):
            continue
        with contextlib.suppress(RunError):  # a damaged one tells nothing
            status = run.status
            # One that was resumed has no time for the whole of it.
            begun = [event for event in run.events("PhaseStarted") if event["phase"] == "prepare"]
            if status.state is State.DONE and status.started and status.finished and len(begun) == 1:
                yield (status.finished - status.started) / estimate.seconds(run.config, len(run.clusters()))
