"""Which columns of a list hold the m/z of its ions."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from msiss.data.column_names import (
    COLUMNS,
    are_counted,
    find,
    find_fields,
    mz_columns,
    window_columns,
)
from msiss.data.column_words import adduct_in, is_mass, is_neutral, plain
from msiss.data.numbers import numbers
from msiss.data.table import Table
from msiss.errors import DataError, MsissWarning

_DIFFERENT = 100.0  # ppm between two columns of m/z; measured and theoretical ones are closer
_ADD_MZ = "Add a column mz with the m/z of the ions that you expect. They depend on the adduct."
_NAME_IT = "Name the column with the m/z of your ions mz."


@dataclass(frozen=True)
class MzColumns:
    """The columns of the m/z.

    Attributes
    ----------
    places : tuple of int
        Index of the column, or of those of the lower and upper ends of windows.
    adduct : str
        That of all ions, from the name of the column; may be empty.
    """

    places: tuple[int, ...]
    adduct: str = ""


def find_mz(table: Table) -> MzColumns:
    """Return the columns of the m/z of a list.

    A column of m/z comes first, then the only one named by an adduct, the ends of m/z windows, and mass. Without a
    header it is the first column that does not count the rows.

    Raises
    ------
    DataError
        If there is none, or several among which only the user can choose; the message names them.

    Warns
    -----
    MsissWarning
        If there are several columns of m/z, or one named by an adduct or mass is used.
    """
    if not table.header:
        return MzColumns((_first_numbers(table),))
    named = mz_columns(table.header)
    adducts = {column: adduct for column in table.header if (adduct := adduct_in(column)) and _is_filled(table, column)}
    masses = [column for column in table.header if is_mass(column) or is_neutral(column)]
    window = window_columns(table.header, "mz")
    if named:
        return MzColumns((table.header.index(_one_of(table, named)),))
    if adducts:
        return _by_adduct(table, adducts, masses)
    if window is not None:
        low, high = (table.header.index(column) for column in window)
        return MzColumns((low, high))
    if masses:
        return MzColumns((table.header.index(_mass(table, masses)),))
    found = find_fields(table.header, ("mz",))
    if not found and find(table.header, COLUMNS["formula"]) is not None:
        raise DataError(f"{table.path.name} lists formulas but no m/z; its columns are {table.names()}. {_ADD_MZ}")
    if not found:
        raise DataError(
            f"{table.path.name} has no column of m/z; its columns are {table.names()}. Name that column mz."
        )
    return MzColumns((table.header.index(found["mz"]),))


def _first_numbers(table: Table) -> int:
    """Return the column of m/z of a list without names of columns.

    Raises
    ------
    DataError
        If several columns of numbers follow text, or all numbers are on one line.
    """
    rows = [cells for _, cells in table.rows]
    if table.delimiter == "," and all(len(cells) == 2 and (cells[0] + cells[1]).isdecimal() for cells in rows):
        raise DataError(
            f"{table.path.name} can be read in two ways: {','.join(rows[0])} is a decimal comma or two columns. "
            "Use decimal points, or put a line with the names of the columns first."
        )
    columns = [numbers(column) for column in zip(*rows, strict=True)]
    filled = [place for place, column in enumerate(columns) if np.isfinite(column).all()]
    if len(filled) > 1 and filled[0] == 0 and (are_counted(columns[0]) or columns[0] == [1.0]):
        return filled[1]  # after the numbers of the rows, as R writes them
    if len(rows) == 1 and 1 < len(filled) == len(columns):
        raise DataError(
            f"{table.path.name} is one line of {len(columns)} numbers. Write each m/z on a line of its own. "
            "Or put a line with the names of the columns first, with mz for the m/z."
        )
    if not filled or np.isfinite(columns[0]).any():
        return 0
    if len(filled) > 1:
        raise DataError(
            f"{table.path.name} has {len(filled)} columns of numbers and no line with their names. "
            "Put such a line first, with mz for the m/z."
        )
    return filled[0]


def _one_of(table: Table, named: Sequence[str]) -> str:
    """Return the column of m/z to use; of several that differ only one called just m/z is."""
    first, *others = named
    if plain(first) == "mz" or not others:
        return first
    values = _numbers(table, first)
    for other in others:
        apart = np.abs(_numbers(table, other) - values) / values * 1e6
        if np.nanmax(apart, initial=0) > _DIFFERENT:
            raise DataError(f"{table.path.name} has several columns of m/z: {_listed(named)}. {_NAME_IT}")
    _warn(f"{table.path.name}: the m/z are taken from the column {first}, not from {_listed(others)}.")
    return first


def _by_adduct(table: Table, adducts: dict[str, str], masses: Sequence[str]) -> MzColumns:
    """Return the only column that is named by an adduct."""
    beside = f", and {_listed(masses)} holds masses of neutral molecules" if masses else ""
    if len(adducts) > 1:
        raise DataError(
            f"{table.path.name} has a column of m/z for each adduct: {_listed(list(adducts))}{beside}. {_NAME_IT} "
            "Or list each ion on a line of its own."
        )
    ((column, adduct),) = adducts.items()
    _warn(f"{table.path.name}: the m/z are taken from the column {column}{beside}.")
    return MzColumns((table.header.index(column),), adduct)


def _mass(table: Table, masses: Sequence[str]) -> str:
    """Return the column of masses if these are m/z."""
    name = table.path.name
    ions = [column for column in masses if not is_neutral(column)]
    adduct = find(table.header, COLUMNS["adduct"])
    if not ions or (adduct is not None and _is_filled(table, adduct)):
        why = "" if not ions else f", and the column {adduct} beside"
        raise DataError(
            f"{name} has the column {_listed(masses)}{why} but no m/z, so it holds masses of neutral molecules. "
            f"{_ADD_MZ} If they are m/z already, rename the column to mz."
        )
    if len(ions) > 1:
        raise DataError(f"{name} has several columns of masses: {_listed(ions)}. {_NAME_IT}")
    if find(table.header, COLUMNS["formula"]) is not None or len(masses) > 1:
        _warn(
            f"{name}: the column {ions[0]} is taken as m/z of the ions. If it holds masses of neutral molecules, add a "
            "column mz."
        )
    return ions[0]


def _is_filled(table: Table, column: str) -> bool:
    return any(table.texts(table.header.index(column)))


def _numbers(table: Table, column: str) -> np.ndarray:
    place = table.header.index(column)
    return np.array(numbers([cells[place] for _, cells in table.rows]))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(name[:60] for name in names)[:200]


def _warn(text: str) -> None:
    warnings.warn(text, MsissWarning, stacklevel=4)
