"""Positions of pixels that count in micrometres or in steps, or of several distant regions.

Instruments count positions over the whole slide, so that there may be a thousand empty columns between two sections,
which would be most of every image. So would be the columns between pixels whose positions are micrometres, or of which
only every second was measured.
"""

import math
from dataclasses import dataclass

import numpy as np

from msiss.data.formats.raster import FULL, Raster, close_gaps, distinct, fill, find_raster

WIDEST_GAP = 10  # consecutive empty columns or rows within one region
CLOSED_GAP = 3  # empty columns or rows between two regions in the images
# Least number and share of the spectra of a region, so that a damaged position does not form one.
FEWEST_SPECTRA, LEAST_SHARE = 20, 0.01

# Positions count in steps if pixels of a sparse section would share a step by chance once in so many files, and lie in
# so many columns, or rows.
UNLIKELY, FEWEST_LINES = 1000, 3
# Positions beyond it are not whole in 64-bit floats with a margin.
_FAR = 2**52
# Up to this step, positions are taken for pixels of which only every so many was measured.
MOST_SKIPPED = 4
# Steps and sizes of pixels are equal within this share.
_EQUAL = 0.05


@dataclass(frozen=True, eq=False)
class Placement:
    """Position of each spectrum in the images.

    Attributes
    ----------
    positions : ndarray of shape (n, 2), int64
        Column and row, counted from 0.
    regions : ndarray of shape (n,), int16
        Number of the region of each spectrum, from 1; 0 if there is only one.
    names : tuple of str
        Names of the regions; empty if there is only one.
    step : tuple of two float
        Distance of neighbouring rows and columns in the file; 1 if the positions are columns and rows.
    """

    positions: np.ndarray
    regions: np.ndarray
    names: tuple[str, ...] = ()
    step: tuple[float, float] = (1.0, 1.0)


def place_regions(coordinates: np.ndarray) -> Placement:
    """Return the positions of spectra with one column and row per step, and wide gaps between regions closed.

    A gap is a run of more than `WIDEST_GAP` columns, or rows, without spectra. Distances within a region are unchanged.
    Regions are numbered from left to right, then from top to bottom.

    Parameters
    ----------
    coordinates : ndarray of shape (n, 2), int64
        Column and row as in the file, of any magnitude.
    """
    positions, step = _in_steps(coordinates - coordinates.min(axis=0))
    closed = np.empty_like(positions)
    regions = np.zeros(len(positions), dtype=np.int64)
    for axis in (1, 0):
        values = np.unique(positions[:, axis])
        steps = np.diff(values, prepend=values[:1])
        wide = steps > WIDEST_GAP + 1
        if not wide.any():  # as in most files
            closed[:, axis] = positions[:, axis]
            continue
        place = np.searchsorted(values, positions[:, axis])
        closed[:, axis] = np.cumsum(np.where(wide, CLOSED_GAP + 1, steps))[place]
        regions = regions * (int(wide.sum()) + 1) + np.cumsum(wide)[place]
    _, regions, sizes = np.unique(regions, return_inverse=True, return_counts=True)
    if len(sizes) == 1 or sizes.min() < max(FEWEST_SPECTRA, LEAST_SHARE * len(positions)):
        return Placement(positions, np.zeros(len(positions), dtype=np.int16), step=step)
    names = tuple(f"Region {number}" for number in range(1, len(sizes) + 1))
    return Placement(closed, (regions + 1).astype(np.int16), names, step)


def in_micrometres(step: tuple[float, float], pixel_size: tuple[float, float] | None) -> bool:
    """Return whether positions with this step are micrometres, as their step is the declared size of a pixel."""
    return pixel_size is not None and min(step) > 1 and any(map(_equal, step, pixel_size))


def spacing(step: tuple[float, float], pixel_size: tuple[float, float] | None) -> tuple[float, float] | None:
    """Return the distance of neighbouring rows and columns of the images in micrometres; None if unknown.

    Parameters
    ----------
    step : tuple of two float
        Distance of neighbouring rows and columns in the file, see `Placement`.
    pixel_size : tuple of two float, optional
        Declared height and width of a pixel in micrometres. It is multiplied where pixels were skipped; a larger step
        in both directions is of an unknown unit and leaves it as it is.
    """
    if pixel_size is None:
        return None
    if in_micrometres(step, pixel_size):
        height, width = (size if _equal(one, size) else one for one, size in zip(step, pixel_size, strict=True))
    elif min(step) == 1 or max(step) <= MOST_SKIPPED:
        height, width = (one * size for one, size in zip(step, pixel_size, strict=True))
    else:
        return pixel_size
    return height, width


def _equal(step: float, size: float) -> bool:
    return abs(step - size) <= _EQUAL * size


def _in_steps(positions: np.ndarray) -> tuple[np.ndarray, tuple[float, float]]:
    """Return positions (n, 2) from 0 with one column and row per step, and the steps of rows and columns."""
    unchanged = positions, (1.0, 1.0)
    if positions.max() >= _FAR or _are_pixels(positions):
        return unchanged
    x, y = positions.T.astype(np.float64)
    raster = find_raster(x, y)
    if raster is None or raster.pitch == (1.0, 1.0):
        return unchanged
    places = distinct(*(np.unique(axis, return_inverse=True)[1] for axis in (x, y)))
    steps = _steps_of(raster, places)
    indices = raster.column, raster.row
    closed = np.stack(
        [
            index * round(pitch / step) if step > 1 else axis
            for index, pitch, step, axis in zip(indices, raster.pitch[::-1], steps[::-1], positions.T, strict=True)
        ],
        axis=1,
    )
    column, row = closed.T
    if distinct(column, row) != places or (min(steps) == 1 and fill(close_gaps(row), close_gaps(column)) < FULL):
        return unchanged
    return closed, steps


def _are_pixels(positions: np.ndarray) -> bool:
    """Return whether positions (n, 2) from 0 are columns and rows at first sight, as in most files."""
    if len(positions) < FULL * np.prod(positions.max(axis=0) + 1.0):
        return False
    lines = [np.flatnonzero(np.bincount(axis)) for axis in positions.T]
    return all(len(line) > 1 and (np.diff(line) == 1).any() and np.diff(line).max() <= WIDEST_GAP for line in lines)


def _steps_of(raster: Raster, places: int) -> tuple[float, float]:
    """Return the steps of rows and columns that are no chance, 1 otherwise.

    A single row or column has the step of the other direction, and so have two if their distance is a multiple of it.
    """
    steps, lines = [], []
    for index, pitch in zip((raster.row, raster.column), raster.pitch, strict=True):
        lines.append(len(np.unique(index)))
        sure = pitch > 1 and lines[-1] >= FEWEST_LINES and (places - 1) * math.log(pitch) >= math.log(UNLIKELY)
        steps.append(pitch if sure else 1.0)
    for axis, other in ((0, 1), (1, 0)):
        times = max(1, round(raster.pitch[axis] / steps[other]))
        if lines[axis] == 1:
            steps[axis] = steps[other]
        elif lines[axis] < FEWEST_LINES and _equal(raster.pitch[axis], times * steps[other]):
            steps[axis] = raster.pitch[axis] / times
    return steps[0], steps[1]
