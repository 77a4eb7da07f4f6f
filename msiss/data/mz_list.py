"""Lists of m/z from tables, with or without a header."""

import math
import re
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from msiss.data.candidates import between_commas, candidates, first_of
from msiss.data.column_names import plain
from msiss.data.mobility_columns import find_mobility
from msiss.data.mz_columns import find_mz
from msiss.data.numbers import is_range, numbers
from msiss.data.recipe import ListedIon
from msiss.data.table import Table, read_table, remedy
from msiss.errors import DataError, MsissWarning

Window = tuple[float, float]
# What the cells of a column without a name look like.
_FORMS = {
    "formula": re.compile(r"(?=.*\d)(?:[A-Z][a-z]?\d*)+"),
    "adduct": re.compile(r"\[?\d?M\s?[+-].*|[+-](?:[A-Z][a-z]?\d*)+"),
}


def read_mz_list(path: Path) -> tuple[ListedIon, ...]:
    """Read the m/z, and names, formulas, adducts, classes and windows of ion mobility if there are any, from a table.

    The m/z are in the column that `msiss.data.mz_columns` finds. A range such as "760.58-760.60" stands for its middle.
    Of several candidates in one cell, separated by semicolons, or by commas in files of METASPACE, the first is kept,
    with the number of the others: "PC 34:1 (+2)". The default name is formula and adduct.

    Parameters
    ----------
    path : Path
        A text table or a workbook, as `msiss.data.table` reads it.

    Returns
    -------
    tuple of ListedIon
        In the order of the table, without duplicates: ions of the same m/z differ in their window of ion mobility.

    Raises
    ------
    DataError
        If the file is not such a table; the message names the invalid line.

    Warns
    -----
    MsissWarning
        If an ion is listed more than once, of which the first is kept, or something else was decided for the user.
    """
    table = read_table(path)
    columns = find_mz(table)
    mz = np.mean([_mz(table, place) for place in columns.places], axis=0)
    windows = find_mobility(table)
    known = _known(table) if table.header else _told_by_content(table)
    ions: dict[tuple[float, Window | None], ListedIon] = {}
    for row, (value, window) in enumerate(zip(mz.tolist(), windows, strict=True)):
        texts = {"adduct": columns.adduct} | {field: column[row] for field, column in known.items()}
        ions.setdefault((value, window), _ion(value, window, texts))
    if not ions:
        raise DataError(f"{path.name} has a header but no m/z below it.")
    if repeated := len(table.rows) - len(ions):
        _warn(f"{path.name}: {repeated} m/z are there more than once. Only the first of each is used.")
    return tuple(ions.values())


def _mz(table: Table, place: int) -> list[float]:
    """Return the m/z in a column.

    Raises
    ------
    DataError
        If a cell is none; the message names the line.
    """
    texts = [cells[place] for _, cells in table.rows]
    found = numbers(texts)
    for (line, _), text, value in zip(table.rows, texts, found, strict=True):
        if not 0 < value < np.inf:
            raise DataError(f'Line {line} of {table.path.name}: "{text[:40]}" is not an m/z. {remedy(text)}')
    ranges = [text for text in texts if is_range(text)]
    if ranges:
        _warn(f"{table.path.name}: of ranges of m/z, such as {ranges[0][:40]}, the middle is used.")
    return found


def _known(table: Table) -> dict[str, list[str]]:
    """Return the columns of annotations, with the first of several molecules in a cell."""
    places = table.places("mz", "name", "formula", "adduct", "class")
    places.pop("mz", None)
    texts = {field: table.texts(place) for field, place in places.items()}
    found = {field: [first_of(candidates(cell)) for cell in column] for field, column in texts.items()}
    if "name" in places and plain(table.header[places["name"]]) == "moleculenames":  # of METASPACE
        ids = next((place for place, name in enumerate(table.header) if plain(name) == "moleculeids"), None)
        of_ids = [""] * len(table.rows) if ids is None else table.texts(ids)
        pairs = zip(texts["name"], of_ids, strict=True)
        found["name"] = [first_of(between_commas(names, together)) for names, together in pairs]
    return found


def _told_by_content(table: Table) -> dict[str, list[str]]:
    """Return formulas, adducts and names of a list without names of columns: the first column of text of each kind."""
    found: dict[str, list[str]] = {}
    for place in range(len(table.rows[0][1])):
        column = table.texts(place)
        filled = [*filter(None, column)]
        if filled and all(map(math.isnan, numbers(filled))):
            kind = next((kind for kind, form in _FORMS.items() if all(map(form.fullmatch, filled))), "name")
            if kind != "name" or len({*filled}) == len(filled):  # otherwise it may be a class, or "m/z" before each
                found.setdefault(kind, [first_of(candidates(cell)) for cell in column])
    if found:
        told = ", ".join(f"{next(filter(None, column))} as {kind}" for kind, column in found.items())
        _warn(f"{table.path.name}: the columns have no names. Taken are {told}.")
    return found


def _ion(mz: float, window: Window | None, texts: Mapping[str, str]) -> ListedIon:
    name = texts.get("name") or " ".join(filter(None, (texts.get("formula", ""), texts.get("adduct", ""))))
    return ListedIon(mz=mz, mobility=window, **{**texts, "name": name})


def _warn(text: str) -> None:
    warnings.warn(text, MsissWarning, stacklevel=3)
