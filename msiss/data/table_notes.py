"""Notes below tables, and headings between their rows.

They are lines with text in the first cell only; below an empty line their text may hold the separator of the columns.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from msiss.data.table_layout import Layout, rows_below
from msiss.data.table_rows import MISSING, Row

_LIKE_A_NUMBER = re.compile(r"[\d+\-~≈.,]|\S*\d[.,]\d\S*$")
_DECIMAL = re.compile(r"\d[.,]\d")


def told_apart(rows: Iterable[Row], width: int, *, after: int) -> Iterator[tuple[Row, bool]]:
    """Yield the rows of a table of several columns, each with whether it is a note.

    Parameters
    ----------
    rows : iterable of Row
    width : int
        Number of columns.
    after : int
        Number of the line above the first row.
    """
    for line, cells in rows:
        below_gap = line > after + 1
        yield (line, cells), width > 1 and _is_note(cells, width if below_gap else 0)
        after = line


def _is_note(cells: Sequence[str], width: int) -> bool:
    if cells[0] in MISSING or _LIKE_A_NUMBER.match(cells[0]):
        return False
    return not any(cells[1:]) or (len(cells) < width and not any(map(_DECIMAL.search, cells[1:])))


def without_notes(layout: Layout) -> Layout:
    """Return the layout with as many rows as stand above the notes at the end of the table."""
    whole, notes = 0, 0
    for _, note in told_apart(rows_below(layout), len(layout.header), after=layout.skip):
        whole, notes = (whole, notes + 1) if note else (whole + notes + 1, 0)  # a note between rows is an error
    return replace(layout, rows=whole)
