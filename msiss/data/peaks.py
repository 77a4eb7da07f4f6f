"""Peak picking: candidates from the mean spectrum, ranked by their ion images.

The rank of a candidate is by the spatial autocorrelation of its image times the logarithm of its intensity.
Autocorrelation is Moran's I (Biometrika 1950, 37, 17) over the nearest measured pixels, in an ordinary section the four
that share an edge: about 1 for smooth anatomy, about 0 for noise. Ranking ions by such a measure rather than by
intensity alone follows Alexandrov & Bartels (Bioinformatics 2013, 29, 2335).
"""

import bisect
import math

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from msiss.data import kernels
from msiss.data.neighbours import count_pairs, neighbours
from msiss.data.profile import omitted_zeros, profile_peaks

# The grid of the mean spectrum: m/z from 1 to 1,000,000 Th, four bins per tolerance, at most 2^24 bins. Pages of
# empty bins take no memory.
LOWEST_MZ, HIGHEST_MZ = 1.0, 1e6
BINS_PER_TOLERANCE = 4
MOST_BINS = 2**24

# Standard errors by which Moran's I of an image must be above 0, if there are enough pairs of neighbours to detect a
# weak structure. The variance of Moran's I of noise is about one over the number of pairs (Cliff & Ord 1981).
CHANCE, ENOUGH_PAIRS = 3.0, 1000


