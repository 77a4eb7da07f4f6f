"""The separator of the columns of text tables, and the line with their names, which decide each other."""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from msiss.data.column_names import fields_in, number
from msiss.data.table_rows import SPACES, Row, is_comment, parsed

DELIMITERS = ("\t", ";", ",", "|")
_LOOKED_AT = 20  # lines from which the layout is inferred
_ENOUGH = ((_LOOKED_AT, 20_000), (1, 2_000_000))  # of long lines, fewer are looked at: so many, of so many characters
_ABOVE = 60  # lines that may stand above the names of the columns
_QUOTED = re.compile(r'"[^"]*"')
# No decimal comma: no digit on one side, or between digits of a word and a number with a point ("PC 34:1,760.585").
_COMMA = re.compile(r"(?<!\d),|,(?!\d)|(?<=[A-Za-z:])\d+,(?=\d+\.\d+\s*(?:,|$))")


@dataclass(frozen=True)
class Candidate:
    """What a table is if a sign separates its columns.

    Attributes
    ----------
    delimiter : str
    skip : int
        Lines above the first row, with the header.
    rows : list of Row
        The header, and some rows below it.
    fields : int
        How many columns the header names.
    signs : int
        How often the header has the separator.
    error : str
        Why this is no table; empty if it is one.
    """

    delimiter: str
    skip: int = 0
    rows: Sequence[Row] = ()
    fields: int = 0
    signs: int = 0
    error: str = ""

    @classmethod
    def of(cls, lines: Sequence[str], delimiter: str) -> "Candidate":
        """Return what some lines are if they are separated by `delimiter`."""
        try:
            rows = list(parsed(lines, delimiter, after=0))
        except csv.Error as error:
            return cls(delimiter, error=str(error))
        if not rows:
            return cls(delimiter)
        start, fields = next(
            ((place, fields) for place, (_, cells) in enumerate(rows[:_ABOVE]) if (fields := fields_in(cells))),
            (_title_lines(rows), 0),
        )
        line, header = rows[start]
        if not fields:
            named = _behind_a_sign(lines[: line - 1], delimiter, len(header))
            if named is not None:
                line, header = named
                start, fields = start - 1, fields_in(header)
        text = _QUOTED.sub("", lines[line - 1])
        signs = len(_COMMA.findall(text)) if delimiter == "," else text.count(delimiter)
        signs = len(header) - 1 if delimiter == SPACES else signs
        return cls(delimiter, line, [(line, header), *rows[start + 1 : start + 1 + _LOOKED_AT]], fields, signs)

    @property
    def header(self) -> list[str]:
        """Cells of the first line."""
        return self.rows[0][1] if self.rows else []

    @property
    def columns(self) -> int:
        """Number of columns."""
        return len(self.header)

    @property
    def share(self) -> float:
        """Share of the rows with as many cells as the header, or one more."""
        return sum(len(cells) - self.columns in (0, 1) for _, cells in self.rows) / max(1, len(self.rows))

    @property
    def likely(self) -> bool:
        """Whether this may be the separator; spaces may also stand in names, so all rows must agree on them."""
        wide = max((len(cells) for _, cells in self.rows), default=0) > 1
        return not self.error and (self.delimiter != SPACES or (wide and self.share == 1))

    def rank(self) -> tuple[int, float, bool, int]:
        """Return what decides between several separators: names of columns, equal lengths, and their number."""
        return self.fields, round(self.share, 1), self.signs > 0 and self.delimiter != SPACES, self.signs


def likeliest(lines: Sequence[str]) -> Candidate:
    """Return what some lines most likely are."""
    found = [Candidate.of(lines, sign) for sign in DELIMITERS if any(sign in line for line in lines)]
    if not any(one.columns > 1 for one in found) or all(not one.fields for one in found):
        found.append(Candidate.of(lines, SPACES))
    likely = [one for one in found if one.likely] or [one for one in found if one.delimiter != SPACES]
    single = Candidate.of(lines, "\t")  # of one column
    return max(likely, key=Candidate.rank, default=single)


def first_lines(stream: Iterable[str]) -> tuple[int, list[str]]:
    """Return how many empty lines are at the beginning, and the lines from which the layout is inferred."""
    above, lines, length, rows = 0, list[str](), 0, 0
    for line in stream:
        if not lines and not line.strip():
            above += 1
            continue
        lines.append(line)
        length += len(line)
        rows += not is_comment(line) and bool(line.strip())
        if rows > _LOOKED_AT + _ABOVE or any(rows > few and length > many for few, many in _ENOUGH):
            break
    return above, lines


def _title_lines(rows: Sequence[Row]) -> int:
    """Return the number of rows at the beginning with one cell of text only, above rows with several cells."""
    filled = [[cell for cell in cells if cell] for _, cells in rows]
    for place, cells in enumerate(filled):
        if len(cells) > 1:
            return place
        if number(cells[0]) is not None or place == _ABOVE:
            break
    return 0


def _behind_a_sign(above: Sequence[str], delimiter: str, columns: int) -> Row | None:
    """Return the names of the columns in the last of the lines with # above them, such as NumPy writes."""
    for place in range(len(above) - 1, -1, -1):
        if is_comment(above[place]):
            for text in (above[place].lstrip("# "), above[place]):  # the sign may name a column of its own
                _, cells = next(parsed([text], delimiter, comments=""), (0, []))
                if len(cells) == columns and fields_in(cells):
                    return place + 1, cells
            return None
    return None
