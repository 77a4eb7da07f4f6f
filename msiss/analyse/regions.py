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
_PIECE = 4_000_000  # intensities per block of ions


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
    # Read in the order of the file; the first bit of a key says which region its pixel is in.
    pixels = np.flatnonzero(a | b)
    in_a = a.ravel()[pixels]
    times = None if factor is None else factor.ravel()[pixels].astype(np.float32)
    mean_a, mean_b, auc = np.empty(number), np.empty(number), np.empty(number)

    def compare(ions: slice) -> None:
        values = np.asarray(flat[ions][:, pixels], dtype=np.float32)
        if times is not None:
            values *= times
        mean_a[ions] = values[:, in_a].mean(axis=1, dtype=np.float64)
        mean_b[ions] = values[:, ~in_a].mean(axis=1, dtype=np.float64)
        auc[ions] = _auc(values, in_a)

    step = max(1, _PIECE // len(pixels))
    each(compare, [slice(start, start + step) for start in range(0, number, step)])
    pixels_a = int(in_a.sum())
    pixels_b = len(pixels) - pixels_a
    offset = OFFSET * (mean_a * pixels_a + mean_b * pixels_b) / len(pixels)
    offset[offset == 0] = 1.0  # in neither region
    change = np.log2((mean_a + offset) / (mean_b + offset))
    return Contrast(mean_a, mean_b, change, auc, pixels_a, pixels_b)


def _auc(values: np.ndarray, in_a: np.ndarray) -> np.ndarray:
    """Return the AUC of each row of `values` (n, P) for the pixels `in_a` (P,) against the others."""
    # The bits of floats that are not negative are in the order of the numbers, and the uppermost one is free. So the
    # region fits in, and one sort of integers, much faster than a sort of indices, orders values and regions.
    keys = (np.abs(values).view(np.uint32) << 1) | in_a
    keys.sort(axis=1)
    is_a = (keys & 1).astype(bool)
    keys >>= 1
    below = np.cumsum(~is_a, axis=1, dtype=np.int32)  # pixels of B up to here; among equals they come first
    starts = np.ones_like(is_a)
    np.not_equal(keys[:, 1:], keys[:, :-1], out=starts[:, 1:])
    # Pixels of B before the first of the equal ones, carried along the equal ones.
    before = np.maximum.accumulate(np.where(starts, below - ~is_a, 0), axis=1)
    wins = np.where(is_a, below + before, 0).sum(axis=1, dtype=np.int64) / 2  # those of B below, and half of the equal
    number = int(in_a.sum())
    return wins / (number * (len(in_a) - number))


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
