"""Positions of pixels if several distant regions were measured.

Instruments count positions over the whole slide, so that there may be a thousand empty columns between two sections,
which would be most of every image.
"""

from dataclasses import dataclass

import numpy as np

WIDEST_GAP = 10  # consecutive empty columns or rows within one region
CLOSED_GAP = 3  # empty columns or rows between two regions in the images
# Least number and share of the spectra of a region, so that a damaged position does not form one.
FEWEST_SPECTRA, LEAST_SHARE = 20, 0.01


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
    """

    positions: np.ndarray
    regions: np.ndarray
    names: tuple[str, ...] = ()


def place_regions(coordinates: np.ndarray) -> Placement:
    """Return the positions of spectra with wide gaps between regions closed.

    A gap is a run of more than `WIDEST_GAP` columns, or rows, without spectra. Distances within a region are unchanged.
    Regions are numbered from left to right, then from top to bottom.

    Parameters
    ----------
    coordinates : ndarray of shape (n, 2), int64
        Column and row as in the file, of any magnitude.
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
