"""The layout of a text table: its encoding, the separator of its columns, and the line with their names.

Columns are separated by commas, semicolons, tabs, vertical bars, or by spaces as R writes them; if they are not
separated by commas, the decimal sign may be a comma. Text is UTF-8, UTF-16, Windows-1252, or Mac Roman where lines end
as on a Mac. Empty lines, lines that begin with #, and titles above the names of the columns are skipped; the names
themselves may stand behind a #. A first cell that begins with # must be quoted.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from msiss.data.column_names import fields_in, number
from msiss.data.findings import DataStop
from msiss.data.table_encoding import encoding_of
from msiss.data.table_rows import SPACES, Row, is_comment, refusal, rows_of
from msiss.data.table_separator import Candidate, first_lines, likeliest
from msiss.words import count

# More than in any list of ions; each column costs time and memory beside those of its cells.
MOST_COLUMNS = 20_000
_EXCEL = re.compile(r'"?sep=([\t;,|])"?\s*', re.IGNORECASE)  # the first line that Excel reads and writes
_POWER = r"(?:[eE][+-]?\d+)?"
# By the decimal sign: numbers that have it and a sign between thousands.
_GROUPED = {".": rf"\d{{1,3}}(?:,\d{{3}})+\.\d+{_POWER}", ",": rf"\d{{1,3}}(?:\.\d{{3}})+,\d+{_POWER}"}
_TOO_WIDE = "List one ion per line; of a table of pixels choose ions, or export the spectra as imzML."


@dataclass(frozen=True)
class Layout:
    """The layout of a text table.

    Attributes
    ----------
    path : Path
        The file.
    encoding : str
        Name of the encoding for Python.
    delimiter, decimal : str
        Separator of the columns, and decimal sign.
    skip : int
        Number of lines above the first row, with the header.
    header : list of str
        Cells of the first line, which need not be names; "" for a column without a name.
    sample : list of Row
        The first rows below it.
    thousands : str
        The sign between the thousands of numbers; empty if there is none.
    text : str, optional
        The table as text if the file is a workbook.
    rows : int, optional
        Number of rows below the header; all lines of the file if it is None.
    sheet : str
        What to say about the sheet if the workbook has several; may be empty.
    """

    path: Path
    encoding: str
    delimiter: str
    decimal: str
    skip: int
    header: list[str]
    sample: list[Row]
    thousands: str = ""
    text: str | None = None
    rows: int | None = None
    sheet: str = ""

    @property
    def is_named(self) -> bool:
        """Whether the header names m/z, masses or coordinates."""
        return fields_in(self.header) > 0

    def open(self) -> TextIO:
        """Return the text of the table, to be closed after use."""
        if self.text is not None:
            return io.StringIO(self.text, newline="")
        return self.path.open(encoding=self.encoding, errors="replace", newline="")

    def refuse_longer(self, rows: Iterable[Row]) -> None:
        """Refuse rows with more cells than the header has.

        Raises
        ------
        DataStop
            If there is one, with its line.
        """
        for line, cells in rows:
            if len(cells) > len(self.header):
                named = count(len(self.header), "column")
                found = f"The header names {named}, but in line {line:,} a row has {len(cells):,} cells."
                action = "Put text that holds the separator of the columns in quotes."
                if self.delimiter == ",":
                    action = "If the decimal sign is a comma, separate the columns by semicolons or tabs. " + action
                raise refusal(self.path, found, action)


def lay_out(path: Path, head: bytes, *, whole: bool = True) -> Layout:
    """Return the layout of a table.

    Parameters
    ----------
    path : Path
        The file, for messages.
    head : bytes
        Its content, or the beginning of it.
    whole : bool
        Whether `head` is the whole content.

    Raises
    ------
    DataStop
        If it is empty, not text, has more columns than `MOST_COLUMNS`, or a first line that does not end.
    """
    encoding = encoding_of(path, head)
    return lay_out_text(path, head.decode(encoding, errors="replace"), encoding, whole=whole)


def lay_out_text(path: Path, text: str, encoding: str = "utf-8", *, whole: bool = True) -> Layout:
    """Return the layout of a table from its text, see `lay_out`."""
    stream = io.StringIO(text, newline=None)
    above, lines = first_lines(stream)
    told = _EXCEL.fullmatch(lines[0]) if lines else None
    if told:
        above, lines = above + 1, lines[1:]
    if not lines:
        raise refusal(path, "The table is empty.", "Export it again.")
    if not whole and not lines[-1].endswith("\n") and sum(not is_comment(line) for line in lines) < 2:
        raise _too_wide(path)
    best = Candidate.of(lines, told[1]) if told else likeliest(lines)
    if best.error:
        raise refusal(path, f"This is not a table: {best.error}.", "Save it as CSV.")
    if not best.rows:
        raise refusal(path, "The table is empty.", "Export it again.")
    if len(best.header) > MOST_COLUMNS:
        raise _too_wide(path)
    header, sample = _with_names_of_rows(best)
    rest = "".join([*lines[best.skip :], stream.read()])
    decimal, thousands = _signs(rest, best.delimiter)
    return Layout(path, encoding, best.delimiter, decimal, above + best.skip, header, sample, thousands)


def rows_below(layout: Layout) -> Iterator[Row]:
    """Yield the rows below the header that are not empty, see `rows_of`."""
    with layout.open() as lines:
        yield from rows_of(layout.path, islice(lines, layout.skip, None), layout.delimiter, after=layout.skip)


def _with_names_of_rows(found: Candidate) -> tuple[list[str], list[Row]]:
    """Return the header, with a cell for names of rows or for cells without a name, and the rows below it."""
    header, rows = list(found.header), list(found.rows[1:])
    full = [cells for _, cells in rows if any(cells[1:]) or number(cells[0]) is not None]  # without notes
    longer = all(len(cells) == len(header) + 1 for cells in full)
    if full and longer and any(number(name) is None for name in header):
        if not any(cells[-1] for cells in full):
            header.append("")  # trailing delimiter in each row
        elif found.delimiter != "," or not _may_be_decimals(full):
            # R writes row names without a header; they are words or whole numbers
            named = all(cells[0].isdecimal() or number(cells[0]) is None for cells in full)
            header.insert(0 if named else len(header), "")
    return header, rows


def _may_be_decimals(rows: Sequence[list[str]]) -> bool:
    """Return whether the first two cells of the rows may be one number with a decimal comma."""
    points = any(re.fullmatch(r"\d+\.\d+", cell) for cells in rows for cell in cells)
    return not points and all(cells[0].isdecimal() for cells in rows)


def _too_wide(path: Path) -> DataStop:
    return refusal(path, f"The first line names more than {MOST_COLUMNS:,} columns, or does not end.", _TOO_WIDE)


def _signs(text: str, delimiter: str) -> tuple[str, str]:
    """Return the decimal sign and the sign between thousands, which is empty if there is none."""
    if delimiter == ",":  # thousands are in quotes then
        return ".", "," if '"' in text and re.search(rf'"[+-]?{_GROUPED["."]}"', text) else ""
    if "," not in text:
        return ".", ""
    if _has(_GROUPED[","], text, delimiter):
        return ",", "."
    if _has(_GROUPED["."], text, delimiter):
        return ".", ","
    return "," if _has(rf"\d+,\d+{_POWER}", text, delimiter) else ".", ""


def _has(number: str, text: str, delimiter: str) -> bool:
    """Return whether some cell is a number of this pattern."""
    end = r"\s" if delimiter == SPACES else re.escape(delimiter)
    return bool(re.search(rf'(?:^|{end})[ ]*"?[+-]?{number}"?[ ]*(?:{end}|$)', text, re.MULTILINE))
