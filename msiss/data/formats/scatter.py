"""From pixels with coordinates to an image: tables list pixels in any order, in pixels or in micrometres."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats.budget import Budget
from msiss.words import count

# Stages do not stop exactly on the grid; beyond a quarter of a pixel nobody can tell which pixel was meant.
_JITTER = 0.25
# Where at least this share of the pixels holds a spectrum, the grid is surely right ...
_FULL = 0.2
# ... and below this share in an image above this size, gaps are closed.
_SPARSE = 0.02
_SMALL = 10_000
# A grid on which more than one in a hundred pixels falls onto another one is too coarse.
_KEPT = 0.99
# Empty rows or columns that are left of a longer gap when it is closed.
_GAP = 5


@dataclass(frozen=True, eq=False)
class Places:
    """Where each of P listed pixels lies in the image.

    Attributes
    ----------
    row, column : ndarray of shape (P,), int64
        Counted from 0; -1 for pixels without a usable position.
    shape : tuple of two int
        Height and width of the image.
    pitch : tuple of two float
        Distance of rows and of columns in the unit of the coordinates.
    rows : list of HealthRow
        What was found.
    """

    row: np.ndarray
    column: np.ndarray
    shape: tuple[int, int]
    pitch: tuple[float, float]
    rows: list[HealthRow]


def one_plane(z: np.ndarray, name: str) -> None:
    """Refuse coordinates on several planes.

    Raises
    ------
    DataStop
        Naming the planes.
    """
    planes = np.unique(z[np.isfinite(z)])
    if len(planes) > 1:
        first = ", ".join(f"{plane:g}" for plane in planes[:5])
        found = f"The pixels lie on {len(planes):,} planes (z = {first}{', ...' if len(planes) > 5 else ''})."
        raise DataStop(HealthRow("planes", "stop", found, "", "Save one plane, a section, per file."), name)


def find_places(x: np.ndarray, y: np.ndarray, name: str) -> Places:
    """Find the grid in which the coordinates of P pixels lie.

    Whole numbers count pixels unless they have a common step; other numbers are lengths with a regular step, from
    which a pixel may be off by a quarter. Long empty stretches between far-apart pixels are closed.

    Parameters
    ----------
    x, y : ndarray of shape (P,), float64
        Horizontal and vertical coordinates, of any origin and unit.
    name : str
        Name of the file for messages.

    Raises
    ------
    DataStop
        If the coordinates are not on a grid.
    """
    known = np.isfinite(x) & np.isfinite(y) & (np.abs(x) < 1e15) & (np.abs(y) < 1e15)
    rows = []
    if not known.any():
        raise _stop("No pixel has coordinates that are numbers.", name)
    if not known.all():
        found = f"{count(int((~known).sum()), 'pixel')} without coordinates."
        rows.append(HealthRow("coordinates", "warning", found, "Left out.", "Look at these rows of the file."))
    column, row, pitch = _grid(x[known], y[known], name)
    closed = False
    if _fill(row, column) < _SPARSE and int(row.max()) * int(column.max()) > _SMALL:
        row, column = _close_gaps(row), _close_gaps(column)
        closed = True
        if _fill(row, column) < _SPARSE and int(row.max()) * int(column.max()) > _SMALL:
            found = f"{count(len(row), 'pixel')} are spread over {row.max() + 1:,} x {column.max() + 1:,} places."
            raise _stop(found, name)
    shape = (int(row.max()) + 1, int(column.max()) + 1)
    if closed:
        meaning = f"The empty space between them is closed; the image has {shape[0]:,} x {shape[1]:,} pixels."
        found = "Some pixels lie far from the others."
        rows.append(
            HealthRow("coordinates", "warning", found, meaning, "Check the coordinates of the outermost pixels.")
        )
    repeated = len(row) - len(np.unique(row * shape[1] + column))
    if repeated:
        found = f"{count(repeated, 'pixel')} at the place of another one."
        action = "If they belong to several sections, save one file per section."
        rows.append(HealthRow("duplicates", "warning", found, "Pixels at one place are averaged.", action))
    if pitch != (1.0, 1.0):
        found = f"Neighbouring pixels are {pitch[1]:.6g} apart in x and {pitch[0]:.6g} in y."
        rows.append(HealthRow("coordinates", "pass", found))
    everywhere = np.full((2, len(x)), -1, dtype=np.int64)
    everywhere[:, known] = row, column
    return Places(everywhere[0], everywhere[1], shape, pitch, rows)


class Canvas:
    """Ion images that are filled in pieces, NaN where nothing was measured.

    Parameters
    ----------
    places : Places
        Where the listed pixels lie.
    ions : int
        How many images there are.
    budget : Budget
        Asked for the room of the images.
    """

    def __init__(self, places: Places, ions: int, budget: Budget) -> None:
        height, width = places.shape
        budget.images((ions, height, width))
        self.cube = np.full((ions, height, width), np.nan, dtype=np.float32)
        self._flat = self.cube.reshape(ions, height * width)
        self._target = np.where(places.row < 0, -1, places.row * width + places.column)
        self._first = np.zeros(len(self._target), dtype=bool)
        used, first, times = np.unique(self._target, return_index=True, return_counts=True)
        self._first[first] = True
        self._shared, self._times = used[times > 1], times[times > 1].astype(np.float32)

    def add(self, pixels: slice, ions: slice, intensities: np.ndarray) -> None:
        """Put in the intensities (p, n) of the listed pixels `pixels` for the images `ions`, pixels in their order."""
        target, first = self._target[pixels], self._first[pixels]
        there = target >= 0
        with np.errstate(over="ignore"):  # what does not fit into 32 bits becomes infinite and is counted
            values = intensities.astype(np.float32, copy=False)
        new = there & first
        self._flat[ions, target[new]] = values[new].T
        for index in np.flatnonzero(there & ~first):  # few: several spectra at one place
            self._flat[ions, target[index]] += values[index]

    def finish(self) -> np.ndarray:
        """Return the images (N, H, W), float32; pixels listed several times hold their mean."""
        keep = self._shared >= 0
        self._flat[:, self._shared[keep]] /= self._times[keep]
        return self.cube


def _grid(x: np.ndarray, y: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray, tuple[float, float]]:
    """Return column and row of each pixel and the pitch (rows, columns), by the finest grid that makes an image."""
    places = _distinct(*(np.unique(values, return_inverse=True)[1] for values in (x, y)))
    fallback = None
    for column, width in _steps(x):
        for row, height in _steps(y):
            if _distinct(column, row) < _KEPT * places:
                continue  # so coarse that pixels fall together
            found = column, row, (height, width)
            if _fill(_close_gaps(row), _close_gaps(column)) >= _FULL:
                return found
            fallback = fallback or found
    if fallback is None:
        raise _stop("The coordinates have no regular step.", name)
    return fallback


def _distinct(column: np.ndarray, row: np.ndarray) -> int:
    return len(np.unique(row.astype(np.float64) * (column.max() + 1.0) + column))


def _steps(values: np.ndarray) -> Iterator[tuple[np.ndarray, float]]:
    """Yield the place of each value on a line of equal steps, counted from 0, and the step; the finest first."""
    distinct, which = np.unique(values, return_inverse=True)
    if len(distinct) == 1:
        yield np.zeros(len(values), dtype=np.int64), 1.0
        return
    differences = np.diff(distinct)
    for guess in _pitches(distinct, differences):
        index = np.concatenate(
            [[0.0], np.cumsum(np.rint(differences / guess))]
        )  # from neighbour to neighbour: no drift
        if not 0 < index[-1] < 2**52:
            continue
        pitch, start = (
            np.polyfit(index, distinct, 1) if len(distinct) > 2 else (differences[0] / index[-1], distinct[0])
        )
        place = (distinct - start) / pitch
        if np.abs(place - index).max() <= _JITTER:
            yield index.astype(np.int64)[which], float(f"{pitch:.9g}")


def _pitches(distinct: np.ndarray, differences: np.ndarray) -> Iterator[float]:
    """Yield what the step may be: that of whole numbers, the smallest difference, or the smallest above the jitter."""
    if (distinct == np.rint(distinct)).all():
        yield float(np.gcd.reduce(differences.astype(np.int64)))
    else:
        rounding = 8 * np.finfo(np.float32).eps * np.abs(distinct).max()
        yield float(differences[differences > min(rounding, differences.max() / 2)].min())
    ordered = np.sort(differences)
    for above in ordered[1:][ordered[1:] > 2 * ordered[:-1]]:
        yield float(np.median(ordered[(ordered >= above) & (ordered < 1.5 * above)]))


def _fill(row: np.ndarray, column: np.ndarray) -> float:
    """Return the share of the pixels of the image that are listed."""
    return float(len(row) / ((int(row.max()) + 1.0) * (int(column.max()) + 1.0)))


def _close_gaps(index: np.ndarray) -> np.ndarray:
    distinct, which = np.unique(index, return_inverse=True)
    steps = np.minimum(np.diff(distinct, prepend=distinct[0]), _GAP + 1)
    return np.cumsum(steps)[which]


def _stop(found: str, name: str) -> DataStop:
    action = "Give each pixel whole numbers x and y, its column and its row."
    return DataStop(HealthRow("coordinates", "stop", found, "", action), name)
