"""How long work in this package tells how far it is."""

from collections.abc import Callable

# Called with the fraction that is done, 0 to 1, and a short text of what is being done. It may raise to stop the work.
Progress = Callable[[float, str], None]


def ignore(fraction: float, text: str) -> None:
    """Report to nobody."""


def part(progress: Progress, start: float, stop: float) -> Progress:
    """Return a callback whose 0 to 1 fills the stretch from `start` to `stop` of `progress`."""
    return lambda fraction, text: progress((1 - fraction) * start + fraction * stop, text)
