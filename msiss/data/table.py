"""The reader of text tables: their layout and their cells.

Columns are separated by commas, semicolons, tabs or vertical bars; if they are not separated by commas, the decimal
sign may be a comma. Text is UTF-8, UTF-16 or Latin-1. Empty lines and lines that begin with # are skipped; a first cell
that begins with # must be quoted. The names of the columns are in `msiss.data.column_names`.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from msiss.data.cells import unescaped
from msiss.data.column_names import find_fields, number
from msiss.data.findings import DataStop, HealthRow
from msiss.data.small import read_small
from msiss.errors import DataError
from msiss.words import count

# More than in any list of ions; each column costs time and memory beside those of its cells.
MOST_COLUMNS = 20_000
# Missing values, as pandas reads and R and spreadsheets write them.
MISSING = {"", "NA", "N/A", "n/a", "NaN", "nan", "-NaN", "-nan", "NULL", "null", "None", "<NA>", "#N/A", "#NA"}
_DELIMITERS = "\t;,|"
_TOO_WIDE = "List one ion per line; of a table of pixels choose ions, or export the spectra as imzML."
_LOOKED_AT = 20  # lines from which the layout is inferred
_QUOTED = re.compile(r'"[^"]*"')
_EXCEL = re.compile(r'"?sep=([\t;,|])"?\s*', re.IGNORECASE)  # the first line that Excel reads and writes
Row = tuple[int, list[str]]  # number of the line from 1, and its cells


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
    """

    path: Path
    encoding: str
    delimiter: str
    decimal: str
    skip: int
    header: list[str]
    sample: list[Row]

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
        found = [number(cells[place]) for _, cells in self.rows]
        values = np.array([np.nan if value is None else value for value in found], dtype=np.float64)
        bad = ~np.isfinite(values)
        if bad.any():
            line, cells = self.rows[int(bad.argmax())]
            raise DataError(
                f"{self.path.name}, line {line}: {self.header[place][:40]} is not a number ({cells[place][:40]}). "
                "Correct the line or remove it."
            )
        return values

    def names(self) -> str:
        """Return the names of the columns for a message."""
        return ", ".join(self.header)[:200] if self.header else "no line with the names of the columns"


def read_table(path: Path) -> Table:
    """Read a table of ions of the size of a list.

    Raises
    ------
    DataError
        If it cannot be opened, is larger than `msiss.data.small.LARGEST`, is no table, or a row is longer than the
        header.
    """
    try:
        data = read_small(path)
    except OSError as error:
        raise DataError(f"{path.name} cannot be opened: {error.strerror or error}.") from error
    layout = lay_out(path, data)
    lines = io.StringIO(data.decode(layout.encoding, errors="replace"), newline=None)
    header, width = layout.header, len(layout.header)
    above = layout.skip
    if number(header[0]) is not None:
        header, above = [], above - 1
    rows = []
    for line, cells in _rows(path, islice(lines, above, None), layout.delimiter, after=above):
        while len(cells) > width and not cells[-1]:
            cells.pop()  # a delimiter at the end
        if header:
            layout.refuse_longer([(line, cells)])
        rows.append((line, cells + [""] * (width - len(cells))))
    return Table(path, layout.delimiter, header, rows)


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
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        encoding = "latin-1" if encoding == "utf-8-sig" else encoding  # of older spreadsheet programs
    if encoding != "utf-16" and b"\0" in head:
        raise refusal(path, "This is not a text file.", "Save the table as CSV.")
    lines = io.StringIO(head.decode(encoding, errors="replace"), newline=None)
    skip, first, delimiter = 0, "", ""
    for line in lines:
        skip += 1
        told = None if delimiter else _EXCEL.fullmatch(line)
        if told:
            delimiter = told[1]
        elif line.strip() and not line.startswith("#"):
            first = line
            break
    if not first:
        raise refusal(path, "The table is empty.", "Export it again.")
    sample = list(islice(lines, _LOOKED_AT))
    delimiter = delimiter or _delimiter(first, sample)
    if first.count(delimiter) >= MOST_COLUMNS or not (whole or first.endswith("\n")):
        found = f"The first line names more than {MOST_COLUMNS:,} columns, or does not end."
        raise refusal(path, found, _TOO_WIDE)
    parsed = list(_rows(path, [first, *sample], delimiter, after=skip - 1))
    header = parsed[0][1] if parsed else [""]
    rows = parsed[1:]
    if (
        rows
        and all(len(cells) == len(header) + 1 for _, cells in rows)
        and any(number(name) is None for name in header)
    ):
        if not any(cells[-1] for _, cells in rows):
            header.append("")  # trailing delimiter in each row
        elif delimiter != "," or number(rows[0][1][0]) is None:
            header.insert(0, "")  # R writes row names without a header
    decimal = "," if delimiter != "," and _has_comma("".join([*sample, lines.read()]), delimiter) else "."
    return Layout(path, encoding, delimiter, decimal, skip, header, rows)


def refusal(path: Path, found: str, action: str, *, check: str = "table") -> DataStop:
    """Return the error about an invalid table, with what to do."""
    return DataStop(HealthRow(check, "stop", found, "", action), path.name)


def _rows(path: Path, lines: Iterable[str], delimiter: str, *, after: int) -> Iterator[Row]:
    """Yield the rows that are not empty; `after` is the number of lines above the first."""
    at_start = True  # of a row; a quoted cell may contain several lines

    def fed() -> Iterator[str]:
        nonlocal at_start
        for line in lines:
            comment, at_start = at_start and line.startswith("#"), False
            yield "\n" if comment else line

    reader = csv.reader(fed(), delimiter=delimiter, skipinitialspace=True)
    try:
        for cells in reader:
            at_start = True
            stripped = [unescaped(cell.strip()) for cell in cells]
            if any(stripped):
                yield after + reader.line_num, stripped
    except csv.Error as error:
        raise refusal(path, f"This is not a table: {error}.", "Save it as CSV.") from error


def _delimiter(first: str, sample: list[str]) -> str:
    """Return the separator of the columns: the one with equal numbers of cells in all rows, else the most frequent."""
    bare = _QUOTED.sub("", first)
    times = {delimiter: bare.count(delimiter) for delimiter in _DELIMITERS if delimiter in bare}
    if len(times) > 1 and "," in times:
        times[","] = len(re.findall(r"(?<!\d),|,(?!\d)", bare))  # commas between digits may be decimal signs

    def likelihood(delimiter: str) -> tuple[bool, int]:
        try:
            widths = [len(cells) for cells in csv.reader([first, *sample], delimiter=delimiter) if any(cells)]
        except csv.Error:
            return False, times[delimiter]
        return all(width - widths[0] in (0, 1) for width in widths), times[delimiter]

    return max(times, key=likelihood) if len(times) > 1 else next(iter(times), "\t")


def _has_comma(text: str, delimiter: str) -> bool:
    """Return whether some cell is a number with a decimal comma."""
    end = re.escape(delimiter)
    return bool(re.search(rf'(?:^|{end})[ ]*"?[+-]?\d+,\d+(?:[eE][+-]?\d+)?"?[ ]*(?:{end}|$)', text, re.MULTILINE))
