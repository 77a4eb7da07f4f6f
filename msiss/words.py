"""Numbers and lists in words."""

from collections.abc import Iterable


def duration(seconds: float) -> str:
    """Return a length of time in its usual unit."""
    if seconds < 60:
        return f"{max(round(seconds), 1)} s"
    if seconds < 3600:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def time_left(seconds: float | None) -> str:
    """Return the remaining time in words; empty if it is unknown."""
    return "" if seconds is None else f"about {duration(seconds)} left"


def count(number: int, thing: str) -> str:
    """Return a number with its noun, as in "1 pixel" and "12,000 pixels"."""
    plural = {"spectrum": "spectra"}.get(thing, f"{thing}s")
    return f"{number:,} {thing if number == 1 else plural}"


def listed(things: Iterable[object]) -> str:
    """Return two or more things in words, as in "5, 7 and 10"."""
    *first, last = map(str, things)
    return f"{', '.join(first)} and {last}"


def size(number: float) -> str:
    """Return a number of bytes in its usual unit, as in "1.3 GB"."""
    for unit in ("bytes", "kB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"
