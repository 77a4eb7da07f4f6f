"""The length of a scale bar."""

import math

STEPS = (5, 2, 1)
MOST_SHARE = 0.25  # of the width of an image


def bar_length(width: float, most: float = MOST_SHARE) -> float:
    """Return the longest of 1, 2, 5, 10, 20 ... (or 0.5, 0.2 ...) that is at most a share of a width.

    Parameters
    ----------
    width : float
        In any unit, above 0.
    most : float
        Largest share of it.
    """
    power = 10.0 ** math.floor(math.log10(width * most))
    return next(step * power for step in STEPS if step * power <= width * most * (1 + 1e-9))


def length_text(micrometres: float) -> str:
    """Return a length with its unit, such as "200 µm" or "1 mm"."""
    return f"{micrometres / 1000:g} mm" if micrometres >= 1000 else f"{micrometres:g} µm"
