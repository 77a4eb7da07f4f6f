"""The rows of text tables."""

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from msiss.data.cells import unescaped
from msiss.data.findings import DataStop, HealthRow

# Missing values, as pandas reads and R and spreadsheets write them.
MISSING = {"", "NA", "N/A", "n/a", "NaN", "nan", "-NaN", "-nan", "NULL", "null", "None", "<NA>", "#N/A", "#NA"}
SPACES = " "  # the separator of tables whose columns are separated by any number of spaces
_SPACED = re.compile(r'"(?:[^"]|"")*"|\S+')
Row = tuple[int, list[str]]  # number of the line from 1, and its cells


def parsed(lines: Iterable[str], delimiter: str, *, after: int = 0, comments: str = "#") -> Iterator[Row]:
    """Yield the rows that are not empty; lines that begin with `comments`, unless it is empty, are left out.

    Raises
    ------
    csv.Error
        If the lines are no table.
    """
    at_start = True  # of a row; a quoted cell may contain several lines
    apostrophe = False  # in the row; looked for once, since rows may have very many cells

    def fed() -> Iterator[str]:
        nonlocal at_start, apostrophe
        for line in lines:
            comment, at_start = at_start and bool(comments) and line.startswith(comments), False
            apostrophe = apostrophe or "'" in line
            yield "\n" if comment else _spaced(line) if delimiter == SPACES else line

    reader = csv.reader(fed(), delimiter="\t" if delimiter == SPACES else delimiter, skipinitialspace=True)
    for cells in reader:
        stripped = [*map(str.strip, cells)]
        if apostrophe:
            stripped = [*map(unescaped, stripped)]
        at_start, apostrophe = True, False
        if any(stripped):
            yield after + reader.line_num, stripped


def _spaced(line: str) -> str:
    return "\t".join(_SPACED.findall(line)) + "\n"


def is_comment(line: str) -> bool:
    """Return whether a line is a comment."""
    return line.startswith("#")


def rows_of(path: Path, lines: Iterable[str], delimiter: str, *, after: int) -> Iterator[Row]:
    """Yield the rows that are not empty; `after` is the number of lines above the first.

    Raises
    ------
    DataStop
        If the lines are no table.
    """
    try:
        yield from parsed(lines, delimiter, after=after)
    except csv.Error as error:
        raise refusal(path, f"This is not a table: {error}.", "Save it as CSV.") from error


def refusal(path: Path, found: str, action: str, *, check: str = "table") -> DataStop:
    """Return the error about an invalid table, with what to do."""
    return DataStop(HealthRow(check, "stop", found, "", action), path.name)
