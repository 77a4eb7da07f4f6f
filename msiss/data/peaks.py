"""Pick the m/z worth an ion image: the mean spectrum gives candidates, their images decide.

A candidate's worth is the spatial autocorrelation of its image times the logarithm of its intensity. Autocorrelation is
Moran's I (Biometrika 1950, 37, 17) over the four nearest pixels: about 1 for smooth anatomy, about 0 for noise. Ranking
ions by such a measure rather than by intensity alone follows Alexandrov & Bartels (Bioinformatics 2013, 29, 2335).
"""

import bisect
import math

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

# The grid of the mean spectrum: m/z from 1 to 1,000,000 Th, four bins per tolerance, at most 2^24 bins (128 MB).
LOWEST_MZ, HIGHEST_MZ = 1.0, 1e6
BINS_PER_TOLERANCE = 4
MOST_BINS = 2**24

# Points of a profile further apart than this many times the median step belong to different peaks.
WIDEST_STEP = 5


class MeanSpectrum:
    """Adds up spectra that each have their own m/z on a grid of equal steps in log m/z, that is in ppm.

    Parameters
    ----------
    ppm : float
        Tolerance of an m/z in parts per million.
    """

    def __init__(self, ppm: float) -> None:
        span = math.log(HIGHEST_MZ / LOWEST_MZ)
        self._step = max(ppm * 1e-6 / BINS_PER_TOLERANCE, span / MOST_BINS)
        self._reach = max(1, round(ppm * 1e-6 / self._step))
        bins = int(span / self._step) + 1 + 2 * self._reach
        self._intensity = np.zeros(bins)
        self._weighted_mz = np.zeros(bins)

    def add(self, mz: np.ndarray, intensity: np.ndarray) -> None:
        """Add the peaks (P,) of any number of spectra."""
        use = (mz >= LOWEST_MZ) & (mz <= HIGHEST_MZ) & (intensity > 0)
        mz, intensity = mz[use], intensity[use]
        bins = self._reach + (np.log(mz / LOWEST_MZ) / self._step).astype(np.int64)
        np.add.at(self._intensity, bins, intensity)
        np.add.at(self._weighted_mz, bins, intensity * mz)

    def peaks(self, *, profile: bool) -> tuple[np.ndarray, np.ndarray]:
        """Return m/z and summed intensity of the local maxima, each (P,).

        Centroids of one ion scatter over a few bins from pixel to pixel, so the grid is smoothed before. Profile
        spectra are compared with the neighbouring points at which anything was measured, so that a coarse m/z axis does
        not make every point a peak; across gaps, where zeros were left out, there are no neighbours.
        """
        smooth = gaussian_filter1d(self._intensity, self._reach / 2)
        if profile:
            measured = np.flatnonzero(self._intensity)
            steps = np.diff(measured)
            gaps = np.flatnonzero(steps > WIDEST_STEP * np.median(steps)) + 1 if len(steps) else steps
            top = np.insert(measured, gaps, 0)[_maxima(np.insert(smooth[measured], gaps, 0))]
        else:
            top = _maxima(smooth)
        around = np.clip(top[:, None] + np.arange(-self._reach, self._reach + 1), 0, len(smooth) - 1)
        intensity = self._intensity[around].sum(axis=1)
        found = intensity > 0
        return self._weighted_mz[around].sum(axis=1)[found] / intensity[found], intensity[found]


def axis_peaks(mz: np.ndarray, intensity: np.ndarray, *, profile: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the peaks of spectra that share the m/z axis `mz` (P,) and have the sum `intensity` (P,).

    In centroid data every point with a signal is a peak, in profile data every local maximum.
    """
    use = np.argsort(mz, kind="stable")
    use = use[(mz[use] >= LOWEST_MZ) & (mz[use] <= HIGHEST_MZ)]
    use = use[_maxima(intensity[use])] if profile else use[intensity[use] > 0]
    return mz[use], intensity[use]


def strongest(mz: np.ndarray, intensity: np.ndarray, *, ppm: float, number: int) -> np.ndarray:
    """Return the m/z of at most `number` peaks, the most intense first, whose windows of +-`ppm` do not overlap."""
    apart = (1 + ppm * 1e-6) / (1 - ppm * 1e-6)
    chosen: list[float] = []
    for value in mz[np.argsort(-intensity, kind="stable")].tolist():
        place = bisect.bisect(chosen, value)
        below = chosen[place - 1] if place else 0.0
        above = chosen[place] if place < len(chosen) else math.inf
        if value > below * apart and value * apart < above:
            chosen.insert(place, value)
            if len(chosen) == number:
                break
    return np.array(chosen)


def best(images: np.ndarray, mask: np.ndarray, *, number: int) -> np.ndarray:
    """Return the indices, ascending, of the at most `number` ions (N, H, W) with the highest worth.

    Worth is Moran's I, where above 0, times ``log(1 + mean / smallest mean)``. Ties go to the more intense ion.
    """
    means = np.array([image[mask].mean(dtype=np.float64) for image in images])
    weakest = means.min(where=means > 0, initial=np.inf)
    worth = np.maximum(morans_i(images, mask), 0) * np.log1p(means / weakest)
    ranked = np.lexsort((-means, -worth))
    return np.sort(ranked[means[ranked] > 0][:number])


def morans_i(images: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return Moran's I of the square root of each image (N, H, W) over the pixels of `mask` (H, W), shape (N,).

    Neighbours share an edge and both lie in the mask. The square root evens out counting noise. 0 for a constant image;
    1 for every image where no two pixels are neighbours, because then nothing can be said about structure.
    """
    across, down = mask[:, 1:] & mask[:, :-1], mask[1:] & mask[:-1]
    pairs = across.sum() + down.sum()
    if not pairs:
        return np.ones(len(images))
    result = np.zeros(len(images))
    for index, image in enumerate(images):
        root = np.sqrt(image, dtype=np.float64)
        root = np.where(mask, root - root[mask].mean(), 0)
        variance = (root**2).sum() / mask.sum()
        products = (root[:, 1:] * root[:, :-1])[across].sum() + (root[1:] * root[:-1])[down].sum()
        result[index] = products / pairs / variance if variance > 0 else 0
    return result


def _maxima(values: np.ndarray) -> np.ndarray:
    """Return the indices of the local maxima; the first and the last value count as well."""
    return find_peaks(np.concatenate([[0], values, [0]]))[0] - 1
