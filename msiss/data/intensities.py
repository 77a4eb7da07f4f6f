"""What may be an intensity, and what becomes of values that may not."""

import numpy as np

from msiss.data.findings import HealthRow

# Beyond this a float is damage, not an intensity; sums of such values still fit into 32-bit floats.
LARGEST_INTENSITY = 1e30


def clean(values: np.ndarray) -> tuple[int, int]:
    """Set the floats in `values` that cannot be intensities to 0, in place.

    Returns
    -------
    not_numbers, negative : int
        How many were NaN, infinite or above `LARGEST_INTENSITY`, and how many were below 0.
    """
    not_numbers = ~(np.abs(values) <= LARGEST_INTENSITY)
    negative = (values < 0) & ~not_numbers
    values[not_numbers | negative] = 0
    return int(not_numbers.sum()), int(negative.sum())


def intensity_row(*, not_numbers: int, negative: int, total: int) -> HealthRow:
    """Return the row on values that cannot be intensities.

    They are read as 0, with a warning: NaN and infinite values are how programs write "not measured", and small
    negative values come from baseline subtraction, so neither makes the rest of the file useless.
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
