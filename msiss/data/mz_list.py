"""Lists of m/z from tables, with or without a header."""

import re
import warnings
from pathlib import Path

import numpy as np

from msiss.data.column_names import number, plain
from msiss.data.recipe import ListedIon
from msiss.data.table import Table, read_table
from msiss.errors import DataError, MsissWarning

LONGEST_NAME = 60
_ADDUCT = re.compile(r"\[?\d?M[+-][A-Za-z0-9+-]{1,20}\]?\d?[+-]?")  # the name of a column, as in M+H


def read_mz_list(path: Path) -> tuple[ListedIon, ...]:
    """Read the m/z, and names, formulas, adducts and classes if there are any, from a table.

    With a header, the m/z are in the column named m/z, mz, mass or the like; without one, in the first column. Of
    several candidates in one cell, separated by semicolons, or by commas in files of METASPACE, the first is kept, with
    the number of the others: "PC 34:1 (+2)". The default name is formula and adduct.

    Parameters
    ----------
    path : Path
        A table as `msiss.data.table` reads it.

    Returns
    -------
    tuple of ListedIon
        In the order of the table, without duplicates.

    Raises
    ------
    DataError
        If the file is not such a table; the message names the invalid line.

    Warns
    -----
    MsissWarning
        If an m/z is listed more than once; the first is kept.
    """
    table = read_table(path)
    places = _places(table)
    mz_place = places.pop("mz")
    known = {field: table.texts(place) for field, place in places.items()}
    if "name" in places and plain(table.header[places["name"]]) == "moleculenames":  # of METASPACE
        known["name"] = [names.replace(", ", ";") for names in known["name"]]
    ions: dict[float, ListedIon] = {}
    repeated = 0
    for place, (line, cells) in enumerate(table.rows):
        text = cells[mz_place]
        mz = number(text)
        if mz is None or not 0 < mz < np.inf:
            raise DataError(f'Line {line} of {path.name}: "{text[:40]}" is not an m/z. Correct the line or remove it.')
        repeated += mz in ions
        if mz not in ions:
            ions[mz] = _ion(mz, {field: _first(texts[place]) for field, texts in known.items()})
    if not ions:
        raise DataError(f"{path.name} has a header but no m/z below it.")
    if repeated:
        warnings.warn(
            f"{path.name}: {repeated} m/z are there more than once. Only the first of each is used.",
            MsissWarning,
            stacklevel=2,
        )
    return tuple(ions.values())


def _places(table: Table) -> dict[str, int]:
    """Return the columns of the m/z and of the annotations."""
    name = table.path.name
    if not table.header:
        rows = [cells for _, cells in table.rows]
        if table.delimiter == "," and all(len(cells) == 2 and (cells[0] + cells[1]).isdecimal() for cells in rows):
            raise DataError(
                f"{name} can be read in two ways: {','.join(rows[0])} is a decimal comma or two columns. "
                "Use decimal points, or put a line with the names of the columns first."
            )
        return {"mz": 0}
    places = table.places("mz", "name", "formula", "adduct", "class")
    if "mz" not in places:
        raise DataError(f"{name} has no column of m/z; its columns are {table.names()}. Name that column mz.")
    adducts = [other for other in table.header if _ADDUCT.fullmatch(other)]
    if adducts and plain(table.header[places["mz"]]) == "mass":
        raise DataError(
            f"{name} has the column mass beside {', '.join(adducts)[:200]}, so it holds masses of neutral molecules. "
            "Name the column with the m/z of the ions mz."
        )
    return places


def _ion(mz: float, texts: dict[str, str]) -> ListedIon:
    if not texts.get("name"):
        texts["name"] = " ".join(filter(None, (texts.get("formula", ""), texts.get("adduct", ""))))
    return ListedIon(mz=mz, **texts)


def _first(cell: str) -> str:
    """Return the first of several candidates, shortened, and the number of others."""
    candidates = [part.strip() for part in cell.split(";") if part.strip()]
    if not candidates:
        return ""
    text = candidates[0]
    text = text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1].rstrip() + "…"
    return text if len(candidates) == 1 else f"{text} (+{len(candidates) - 1})"
