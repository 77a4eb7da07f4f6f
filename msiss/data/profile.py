"""Peaks of a mean profile spectrum, by signal to noise and prominence."""

from dataclasses import dataclass

import numpy as np
from scipy.signal import find_peaks, peak_prominences

POINTS_PER_WINDOW = 500  # in which the noise is taken as constant: a few tens of peaks
# Median absolute value of a normal distribution, and the factor for the difference of two values.
MEDIAN_OF_NORMAL, WIDTH_OF_DIFFERENCE = 0.6745, 2**0.5
# Points of a profile further apart than this many times the usual step around them belong to different peaks: the zeros
# between them were omitted. The usual step is the lower quartile of so many, as noise may stand alone.
WIDEST_STEP, STEPS_AROUND = 5, 200
PROMINENCE_REACH = 2001  # points around a peak in which its valleys are searched


@dataclass(frozen=True, eq=False)
class PeakPreview:
    """A mean spectrum with its peaks, for plotting.

    Attributes
    ----------
    mz, intensity : ndarray of shape (P,)
        Points of the mean spectrum, m/z in Th ascending.
    threshold : ndarray of shape (P,)
        Least intensity of a peak; 0 for centroid spectra.
    peak_mz, peak_intensity : ndarray of shape (M,)
        The peaks.
    profile : bool
        Whether the spectra are profiles, to which noise and prominence apply.
    spectra : int
        Number of averaged spectra.
    """

    mz: np.ndarray
    intensity: np.ndarray
    threshold: np.ndarray
    peak_mz: np.ndarray
    peak_intensity: np.ndarray
    profile: bool
    spectra: int


def profile_peaks(intensity: np.ndarray, *, noise: float, prominence: float) -> np.ndarray:
    """Return the indices of the peaks of a profile (P,), ascending.

    Parameters
    ----------
    intensity : ndarray of shape (P,)
        By ascending m/z.
    noise : float
        Least height of a peak above the baseline, in multiples of the noise.
    prominence : float
        Least prominence of a peak above the higher of its valleys, as a share of its height.
    """
    padded = np.concatenate([[0.0], intensity, [0.0]])
    peaks = find_peaks(padded)[0]
    peaks = peaks[padded[peaks] > threshold(intensity, noise)[peaks - 1]]
    if prominence > 0 and len(peaks):
        standing_out = peak_prominences(padded, peaks, wlen=PROMINENCE_REACH)[0]
        peaks = peaks[standing_out >= prominence * padded[peaks]]
    return peaks - 1


def omitted_zeros(mz: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where zeros were omitted between the points of a profile (P,), and the m/z of those zeros.

    No more zeros are put into a gap than fill a window of the noise.

    Returns
    -------
    before : ndarray of shape (Z,), int64
        Index of the point before which each zero lies, as for `numpy.insert`.
    zeros : ndarray of shape (Z,)
        Their m/z, evenly spaced.
    """
    steps = np.diff(mz)
    if not len(steps):
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    blocks = np.array_split(np.arange(len(steps)), max(1, len(steps) // STEPS_AROUND))
    usual = np.interp(
        np.arange(len(steps)),
        [block.mean() for block in blocks],
        [np.quantile(steps[block], 0.25, method="lower") for block in blocks],
    )
    gaps = np.flatnonzero(steps > WIDEST_STEP * usual)
    held = steps[gaps] / np.maximum(usual[gaps], np.finfo(float).tiny)
    number = np.clip(np.rint(held) - 1, 1, POINTS_PER_WINDOW).astype(np.int64)
    ends = np.cumsum(number)
    place = (np.arange(number.sum()) - np.repeat(ends - number, number) + 1) / np.repeat(number + 1, number)
    before = np.repeat(gaps + 1, number)
    return before, mz[before - 1] + place * (mz[before] - mz[before - 1])


def threshold(intensity: np.ndarray, noise: float) -> np.ndarray:
    """Return the baseline plus `noise` times the noise at every point of a profile, shape (P,).

    In windows of `POINTS_PER_WINDOW` points the baseline is the median, and the noise is estimated from the median
    absolute difference of neighbouring points; both are interpolated between the windows. The medians are robust, as
    peaks are narrow and rare. 0 if `noise` is 0.
    """
    if noise <= 0 or len(intensity) < 2:
        return np.zeros(len(intensity))
    windows = np.array_split(np.arange(len(intensity)), max(1, round(len(intensity) / POINTS_PER_WINDOW)))
    centres = [window.mean() for window in windows]
    levels = []
    for window in windows:
        points = intensity[window]
        deviation = np.median(np.abs(np.diff(points))) / (MEDIAN_OF_NORMAL * WIDTH_OF_DIFFERENCE)
        levels.append(np.median(points) + noise * deviation)
    return np.interp(np.arange(len(intensity)), centres, levels)
