"""Which ions are high in one region of the section against another, and which cluster lives where.

There are no p-values: neighbouring pixels resemble each other, so the pixels of one section are not independent
samples, and a test that takes them for such calls almost every ion significant. One section is one sample.
"""

from dataclasses import dataclass

import numpy as np

from msiss.analyse.parallel import each
from msiss.errors import SettingError

# Share of an ion's mean over both regions that is added to both means before they are divided, so that an ion that is
# absent from one region has a finite fold change, and noise around zero has none. It is relative, as the unit of
# intensities differs between instruments.
OFFSET = 0.01
_PIECE = 250_000  # intensities per block of ions, which fit into the cache of a core


@dataclass(frozen=True, eq=False)
class Contrast:
    """How N ions differ between region A and region B.

    Attributes
    ----------
    mean_a, mean_b : ndarray of shape (N,), float64
        Mean intensity in each region.
    log2_fold_change : ndarray of shape (N,), float64
        log2((mean_a + o) / (mean_b + o)), where o is `OFFSET` times the ion's mean over the pixels of both regions; 0
        for an ion that is in neither.
    auc : ndarray of shape (N,), float64
        Probability that a pixel of A is brighter than one of B, where equal ones count half: the area under the ROC
        curve, or the Mann-Whitney statistic over the number of pairs. 0.5 if the ion does not tell them apart.
    pixels_a, pixels_b : int
        Number of pixels in each region.
    """

    mean_a: np.ndarray
    mean_b: np.ndarray
    log2_fold_change: np.ndarray
    auc: np.ndarray
    pixels_a: int
    pixels_b: int

    def ranked(self, *, high_in: str = "a") -> np.ndarray:
        """Return all ions by descending AUC for region "a", or for "b"; among equals, by fold change."""
        sign = -1 if high_in == "a" else 1
        return np.lexsort((sign * self.log2_fold_change, sign * self.auc))


def rank(images: np.ndarray, a: np.ndarray, b: np.ndarray, *, factor: np.ndarray | None = None) -> Contrast:
    """Compare every ion between two regions.

    Parameters
    ----------
    images : ndarray of shape (N, H, W), float32
        Intensities, finite and not negative; may be memory-mapped, as it is read in blocks of ions.
    a, b : ndarray of shape (H, W), bool
        The pixels of each region. Pixels of both count for A only, so that a region can be compared with one around it.
    factor : ndarray of shape (H, W), optional
        By which the intensities of each pixel are multiplied first, to normalise them; not negative.

    Raises
    ------
    SettingError
        If a region has no pixels.
    """
    b = b & ~a
    for name, region in (("A", a), ("B", b)):
        if not region.any():
            beside = " beside those of region A" if name == "B" else ""
            raise SettingError(f"Region {name} has no measured pixel{beside}. Choose or draw another one.")
    number = len(images)
    flat = images.reshape(number, -1)
    pixels = np.concatenate([np.flatnonzero(a), np.flatnonzero(b)])
    pixels_a = int(np.count_nonzero(a))
    pixels_b = len(pixels) - pixels_a
    times = None if factor is None else factor.ravel()[pixels].astype(np.float32)
    mean_a, mean_b, auc = np.empty(number), np.empty(number), np.empty(number)

    def compare(ions: slice) -> None:
        values = np.take(flat[ions], pixels, axis=1).astype(np.float32, copy=False)
        if times is not None:
            values *= times
        mean_a[ions] = values[:, :pixels_a].sum(axis=1, dtype=np.float64) / pixels_a
        mean_b[ions] = values[:, pixels_a:].sum(axis=1, dtype=np.float64) / pixels_b
        auc[ions] = _auc(values, pixels_a)

    step = max(1, _PIECE // len(pixels))
    each(compare, [slice(start, start + step) for start in range(0, number, step)])
    offset = OFFSET * (mean_a * pixels_a + mean_b * pixels_b) / len(pixels)
    offset[offset == 0] = 1.0  # in neither region
    change = np.log2((mean_a + offset) / (mean_b + offset))
    return Contrast(mean_a, mean_b, change, auc, pixels_a, pixels_b)


def _auc(values: np.ndarray, pixels_a: int) -> np.ndarray:
    """Return the AUC of each row of `values` (n, P), whose first `pixels_a` columns are region A, against the others.

    `values` is overwritten.
    """
    number, pixels = values.shape
    # The bits of floats that are not negative are in the order of the numbers, and the uppermost one is free. So the
    # region fits in, and one sort of integers, much faster than a sort of indices, orders values and regions.
    keys = values.view(np.uint32)
    keys <<= 1
    keys[:, :pixels_a] |= 1
    keys.sort(axis=1)
    # Pixels of B below each pixel of A; among equal ones B comes first, so they count whole.
    places = np.flatnonzero(keys & 1).reshape(number, pixels_a) % pixels
    wins = places.sum(axis=1) - pixels_a * (pixels_a - 1) / 2
    # Where A follows B directly with the same value, only half of the pairs of equal ones count.
    mixed = (keys[:, 1:] ^ keys[:, :-1]) == 1
    for row in np.flatnonzero(mixed.any(axis=1)):
        ends = keys[row, :-1][mixed[row]]  # of each value that is in both regions: its key in B
        places = np.searchsorted(keys[row], np.stack([ends, ends + 1, ends + 2]))
        in_b, in_a = np.diff(places, axis=0)
        wins[row] -= (in_b * in_a).sum() / 2
    return wins / (pixels_a * (pixels - pixels_a))


def intensity_in(means: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Return the mean intensity of images in each region, shape (K, R); NaN in regions without pixels.

    Parameters
    ----------
    means : ndarray of shape (K, H, W)
        Such as the mean images of clusters, whose ion images were scaled to [0, 1].
    regions : ndarray of shape (R, H, W), bool
    """
    flat = means.reshape(len(means), -1).astype(np.float64)
    members = regions.reshape(len(regions), -1)
    sizes = members.sum(axis=1)
    sums = flat @ members.T.astype(np.float64)
    return np.divide(sums, sizes, out=np.full(sums.shape, np.nan), where=sizes > 0)


def shares(intensities: np.ndarray) -> np.ndarray:
    """Return how each row of `intensity_in` is divided between the regions, shape (K, R); rows add up to 1.

    Per pixel, so that the sizes of the regions do not matter. A row of zeros is divided evenly; regions without pixels
    have no share.
    """
    known = np.nan_to_num(intensities)
    total = known.sum(axis=1, keepdims=True)
    there = ~np.isnan(intensities)
    even = there / np.maximum(there.sum(axis=1, keepdims=True), 1)
    return np.divide(known, total, out=even.astype(np.float64), where=total > 0)
