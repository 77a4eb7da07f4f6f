"""Tables with one row per ion and one column per pixel, such as METASPACE's pixel intensities.

The columns of pixels are named by column and row: x0_y0, y0_x0, (0, 0), x=0, y=0 or 0_0. Beside them there is a column
of m/z, and there may be names, formulas and adducts. Encodings, titles and comments are those of other tables. As there
are as many columns as the section has pixels, the table is read line by line, in a time in proportion to its size.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from msiss.data.candidates import between_commas, first_of
from msiss.data.column_names import find_fields, find_places, plain
from msiss.data.column_names import number as number_in
from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats.assemble import assemble
from msiss.data.formats.budget import Budget
from msiss.data.formats.pixel_names import is_bare, place_in
from msiss.data.formats.scatter import Canvas
from msiss.data.formats.scatter import find_places as find_grid
from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress, part
from msiss.data.table_encoding import encoding_of
from msiss.data.table_rows import MISSING, parsed, refusal, rows_of
from msiss.data.table_separator import DELIMITERS, first_lines

LONGEST_LINE = 256 * 2**20  # characters: more than for a million pixels
FEWEST = 2  # columns of pixels
MOST_OTHERS = 200  # columns that are no pixels
HEAD = 16 * 2**20  # bytes that tell the encoding and the layout: a header of a million columns and some rows
_ENDINGS = (".csv", ".tsv", ".txt")


@dataclass(frozen=True, eq=False)
class IonRows:
    """A table with one row per ion.

    Attributes
    ----------
    path : Path
    encoding, delimiter : str
    skip : int
        Number of lines down to the header, with it.
    header : list of str
        Names of the columns.
    pixels : ndarray of int
        Indices of the columns of pixels.
    x, y : ndarray of float
        Column and row of each of them.
    bare : bool
        Whether the names do not say which of their numbers is x.
    """

    path: Path
    encoding: str
    delimiter: str
    skip: int
    header: list[str]
    pixels: np.ndarray
    x: np.ndarray
    y: np.ndarray
    bare: bool


def recognised(path: Path) -> IonRows | None:
    """Return what the header of such a table says, or None if it is another table.

    Raises
    ------
    DataStop
        If its first line is too long.
    """
    if path.suffix.lower() not in _ENDINGS:
        return None
    try:
        with path.open("rb") as file:
            encoding = encoding_of(path, file.read(HEAD))
    except (OSError, DataStop):  # reported by the reader of other tables
        return None
    with _lines(path, encoding) as lines:
        above, first = first_lines(lines)
    found = [_header(path, encoding, above, first, delimiter) for delimiter in DELIMITERS]
    return max(filter(None, found), key=lambda table: len(table.pixels), default=None)


def _header(path: Path, encoding: str, above: int, lines: list[str], delimiter: str) -> IonRows | None:
    """Return the table if its first line with several cells names pixels; `above` empty lines stand above `lines`."""
    try:
        rows = parsed(lines, delimiter, after=above)
        skip, header = next((row for row in rows if sum(map(bool, row[1])) > 1), (0, []))
    except csv.Error:  # a cell is longer than any name
        return None
    found = [place_in(name) for name in header]
    pixels = [place for place, at in enumerate(found) if at]
    others = [name for name, at in zip(header, found, strict=True) if not at]
    if len(pixels) < FEWEST or not 0 < len(others) <= MOST_OTHERS or find_places(others) is not None:
        return None
    x, y = np.array([at for at in found if at]).T
    bare = any(is_bare(header[place]) for place in pixels)
    return IonRows(path, encoding, delimiter, skip, header, np.array(pixels), x, y, bare)


def load(table: IonRows, progress: Progress) -> tuple[IonImages, list[HealthRow]]:
    """Return the ion images in the table, and the findings.

    Raises
    ------
    DataStop
        If there is no column of m/z, a cell is not a number, or the memory does not suffice.
    """
    name, header = table.path.name, table.header
    taken = {*table.pixels.tolist()}
    others = [column for place, column in enumerate(header) if place not in taken]
    fields = find_fields(others, ("mz", "name", "formula", "adduct"))
    if "mz" not in fields and len(others) == 1:
        fields = {"mz": others[0]}
    if "mz" not in fields:
        found = f"Its columns are pixels, such as {header[table.pixels[0]]}, but none of the others is m/z."
        raise refusal(table.path, found, "Add a column with the name mz, with the m/z of each row.")
    budget = Budget(name, table.path)
    grid = find_grid(table.x, table.y, name)
    mz: list[float] = []
    texts: dict[str, list[str]] = {field: [] for field in fields if field != "mz"}
    of_ids = next((place for place, column in enumerate(header) if plain(column) == "moleculeids"), None)
    ids: list[str] = []
    intensities: list[np.ndarray] = []
    reading = part(progress, 0, 0.9)
    for line, share, cells in _rows(table):
        reading(share, f"Reading {name}")
        value = number_in(cells[header.index(fields["mz"])])
        if value is None or not 0 < value < np.inf:
            found = f'Line {line:,}: "{cells[header.index(fields["mz"])][:40]}" is not an m/z.'
            raise refusal(table.path, found, "Correct the line or remove it.")
        budget.reserve(4 * len(table.pixels), "The intensities")
        mz.append(value)
        intensities.append(_numbers(cells, table, line))
        ids.append("" if of_ids is None else cells[of_ids].strip('"'))
        for field, found_texts in texts.items():
            found_texts.append(cells[header.index(fields[field])].strip('"'))
    if not mz:
        raise refusal(table.path, "The table has a header but no rows.", "Export it again.")
    canvas = Canvas(grid, len(mz), budget)
    for ion in range(len(mz)):
        canvas.add(slice(None), slice(ion, ion + 1), intensities[ion][:, None])
        intensities[ion] = np.zeros(0, dtype=np.float32)  # its memory is free again
    names = [first_of(between_commas(*both)) for both in zip(texts.pop("name", []), ids, strict=False)]
    where = grid.in_file(table.x, table.y)
    images, rows = assemble(canvas.finish(), np.array(mz), name=name, names=names, annotations=texts, **where)
    rows = [*grid.rows, *rows]
    if table.bare:
        found = f"The columns of pixels are named like {header[table.pixels[0]]}."
        rows.append(HealthRow("coordinates", "note", found, "The first number is taken as x, the second as y."))
    return images, rows


def _rows(table: IonRows) -> Iterator[tuple[int, float, list[str]]]:
    """Yield the number of the line, the share of the file that is read, and the cells of each row."""
    size = table.path.stat().st_size
    with _lines(table.path, table.encoding) as lines:
        done = 0

        def counted() -> Iterator[str]:
            nonlocal done
            for line in islice(lines, table.skip, None):
                done += len(line)
                yield line

        for number, cells in rows_of(table.path, counted(), table.delimiter, after=table.skip):
            if len(cells) == len(table.header) + 1 and not cells[-1]:
                cells.pop()  # a delimiter at the end
            if len(cells) != len(table.header):
                found = f"Line {number:,} has {len(cells):,} cells, the header names {len(table.header):,} columns."
                raise refusal(table.path, found, "The file may be cut off. Export it again.")
            yield number, min(1.0, done / max(size, 1)), cells


def _numbers(cells: list[str], table: IonRows, line: int) -> np.ndarray:
    """Return the intensities of the pixels, float32, NaN where a cell is empty."""
    wanted = [cells[place] for place in table.pixels]
    try:
        values = np.array([float(cell) for cell in wanted])
    except ValueError:
        values = np.array([_number(cell, table, line) for cell in wanted])
    with np.errstate(over="ignore"):  # values beyond 32-bit floats become infinite and are counted
        return values.astype(np.float32)


def _number(cell: str, table: IonRows, line: int) -> float:
    if cell in MISSING:
        return float("nan")
    value = number_in(cell)
    if value is None:
        found = f'Line {line:,}: "{cell[:40]}" is not a number.'
        raise refusal(table.path, found, "Correct it, or leave it empty.")
    return value


@contextmanager
def _lines(path: Path, encoding: str) -> Iterator[Iterator[str]]:
    """Provide the lines of a text file, which are refused if they are too long for the memory."""
    with path.open(encoding=encoding, errors="replace", newline="") as file:

        def each() -> Iterator[str]:
            while line := file.readline(LONGEST_LINE):
                if len(line) == LONGEST_LINE:
                    raise refusal(path, "A line of it does not end.", "It is no table. Choose another file.")
                yield line

        yield each()