class MeanSpectrum:
    """Sums spectra with individual m/z axes on a grid of equal steps in log m/z, that is in ppm.

    Parameters
    ----------
    ppm : float
        Tolerance of an m/z in parts per million.

    Attributes
    ----------
    grid : tuple
        See `msiss.data.kernels.add_to_grid`.
    """

    def __init__(self, ppm: float) -> None:
        span = math.log(HIGHEST_MZ / LOWEST_MZ)
        step = max(ppm * 1e-6 / BINS_PER_TOLERANCE, span / MOST_BINS)
        self._reach = max(1, round(ppm * 1e-6 / step))
        bins = int(span / step) + 1 + 2 * self._reach
        self._intensity = np.zeros(bins)
        self._weighted_mz = np.zeros(bins)
        self.grid = (LOWEST_MZ, step, self._reach, self._intensity, self._weighted_mz)

    def add(self, mz: np.ndarray, intensity: np.ndarray) -> None:
        """Add the peaks (P,) of any number of spectra; invalid peaks are ignored."""
        kernels.add_to_grid(np.asarray(mz, dtype=np.float64), np.asarray(intensity, dtype=np.float64), self.grid)

    def curve(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the measured points of the smoothed spectrum, as a profile, each (P,).

        Returns
        -------
        mz, intensity : ndarray
            With points of intensity 0 in gaps, where a file omits them: the peaks on both sides remain separate, and
            the noise is that of the whole spectrum.
        bins : ndarray
            The bin of each point; -1 in a gap.
        """
        low, smooth = self._smooth()
        measured = np.flatnonzero(self._intensity[low : low + len(smooth)])
        mz = self._weighted_mz[low + measured] / self._intensity[low + measured]
        before, zeros = omitted_zeros(mz)
        return (
            np.insert(mz, before, zeros),
            np.insert(smooth[measured], before, 0.0),
            np.insert(low + measured, before, -1),
        )

    def peaks(self, *, profile: bool, noise: float = 0.0, prominence: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """Return m/z and summed intensity of the local maxima, each (P,).

        Centroids of one ion scatter over a few bins from pixel to pixel, so the grid is smoothed first. Points of
        profile spectra are compared with the nearest measured points, so that not every point of a coarse m/z axis is a
        peak; points across gaps, where zeros were omitted, are not neighbours.
        """
        if profile:
            _, intensity, bins = self.curve()
            top = bins[profile_peaks(intensity, noise=noise, prominence=prominence)]
        else:
            low, smooth = self._smooth()
            top = low + maxima(smooth)
        around = np.clip(top[:, None] + np.arange(-self._reach, self._reach + 1), 0, len(self._intensity) - 1)
        intensity = self._intensity[around].sum(axis=1)
        found = intensity > 0
        return self._weighted_mz[around].sum(axis=1)[found] / intensity[found], intensity[found]

    def _smooth(self) -> tuple[int, np.ndarray]:
        """Return the first bin that may not be empty, and the smoothed intensities from there on."""
        held = np.flatnonzero(self._intensity)
        if not len(held):
            return 0, np.zeros(0)
        margin = 4 * self._reach
        low, high = max(0, int(held[0]) - margin), int(held[-1]) + margin
        return low, gaussian_filter1d(self._intensity[low:high], self._reach / 2)


def axis_peaks(
    mz: np.ndarray, intensity: np.ndarray, *, profile: bool, noise: float = 0.0, prominence: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return the peaks of spectra with the shared m/z axis `mz` (P,) and the sum `intensity` (P,).

    In centroid data every point with a signal is a peak, in profile data every local maximum.
    """
    use = np.argsort(mz, kind="stable")
    use = use[(mz[use] >= LOWEST_MZ) & (mz[use] <= HIGHEST_MZ)]
    mz, intensity = mz[use], intensity[use]
    if not profile:
        return mz[intensity > 0], intensity[intensity > 0]
    before, zeros = omitted_zeros(mz)
    mz, intensity = np.insert(mz, before, zeros), np.insert(intensity, before, 0.0)
    found = profile_peaks(intensity, noise=noise, prominence=prominence)
    return mz[found], intensity[found]


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


def best(structure: np.ndarray, means: np.ndarray, *, number: int, chance: float = 0.0) -> np.ndarray:
    """Return the indices, ascending, of at most `number` ions (N,) with the highest rank.

    Ions are ranked by Moran's I, clipped at 0, times ``log(1 + mean / smallest mean)``; ties by intensity. Ions without
    signal are left out, and those with a Moran's I not above `chance`, unless no ion is above it.
    """
    present = means > 0
    weakest = means.min(where=present, initial=np.inf)
    worth = np.maximum(structure, 0) * np.log1p(means / weakest)
    ranked = np.lexsort((-means, -worth))
    ranked = ranked[present[ranked]]
    structured = ranked[structure[ranked] > chance] if chance > 0 else ranked
    return np.sort((structured if len(structured) else ranked)[:number])


def structure_of_noise(mask: np.ndarray) -> float:
    """Return the upper limit of Moran's I of noise; 0 if there are too few pixels for an estimate."""
    pairs = count_pairs(mask, neighbours(mask))
    return CHANCE / math.sqrt(pairs) if pairs >= ENOUGH_PAIRS else 0.0


def morans_i(images: np.ndarray, mask: np.ndarray, near: np.ndarray | None = None) -> np.ndarray:
    """Return Moran's I of the square root of each image (N, H, W) over the pixels of `mask` (H, W), shape (N,).

    The square root stabilises the variance of counting noise. 0 for a constant image; 1 for all images if no two pixels
    of the mask are neighbours, as structure is undefined then.

    Parameters
    ----------
    images, mask : ndarray
    near : ndarray of shape (K, 2), int64, optional
        Distances between neighbours; by default `msiss.data.neighbours.neighbours` of the mask.
    """
    near = neighbours(mask) if near is None else near
    pairs, pixels = count_pairs(mask, near), np.count_nonzero(mask)
    if not pairs:
        return np.ones(len(images))
    result = np.zeros(len(images))
    for index, image in enumerate(images):
        squares, products = kernels.neighbour_moments(np.ascontiguousarray(image), mask, near)
        result[index] = products / pairs / (squares / pixels) if squares > 0 else 0.0
    return result


def maxima(values: np.ndarray) -> np.ndarray:
    """Return the indices of the local maxima, including the first and the last value."""
    return find_peaks(np.concatenate([[0], values, [0]]))[0] - 1
