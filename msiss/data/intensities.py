"""Valid intensities, and the treatment of invalid values."""

import numpy as np

from msiss.data.findings import HealthRow

# Larger values are taken as damage; sums of values up to this fit into 32-bit floats.
LARGEST_INTENSITY = 1e30


def clean(values: np.ndarray) -> tuple[int, int]:
    """Set invalid intensities in `values` to 0, in place.

    Returns
    -------
    not_numbers, negative : int
        Numbers of values that were NaN, infinite or above `LARGEST_INTENSITY`, and of those below 0.
    """
    not_numbers = ~(np.abs(values) <= LARGEST_INTENSITY)
    negative = (values < 0) & ~not_numbers
    values[not_numbers | negative] = 0
    return int(not_numbers.sum()), int(negative.sum())


def intensity_row(*, not_numbers: int, negative: int, total: int) -> HealthRow:
    """Return the row about invalid intensities.

    They are read as 0, with a warning: programs write NaN and infinite values for "not measured", and baseline
    subtraction gives small negative values, so the rest of the file remains usable.
    """
    if not (not_numbers or negative):
        return HealthRow("intensities", "pass", f"All {total:,} intensities are numbers of at least 0.")
    found = [
        f"{number:,} of {total:,} intensities are {kind}"
        for number, kind in ((not_numbers, "not numbers (NaN, infinite or above 1e30)"), (negative, "negative"))
        if number
    ]
    return HealthRow(
        "intensities",
        "warning",
        f"{' and '.join(found)}.",
        "They are read as 0; the other intensities are unchanged.",
        "If there are many, export the data again without baseline subtraction.",
    )
