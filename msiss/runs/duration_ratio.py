"""Comparison of measured and estimated durations of trainings on this machine; estimates are for two idle cores."""

import contextlib
from collections.abc import Iterable, Iterator
from itertools import islice
from statistics import median

from msiss.errors import RunError
from msiss.learn import estimate
from msiss.learn.config import Device
from msiss.runs.jobs import State
from msiss.runs.store import Run

MOST_RUNS = 5  # the newest ones


def duration_ratio(runs: Iterable[Run], method: str, device: Device) -> float | None:
    """Return the ratio of the measured to the estimated duration of comparable finished runs.

    Parameters
    ----------
    runs : iterable of Run
        Newest first.
    method : str
    device : Device
        Only runs with this method and this setting of the device are compared.

    Returns
    -------
    float or None
        The median of at most five runs; None if there are none.
    """
    ratios = list(islice(_ratios(runs, method, device), MOST_RUNS))
    return median(ratios) if ratios else None


def _ratios(runs: Iterable[Run], method: str, device: Device) -> Iterator[float]:
    for run in runs:
        if (run.config.method, run.config.device) != (method, device):
            continue
        with contextlib.suppress(RunError):  # damaged runs are skipped
            status = run.status
            # The duration of a run that was resumed is unknown.
            begun = [event for event in run.events("PhaseStarted") if event["phase"] == "prepare"]
            if status.state is State.DONE and status.started and status.finished and len(begun) == 1:
                yield (status.finished - status.started) / estimate.seconds(run.config, len(run.clusters()))
