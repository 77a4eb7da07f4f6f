"""Tables of ions of the size of a list: text, or a sheet of a workbook. The layout of text is in `table_layout`."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from msiss.data.column_names import find_fields, number
from msiss.data.numbers import is_two_ways, numbers
from msiss.data.small import read_small
from msiss.data.table_layout import Layout, lay_out
from msiss.data.table_notes import told_apart
from msiss.data.table_rows import MISSING, Row, rows_of
from msiss.data.workbook import is_workbook, lay_out_sheet
from msiss.errors import DataError, MsissWarning
from msiss.words import count


@dataclass(frozen=True)
class Table:
    """A complete table of ions.

    Attributes
    ----------
    path : Path
        The file.
    delimiter : str
        Separator of the columns.
    header : list of str
        Names of the columns; empty if the first line begins with a number.
    rows : list of Row
        The other lines, with as many cells as there are names.
    """

    path: Path
    delimiter: str
    header: list[str]
    rows: list[Row]

    def places(self, *fields: str) -> dict[str, int]:
        """Return the indices of the columns of `fields`, keys of `msiss.data.column_names.COLUMNS`."""
        return {field: self.header.index(column) for field, column in find_fields(self.header, fields).items()}

    def texts(self, place: int) -> list[str]:
        """Return a column as text; missing cells are empty."""
        return ["" if cells[place] in MISSING else cells[place] for _, cells in self.rows]

    def numbers(self, place: int) -> np.ndarray:
        """Return a column as float64.

        Raises
        ------
        DataError
            If a cell is not a finite number, with its line.
        """
        values = np.array(numbers([cells[place] for _, cells in self.rows]))
        bad = ~np.isfinite(values)
        if bad.any():
            line, cells = self.rows[int(bad.argmax())]
            name = self.header[place][:40] if self.header else "the cell"
            raise DataError(
                f"{self.path.name}, line {line}: {name} is not a number ({cells[place][:40]}). {remedy(cells[place])}"
            )
        return values

    def names(self) -> str:
        """Return the names of the columns for a message."""
        return ", ".join(self.header)[:200] if self.header else "no line with the names of the columns"


def remedy(cell: str) -> str:
    """Return what to do about a cell that is no number."""
    if is_two_ways(cell):
        return "It can be read in two ways. Write all numbers with the same decimal sign and without other signs."
    return "Correct the line or remove it."


def read_table(path: Path) -> Table:
    """Read a table of ions of the size of a list.

    Notes below the table and headings between its rows, which are text in the first cell only, are left out.

    Raises
    ------
    DataError
        If it cannot be opened, is larger than `msiss.data.small.LARGEST`, is no table, or a row is longer than the
        header.

    Warns
    -----
    MsissWarning
        If notes are left out, or one of several sheets of a workbook is used.
    """
    try:
        data = read_small(path)
        layout = lay_out_sheet(path) if is_workbook(path) else lay_out(path, data)
        with layout.open() as lines:
            return _table(layout, lines)
    except OSError as error:
        raise DataError(f"{path.name} cannot be opened: {error.strerror or error}.") from error


def _table(layout: Layout, lines: Iterable[str]) -> Table:
    path, header, width = layout.path, layout.header, len(layout.header)
    above = layout.skip
    if _is_data(layout):
        header, above = [], above - 1
    rows, notes = list[Row](), list[Row]()
    if header and _is_title(layout):
        notes.append((above, [" ".join(header)]))
        header, width = [], max(len(cells) for _, cells in layout.sample)
    parsed = rows_of(path, islice(lines, above, None), layout.delimiter, after=above)
    for (line, cells), note in told_apart(parsed, width, after=above):
        while len(cells) > width and not cells[-1]:
            cells.pop()  # a delimiter at the end
        if cells == header:
            continue  # once more, of files put one below another
        if note:
            notes.append((line, cells))
            continue
        if header:
            layout.refuse_longer([(line, cells)])
        rows.append((line, cells + [""] * (width - len(cells))))
    if layout.sheet:
        warnings.warn(f"{path.name}: {layout.sheet}", MsissWarning, stacklevel=3)
    if notes:
        line, cells = notes[0]
        told = f'{count(len(notes), "line")} without numbers; line {line} is "{cells[0][:60]}"'
        warnings.warn(f"{path.name}: {told}. Left out.", MsissWarning, stacklevel=3)
    return Table(path, layout.delimiter, header, rows)


def _is_title(layout: Layout) -> bool:
    """Return whether the first line stands above numbers without names of columns, and is no name of a column itself.

    It then is the only cell, or cells that the other lines do not have.
    """
    firsts = [number(cells[0]) for _, cells in layout.sample]
    alone = len(layout.header) == 1 or all(len(cells) < len(layout.header) for _, cells in layout.sample)
    return alone and not layout.is_named and bool(firsts) and None not in firsts


def _is_data(layout: Layout) -> bool:
    """Return whether the first line is a row of data, not the names of the columns."""
    if layout.is_named:
        return False
    columns = zip(layout.header, *(cells for _, cells in layout.sample), strict=False)
    return number(layout.header[0]) is not None or any(
        all(number(cell) is not None for cell in column) for column in columns
    )
