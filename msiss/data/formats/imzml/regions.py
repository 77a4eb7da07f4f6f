"""Where the pixels of a section lie, when several regions were measured far apart.

Instruments count positions over the whole slide, so that two sections at its ends have a thousand empty columns between
them, which would be most of every image.
"""

from dataclasses import dataclass

import numpy as np

WIDEST_GAP = 10  # empty columns or rows in a row that still belong to one region
CLOSED_GAP = 3  # empty columns or rows that are left between two regions
# A part with fewer spectra, or a smaller share of them, is no region: one damaged position must not look like one.
FEWEST_SPECTRA, LEAST_SHARE = 20, 0.01


@dataclass(frozen=True, eq=False)
class Placement:
    """Where each spectrum lies in the images.

    Attributes
    ----------
    positions : ndarray of shape (n, 2), int64
        Column and row, counted from 0.
    regions : ndarray of shape (n,), int16
        Number of each spectrum's region, from 1; 0 where there is but one.
    names : tuple of str
        Of the regions; empty where there is but one.
    """

    positions: np.ndarray
    regions: np.ndarray
    names: tuple[str, ...] = ()


def place_regions(coordinates: np.ndarray) -> Placement:
    """Return where spectra lie once wide gaps between regions are closed.

    A gap is a run of more than `WIDEST_GAP` columns, or rows, that no spectrum of the file lies in. Within a region
    nothing moves. Regions are numbered from left to right, then from top to bottom.

    Parameters
    ----------
    coordinates : ndarray of shape (n, 2), int64
        Column and row as written in the file, of any size.
    """
    positions = coordinates - coordinates.min(axis=0)
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
        return Placement(positions, np.zeros(len(positions), dtype=np.int16))
    names = tuple(f"Region {number}" for number in range(1, len(sizes) + 1))
    return Placement(closed, (regions + 1).astype(np.int16), names)
