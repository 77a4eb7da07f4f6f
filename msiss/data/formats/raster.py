"""The raster of a measurement: which column and row each position has, whatever the positions count."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

# Largest deviation of a position from the raster, in pixels; stage positions are not exact.
_JITTER = 0.25
# Share of pixels with a spectrum at and above which a raster is accepted at once.
FULL = 0.2
# A raster is too coarse if more than one pixel in a hundred coincides with another one.
_KEPT = 0.99
# Empty rows or columns that remain of a gap when it is closed.
_GAP = 5
# Gaps of more steps than this lie between regions, which may have rasters of their own origin, if there are as many
# pixels in each and not more regions.
_APART, _FEWEST_PIXELS, _MOST_REGIONS = 11, 20, 100
# Two steps are equal within this share, and coarser than another one from this ratio on.
_EQUAL, _COARSER = 0.01, 1.5


@dataclass(frozen=True, eq=False)
class Raster:
    """Column and row of each of n positions.

    Attributes
    ----------
    column, row : ndarray of shape (n,), int64
        Counted from 0.
    pitch : tuple of two float
        Distance between rows and between columns, in the unit of the positions; 1 if there is only one.
    """

    column: np.ndarray
    row: np.ndarray
    pitch: tuple[float, float]


def find_raster(x: np.ndarray, y: np.ndarray) -> Raster | None:
    """Return the finest plausible raster of n positions, or None if they have no regular step.

    Integers are indices of pixels unless they have a common step; other numbers are lengths with a regular step, from
    which pixels may deviate by a quarter of it. Regions far apart may have rasters of different origins.

    Parameters
    ----------
    x, y : ndarray of shape (n,), float64
        Finite, of any origin and unit.
    """
    whole = _find(x, y)
    return _of_regions(x, y, whole) or whole


def fill(row: np.ndarray, column: np.ndarray) -> float:
    """Return the share of the pixels of the image that are listed."""
    return float(len(row) / ((int(row.max()) + 1.0) * (int(column.max()) + 1.0)))


def close_gaps(index: np.ndarray) -> np.ndarray:
    """Return rows or columns with long runs of empty ones shortened."""
    values, which = np.unique(index, return_inverse=True)
    steps = np.minimum(np.diff(values, prepend=values[0]), _GAP + 1)
    return np.cumsum(steps)[which]


def distinct(column: np.ndarray, row: np.ndarray) -> int:
    """Return the number of different places."""
    return len(np.unique(row.astype(np.float64) * (column.max() + 1.0) + column))


def _find(x: np.ndarray, y: np.ndarray) -> Raster | None:
    places = distinct(*(np.unique(values, return_inverse=True)[1] for values in (x, y)))
    fallback = None
    for column, width in _steps(x):
        for row, height in _steps(y):
            if distinct(column, row) < _KEPT * places:
                continue  # too coarse: pixels coincide
            found = Raster(column, row, (height, width))
            if fill(close_gaps(row), close_gaps(column)) >= FULL:
                return found
            fallback = fallback or found
    return fallback


def _of_regions(x: np.ndarray, y: np.ndarray, whole: Raster | None) -> Raster | None:
    """Return the common raster of regions far apart, if it is coarser than that of all positions together."""
    bands = _bands(x), _bands(y)
    _, region, sizes = np.unique(bands[0] * (bands[1].max() + 1) + bands[1], return_inverse=True, return_counts=True)
    if not 1 < len(sizes) <= _MOST_REGIONS or sizes.min() < _FEWEST_PIXELS:
        return None
    column, row = np.empty((2, len(x)), dtype=np.int64)
    pitch: tuple[float, float] | None = None
    for number in range(len(sizes)):
        own = region == number
        found = _find(x[own], y[own])
        if found is None:
            return None
        pitch = pitch or found.pitch
        if not np.allclose(found.pitch, pitch, rtol=_EQUAL):
            return None
        column[own] = found.column + np.floor((x[own].min() - x.min()) / pitch[1] + _JITTER).astype(np.int64)
        row[own] = found.row + np.floor((y[own].min() - y.min()) / pitch[0] + _JITTER).astype(np.int64)
    if pitch is None or (whole and not np.any(np.array(pitch) >= _COARSER * np.array(whole.pitch))):
        return None
    return Raster(column, row, pitch)


def _bands(values: np.ndarray) -> np.ndarray:
    """Return the number of the band of each value; wide gaps lie between bands."""
    values, which = np.unique(values, return_inverse=True)
    differences = np.diff(values)
    wide = differences > _APART * np.median(differences) if len(differences) else differences > 0
    return np.append(0, np.cumsum(wide))[which]


def _steps(values: np.ndarray) -> Iterator[tuple[np.ndarray, float]]:
    """Yield the index of each value on an axis of equal steps, and the step; the finest first."""
    values, which = np.unique(values, return_inverse=True)
    if len(values) == 1:
        yield np.zeros(len(which), dtype=np.int64), 1.0
        return
    differences = np.diff(values)
    for guess in _pitches(values, differences):
        index = np.concatenate(
            [[0.0], np.cumsum(np.rint(differences / guess))]
        )  # cumulative over neighbours, which avoids drift
        if not 0 < index[-1] < 2**52:
            continue
        pitch, start = np.polyfit(index, values, 1) if len(values) > 2 else (differences[0] / index[-1], values[0])
        place = (values - start) / pitch
        if np.abs(place - index).max() <= _JITTER:
            yield index.astype(np.int64)[which], float(f"{pitch:.9g}")


def _pitches(values: np.ndarray, differences: np.ndarray) -> Iterator[float]:
    """Yield candidates for the step: that of integers, the smallest difference, and the smallest above the jitter."""
    if (values == np.rint(values)).all():
        yield float(np.gcd.reduce(differences.astype(np.int64)))
        if differences.min() * _COARSER > np.median(differences):  # lengths rounded to whole numbers
            yield float(differences.min())
    else:
        rounding = 8 * np.finfo(np.float32).eps * np.abs(values).max()
        yield float(differences[differences > min(rounding, differences.max() / 2)].min())
    ordered = np.sort(differences)
    for above in ordered[1:][ordered[1:] > 2 * ordered[:-1]]:
        yield float(np.median(ordered[(ordered >= above) & (ordered < 1.5 * above)]))
