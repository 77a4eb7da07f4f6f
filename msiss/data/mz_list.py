"""Read a list of m/z from a table: CSV, TSV or semicolons, with or without a header."""

import csv
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from msiss.data.cells import as_meant
from msiss.data.recipe import ListedIon
from msiss.data.small import read_small
from msiss.errors import DataError, MsissWarning

# What the columns are called in the wild, compared in lower case without anything but letters and digits; the first
# that is there is taken.
MZ_COLUMNS = (
    "mz",
    "rawmz",
    "mzvalue",
    "mztheoretical",
    "theoreticalmz",
    "mzmeasured",
    "centroid",
    "centroidmz",
    "mass",
)
COLUMNS = {
    "name": (
        *("name", "names", "compound", "molecule", "moleculename", "moleculenames", "annotation", "lipid", "ion"),
        "allisomernames",
    ),
    "formula": ("formula", "allformulas", "sumformula", "molecularformula", "ionformula"),
    "adduct": ("adduct", "alladducts", "adducts"),
    "class": ("class", "lipidclass", "compoundclass", "category", "mainclass"),
}

LONGEST_NAME = 60


def read_mz_list(path: Path) -> tuple[ListedIon, ...]:
    """Read the m/z, and the names, formulas, adducts and classes where there are any, from a table.

    The columns are separated by commas, tabs or semicolons. With a header, the m/z are in the column named m/z, mz,
    mass or the like; without one, in the first column. Behind semicolons and tabs a comma may be the decimal sign. Of
    several candidates in one cell, separated by semicolons, the first is kept, with the number of the others:
    "PC 34:1 (+2)". An ion without a name is called by its formula and adduct.

    Parameters
    ----------
    path : Path
        A text file. Empty lines and lines that begin with # are left out.

    Returns
    -------
    tuple of ListedIon
        In the order of the table, each m/z once.

    Raises
    ------
    DataError
        Where the file is not such a table, naming the line that is not understood.

    Warns
    -----
    MsissWarning
        Where an m/z is there more than once; the first is kept.
    """
    rows = _rows(path)
    if not rows:
        raise DataError(f"{path.name} is empty. Give a table with one m/z per line.")
    header = None if _number(rows[0][1][0]) is not None else [_plain(cell) for cell in rows[0][1]]
    if header is None:
        if all(len(cells) == 2 and (cells[0] + cells[1]).isdecimal() for _, cells in rows):
            raise DataError(
                f"{path.name} can be read in two ways: {','.join(rows[0][1])} is a decimal comma or two columns. "
                "Use decimal points, or put a line with the names of the columns first."
            )
        column, places = 0, {}
    else:
        similar = [name for name in header if name.startswith("mz")]
        found = next((name for name in MZ_COLUMNS if name in header), similar[0] if len(similar) == 1 else None)
        if found is None:
            raise DataError(
                f"{path.name} has no column of m/z; its columns are {', '.join(rows[0][1])[:200]}. Name that column mz."
            )
        column = header.index(found)
        places = {
            key: next(header.index(name) for name in names if name in header)
            for key, names in COLUMNS.items()
            if any(name in header for name in names)
        }
        rows = rows[1:]
    ions: dict[float, ListedIon] = {}
    repeated = 0
    for line, cells in rows:
        text = cells[column] if column < len(cells) else ""
        mz = _number(text)
        if mz is None or mz <= 0:
            raise DataError(f'Line {line} of {path.name}: "{text[:40]}" is not an m/z. Correct the line or remove it.')
        repeated += mz in ions
        ions.setdefault(mz, _ion(mz, cells, places))
    if not ions:
        raise DataError(f"{path.name} has a header but no m/z below it.")
    if repeated:
        warnings.warn(
            f"{path.name}: {repeated} m/z are there more than once. Only the first of each is used.",
            MsissWarning,
            stacklevel=2,
        )
    return tuple(ions.values())


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """Return the line number and the cells of every line that holds something."""
    try:
        data = read_small(path)
    except OSError as error:
        raise DataError(f"{path.name} cannot be opened: {error.strerror or error}.") from error
    if b"\0" in data:
        raise DataError(f"{path.name} is not a text file. Save the table as CSV.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")  # what older spreadsheet programs write
    lines = text.splitlines()
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    delimiter = max("\t;,", key=first.count)
    try:
        cells = ((number, [as_meant(cell.strip()) for cell in row]) for number, row in _parsed(lines, delimiter))
        return [(number, row) for number, row in cells if any(row) and not row[0].startswith("#")]
    except csv.Error as error:
        raise DataError(f"{path.name} is not a table ({error}). Save it as CSV.") from error


def _parsed(lines: list[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines, delimiter=delimiter)
    for row in reader:
        yield reader.line_num, row if delimiter == "," else [_point(cell) for cell in row]


def _point(cell: str) -> str:
    """Return a number with a decimal comma with a decimal point instead; other text as it is."""
    return cell.replace(",", ".") if re.fullmatch(r"\s*\d+,\d+\s*", cell) else cell


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _ion(mz: float, cells: list[str], places: dict[str, int]) -> ListedIon:
    texts = {key: _first(cells[column]) if column < len(cells) else "" for key, column in places.items()}
    if not texts.get("name"):
        texts["name"] = " ".join(filter(None, (texts.get("formula", ""), texts.get("adduct", ""))))
    return ListedIon(mz=mz, **texts)


def _first(cell: str) -> str:
    """Return the first of several candidates, cut to a readable length, and how many others there are."""
    candidates = [part.strip() for part in cell.split(";") if part.strip()]
    if not candidates:
        return ""
    text = candidates[0]
    text = text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1].rstrip() + "…"
    return text if len(candidates) == 1 else f"{text} (+{len(candidates) - 1})"
