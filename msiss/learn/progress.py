"""How far a training is, and how long it will still take."""

import time
from collections.abc import Callable


class Pace:
    """Counts work in any unit and extrapolates the time that is left from the time that was taken.

    Parameters
    ----------
    total : float
        Work of the whole run.
    clock : callable
        Returns the time in seconds.
    """

    def __init__(self, total: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.total = max(total, 1e-9)
        self.done = 0.0
        self._worked = 0.0
        self._clock = clock
        self._start = clock()

    def advance(self, work: float) -> None:
        """Count work that was done just now."""
        self.done += work
        self._worked += work

    def skip(self, work: float) -> None:
        """Count work that an earlier process did: it is behind us, but says nothing about our speed."""
        self.done += work

    @property
    def fraction(self) -> float:
        """Part of the work that is done, 0 to 1."""
        return min(self.done / self.total, 1.0)

    @property
    def seconds_left(self) -> float | None:
        """Time left in seconds; None before anything was done."""
        if self._worked == 0:
            return None
        return (self._clock() - self._start) / self._worked * max(self.total - self.done, 0.0)
