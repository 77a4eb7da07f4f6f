"""From lists of pixels with coordinates, in pixels or micrometres and any order, to images."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats.budget import Budget
from msiss.words import count

# Largest deviation of a position from the grid, in pixels; stage positions are not exact.
_JITTER = 0.25
# Share of pixels with a spectrum at and above which the grid is accepted ...
_FULL = 0.2
# ... and share below which gaps are closed in an image above this size.
_SPARSE = 0.02
_SMALL = 10_000
# A grid is too coarse if more than one pixel in a hundred coincides with another one.
_KEPT = 0.99
# Empty rows or columns that remain of a gap when it is closed.
_GAP = 5


@dataclass(frozen=True, eq=False)
class Places:
    """Position of each of P listed pixels in the image.

    Attributes
    ----------
    row, column : ndarray of shape (P,), int64
        Counted from 0; -1 for pixels without a usable position.
    shape : tuple of two int
        Height and width of the image.
    pitch : tuple of two float
        Distance between rows and between columns, in the unit of the coordinates.
    rows : list of HealthRow
        The findings.
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
        If there are several; the message names them.
    """
    planes = np.unique(z[np.isfinite(z)])
    if len(planes) > 1:
        first = ", ".join(f"{plane:g}" for plane in planes[:5])
        found = f"The pixels lie on {len(planes):,} planes (z = {first}{', ...' if len(planes) > 5 else ''})."
        raise DataStop(HealthRow("planes", "stop", found, "", "Save one plane, a section, per file."), name)


def find_places(x: np.ndarray, y: np.ndarray, name: str) -> Places:
    """Infer the grid of the coordinates of P pixels.

    Integers are indices of pixels unless they have a common step; other numbers are lengths with a regular step, from
    which pixels may deviate by a quarter of it. Long gaps between distant pixels are closed.

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
    """Ion images that are filled block by block, NaN where nothing was measured.

    Parameters
    ----------
    places : Places
        Positions of the listed pixels.
    ions : int
        Number of images.
    budget : Budget
        Budget for the images.
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
        """Add the intensities (p, n) of the listed pixels `pixels`, in their order, to the images `ions`."""
        target, first = self._target[pixels], self._first[pixels]
        there = target >= 0
        with np.errstate(over="ignore"):  # values beyond 32-bit floats become infinite and are counted
            values = intensities.astype(np.float32, copy=False)
        new = there & first
        self._flat[ions, target[new]] = values[new].T
        for index in np.flatnonzero(there & ~first):  # few: several spectra of one pixel
            self._flat[ions, target[index]] += values[index]

    def finish(self) -> np.ndarray:
        """Return the images (N, H, W), float32; pixels listed several times hold their mean."""
        keep = self._shared >= 0
        self._flat[:, self._shared[keep]] /= self._times[keep]
        return self.cube


def _grid(x: np.ndarray, y: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray, tuple[float, float]]:
    """Return column and row of each pixel and the pitch (rows, columns), for the finest plausible grid."""
    places = _distinct(*(np.unique(values, return_inverse=True)[1] for values in (x, y)))
    fallback = None
    for column, width in _steps(x):
        for row, height in _steps(y):
            if _distinct(column, row) < _KEPT * places:
                continue  # too coarse: pixels coincide
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
    """Yield the index of each value on an axis of equal steps, and the step; the finest first."""
    distinct, which = np.unique(values, return_inverse=True)
    if len(distinct) == 1:
        yield np.zeros(len(values), dtype=np.int64), 1.0
        return
    differences = np.diff(distinct)
    for guess in _pitches(distinct, differences):
        index = np.concatenate(
            [[0.0], np.cumsum(np.rint(differences / guess))]
        )  # cumulative over neighbours, which avoids drift
        if not 0 < index[-1] < 2**52:
            continue
        pitch, start = (
            np.polyfit(index, distinct, 1) if len(distinct) > 2 else (differences[0] / index[-1], distinct[0])
        )
        place = (distinct - start) / pitch
        if np.abs(place - index).max() <= _JITTER:
            yield index.astype(np.int64)[which], float(f"{pitch:.9g}")


def _pitches(distinct: np.ndarray, differences: np.ndarray) -> Iterator[float]:
    """Yield candidates for the step: that of integers, the smallest difference, and the smallest above the jitter."""
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
