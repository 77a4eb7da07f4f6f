"""The blocks of a report. All texts in them are plain: each format escapes them."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """A heading of level 2 or 3, with the colour of a cluster before it if it has one."""

    text: str
    level: int = 2
    colour: str = ""


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Listing:
    """A list of sentences."""

    items: Sequence[str]


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes
    ----------
    head : sequence of str
        Titles of the columns; empty for a table of facts, whose first column has the titles.
    rows : sequence of sequences of str
    widths : sequence of float
        Relative widths of the columns in a PDF file.
    numbers : frozenset of int
        Columns of numbers, aligned at the right.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Picture:
    """A figure as PNG, `width` mm wide."""

    png: bytes
    about: str
    width: float


@dataclass(frozen=True)
class Pictures:
    """Small pictures in rows: PNG, the lines below each, and their width in mm."""

    pngs: Sequence[bytes]
    lines: Sequence[Sequence[str]]
    width: float


Block = Heading | Text | Listing | Table | Picture | Pictures


@dataclass(frozen=True)
class Report:
    """A report: its title, a line about it, and its blocks."""

    title: str
    about: str
    blocks: Sequence[Block]


def facts(rows: Sequence[tuple[str, str]]) -> Table:
    """Return a table of titles and texts, without those that are empty."""
    return Table((), [row for row in rows if row[1]], (1, 3))
