"""The progress callbacks of this package."""

from collections.abc import Callable

# Called with the completed fraction, 0 to 1, and a short text about the current step. It may raise to stop the work.
Progress = Callable[[float, str], None]


def ignore(fraction: float, text: str) -> None:
    """Ignore the progress."""


class Watched:
    """Forwards progress, and remembers whether an error is one of the callback, which asks to stop, or of the work.

    Attributes
    ----------
    stopped : bool
        Whether the callback raised an error.
    """

    def __init__(self, progress: Progress) -> None:
        self.stopped = False
        self._progress = progress

    def __call__(self, fraction: float, text: str) -> None:
        """Call the callback."""
        self.stopped = True  # reset if this returns
        self._progress(fraction, text)
        self.stopped = False


def part(progress: Progress, start: float, stop: float) -> Progress:
    """Return a callback that maps 0 to 1 to the range from `start` to `stop` of `progress`."""
    return lambda fraction, text: progress((1 - fraction) * start + fraction * stop, text)
