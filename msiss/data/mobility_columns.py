"""Windows of ion mobility in lists of m/z."""

import warnings

import numpy as np

from msiss.data.column_names import says_other, window_columns
from msiss.data.column_words import says_mobility, words
from msiss.data.numbers import numbers
from msiss.data.table import Table
from msiss.errors import MsissWarning

_WIDTH = {"width", "tolerance", "tol", "toleranz", "delta"}


def find_mobility(table: Table) -> list[tuple[float, float] | None]:
    """Return the lowest and the highest ion mobility of each ion of a list, None where it has no window.

    Windows are two columns, such as "1/K0 start" and "1/K0 end", or their middle and their width, which is half of it
    if "+/-" stands beside it, such as "1/K0" and "Interval Width (+/- 1/K0)" of SCiLS Lab.

    Warns
    -----
    MsissWarning
        If there are mobilities without a width; they are left out.
    """
    nothing: list[tuple[float, float] | None] = [None] * len(table.rows)
    ends = window_columns(table.header, "mobility")
    if ends is not None:
        low, high = (_numbers(table, column) for column in ends)
    else:
        told = [name for name in table.header if says_mobility(name)]
        middle = next((name for name in told if not says_other(name)), None)
        if middle is None:
            return nothing
        width = next((name for name in told if _WIDTH & {*words(name)}), None)
        if width is None:
            text = (
                f"{table.path.name}: the column {middle} is left out, as there is no width of its windows. Each ion is "
                f"the sum of all mobilities. Add columns such as {middle} min and {middle} max."
            )
            warnings.warn(text, MsissWarning, stacklevel=3)
            return nothing
        half = _numbers(table, width) / (1 if any(sign in width for sign in ("+/-", "±", "+-")) else 2)
        low, high = _numbers(table, middle) - half, _numbers(table, middle) + half
    whole = np.isfinite(low) & np.isfinite(high) & (low <= high)
    return [(float(a), float(b)) if good else None for a, b, good in zip(low, high, whole, strict=True)]


def _numbers(table: Table, column: str) -> np.ndarray:
    place = table.header.index(column)
    return np.array(numbers([cells[place] for _, cells in table.rows]))
