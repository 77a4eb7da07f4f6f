"""Numbers in words."""


def duration(seconds: float) -> str:
    """Return a length of time as somebody would say it."""
    if seconds < 60:
        return f"{max(round(seconds), 1)} s"
    if seconds < 3600:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def time_left(seconds: float | None) -> str:
    """Return how long something will still take, or nothing where that is not known yet."""
    return "" if seconds is None else f"about {duration(seconds)} left"


def count(number: int, thing: str) -> str:
    """Return a number with its thing, as in "1 pixel" and "12,000 pixels"."""
    plural = {"spectrum": "spectra"}.get(thing, f"{thing}s")
    return f"{number:,} {thing if number == 1 else plural}"
