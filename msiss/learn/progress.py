"""Progress of a training, and estimates of the time left."""

import time
from collections.abc import Callable

FIRST_ESTIMATE = 0.03  # of the work; earlier estimates of the time left are unstable


class Pace:
    """Counts the work of a training in any unit.

    Parameters
    ----------
    total : float
        Work of the whole training.
    """

    def __init__(self, total: float) -> None:
        self.total = max(total, 1e-9)
        self._done = 0.0
        self._skipped = 0.0

    def advance(self, work: float) -> None:
        """Count work that was done just now."""
        self._done += work

    def skip(self, work: float) -> None:
        """Count work that an earlier process did, which does not enter the estimate of the speed."""
        self._done += work
        self._skipped += work

    @property
    def fraction(self) -> float:
        """Part of the work that is done, 0 to 1."""
        return min(self._done / self.total, 1.0)

    @property
    def skipped(self) -> float:
        """Part of the work that an earlier process did, 0 to 1."""
        return min(self._skipped / self.total, 1.0)


class Countdown:
    """Extrapolates the time left from the time elapsed since its creation.

    Parameters
    ----------
    clock : callable
        Returns the time in seconds.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._start = clock()

    def left(self, fraction: float, skipped: float = 0.0) -> float | None:
        """Return the time left in seconds; None until enough work is done.

        Parameters
        ----------
        fraction : float
            Part of the whole work that is done, 0 to 1.
        skipped : float
            The part of it that an earlier process did.
        """
        worked = fraction - skipped
        if worked <= FIRST_ESTIMATE:
            return None
        return (self._clock() - self._start) / worked * (1 - fraction)
