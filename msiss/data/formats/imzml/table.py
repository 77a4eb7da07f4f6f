"""The metadata of the spectra of a file, as columns that grow."""

import math
from array import array
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from msiss.data.formats.imzml.spectrum_kinds import Description

# An array of a spectrum: its kind, its offset, its number of values, and its bytes, -1 if they are not given.
ArrayRow = tuple[int, int, int, int]
_KIND, OFFSET, LENGTH, ENCODED = range(4)
# What describes an array: (accession, name) of a term, or ("", id) of a group of terms.
ArrayKind = tuple[tuple[str, str], ...]


@dataclass
class SpectrumRow:
    """One spectrum.

    Attributes
    ----------
    place : tuple of three int
        Column x, row y and layer z.
    description : int
        Number of its description.
    numbers : mapping of str to float
        Other numbers by name, such as "isolated"; those that are missing are NaN in the table.
    arrays : list of ArrayRow
    """

    place: tuple[int, int, int]
    description: int
    numbers: Mapping[str, float] = field(default_factory=dict)
    arrays: list[ArrayRow] = field(default_factory=list)


class SpectrumTable:
    """The spectra of a file, in its order.

    Attributes
    ----------
    descriptions : dict of Description to int
        What spectra say about themselves, and the number of it.
    array_kinds : dict of ArrayKind to int
        The kinds of arrays, and the number of each.
    """

    def __init__(self) -> None:
        self.descriptions: dict[Description, int] = {}
        self.array_kinds: dict[ArrayKind, int] = {}
        self._places = tuple(array("q") for _ in range(3))
        self._described = array("q")
        self._numbers: dict[str, array[float]] = {}
        self._arrays = tuple(array("q") for _ in range(5))  # spectrum, and the columns of an ArrayRow

    def __len__(self) -> int:
        return len(self._described)

    def append(self, row: SpectrumRow) -> None:
        """Add a spectrum."""
        number = len(self)
        for column, value in zip(self._places, row.place, strict=True):
            column.append(value)
        self._described.append(row.description)
        for name in row.numbers.keys() - self._numbers.keys():
            self._numbers[name] = array("d", [math.nan]) * number
        for name, values in self._numbers.items():
            values.append(row.numbers.get(name, math.nan))
        for one in row.arrays:
            for column, value in zip(self._arrays, (number, *one), strict=True):
                column.append(value)

    def extend(
        self, places: np.ndarray, described: np.ndarray, numbers: Mapping[str, np.ndarray], arrays: np.ndarray
    ) -> None:
        """Add several spectra.

        Parameters
        ----------
        places : ndarray of shape (n, 3), int64
        described : ndarray of shape (n,), int64
        numbers : mapping of str to ndarray of shape (n,), float64
        arrays : ndarray of shape (a, 5), int64
            The index of a spectrum among these, ascending, and an ArrayRow of it.
        """
        known = len(self)
        for column, values in zip(self._places, places.T, strict=True):
            column.frombytes(values.tobytes())
        self._described.frombytes(described.tobytes())
        for name in numbers.keys() - self._numbers.keys():
            self._numbers[name] = array("d", [math.nan]) * known
        missing = np.full(len(places), np.nan)
        for name, kept in self._numbers.items():
            kept.frombytes(numbers.get(name, missing).tobytes())
        spectra, *rows = arrays.T
        for column, values in zip(self._arrays, (spectra + known, *rows), strict=True):
            column.frombytes(values.tobytes())

    def columns(self) -> dict[str, np.ndarray]:
        """Return all columns by name."""
        places = dict(zip("xyz", self.coordinates.T, strict=True))
        arrays = dict(zip(("spectrum", "kind", "offset", "length", "encoded"), self._columns(), strict=True))
        return places | {"described": self.described} | {name: self.numbers(name) for name in self._numbers} | arrays

    @property
    def coordinates(self) -> np.ndarray:
        """Column, row and layer of each spectrum, shape (n, 3), int64."""
        return np.stack([np.frombuffer(axis, dtype=np.int64) for axis in self._places], axis=1)

    @property
    def described(self) -> np.ndarray:
        """The number of the description of each spectrum, shape (n,), int64."""
        return np.frombuffer(self._described, dtype=np.int64)

    def numbers(self, name: str) -> np.ndarray:
        """Return a number of each spectrum, NaN where it is missing, shape (n,)."""
        values = self._numbers.get(name)
        return np.full(len(self), np.nan) if values is None else np.array(values)

    def filled(self) -> set[int]:
        """Return the kinds of arrays that hold values."""
        _, kind, _, length, _ = self._columns()
        return set(np.unique(kind[length != 0]).tolist())

    def first_of(self, kinds: Collection[int]) -> int:
        """Return the index of the first spectrum with an array of these kinds that holds values."""
        spectrum, kind, _, length, _ = self._columns()
        return int(spectrum[np.flatnonzero(np.isin(kind, list(kinds)) & (length != 0))[0]])

    def holds(self, kinds: Collection[int]) -> np.ndarray:
        """Return whether each spectrum has an array of these kinds that holds values, shape (n,), bool."""
        spectrum, kind, _, length, _ = self._columns()
        found = np.zeros(len(self), dtype=bool)
        found[spectrum[np.isin(kind, list(kinds)) & (length != 0)]] = True
        return found

    def bytes_of(self, kinds: Collection[int]) -> int:
        """Return the declared bytes of all arrays of these kinds; shared ones count once."""
        _, kind, offset, _, encoded = self._columns()
        chosen = np.isin(kind, list(kinds))
        _, first = np.unique(offset[chosen], return_index=True)
        return int(np.maximum(encoded[chosen][first], 0).sum())

    def arrays(self, kinds: Collection[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return offset, length, encoded length (-1 if not given) and number of each spectrum's arrays of these kinds.

        Only arrays that hold values count; without one, a spectrum has the length 0 at the offset 0.
        """
        spectrum, kind, offset, length, encoded = self._columns()
        chosen = np.flatnonzero(np.isin(kind, list(kinds)) & (length != 0))
        spectrum = spectrum[chosen]
        found = []
        for values, missing in ((_unwrapped(offset[chosen]), 0), (length[chosen], 0), (encoded[chosen], -1)):
            column = np.full(len(self), missing, dtype=np.int64)
            column[spectrum] = values
            found.append(column)
        return found[0], found[1], found[2], np.bincount(spectrum, minlength=len(self))

    def _columns(self) -> tuple[np.ndarray, ...]:
        return tuple(np.frombuffer(column, dtype=np.int64) for column in self._arrays)


def _unwrapped(offsets: np.ndarray) -> np.ndarray:
    """Correct offsets of 2 GiB and more that programs wrote with signed 32-bit overflow."""
    negative = offsets < 0
    if not negative.any():
        return offsets
    return offsets + 2**32 * np.cumsum(np.diff(negative.astype(np.int64), prepend=0) > 0)
