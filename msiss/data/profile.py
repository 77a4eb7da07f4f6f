"""Peaks of a mean profile spectrum: what rises above the noise and stands out from its neighbours."""

from dataclasses import dataclass

import numpy as np
from scipy.signal import find_peaks, peak_prominences

POINTS_PER_WINDOW = 500  # in which the noise is taken as constant: some tens of peaks
# Median of the absolute value of a normal distribution, and the factor by which a difference of two is wider.
MEDIAN_OF_NORMAL, WIDTH_OF_DIFFERENCE = 0.6745, 2**0.5
PROMINENCE_REACH = 2001  # points around a peak in which its valleys are looked for


@dataclass(frozen=True, eq=False)
class PeakPreview:
    """A mean spectrum with its peaks, to be plotted.

    Attributes
    ----------
    mz, intensity : ndarray of shape (P,)
        Points of the mean spectrum, m/z in Th ascending.
    threshold : ndarray of shape (P,)
        What a peak must exceed; 0 for centroid spectra.
    peak_mz, peak_intensity : ndarray of shape (M,)
        The peaks.
    profile : bool
        Whether the spectra are profiles, so that noise and prominence count.
    spectra : int
        How many spectra the mean was taken of.
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
        How many times the noise a peak must rise above the baseline.
    prominence : float
        Share of its height by which a peak must stand out from the higher of the valleys beside it.
    """
    padded = np.concatenate([[0.0], intensity, [0.0]])
    peaks = find_peaks(padded)[0]
    peaks = peaks[padded[peaks] > threshold(intensity, noise)[peaks - 1]]
    if prominence > 0 and len(peaks):
        standing_out = peak_prominences(padded, peaks, wlen=PROMINENCE_REACH)[0]
        peaks = peaks[standing_out >= prominence * padded[peaks]]
    return peaks - 1


def threshold(intensity: np.ndarray, noise: float) -> np.ndarray:
    """Return the baseline plus `noise` times the noise at every point of a profile, shape (P,).

    In windows of `POINTS_PER_WINDOW` points the baseline is the median, and the noise the standard deviation that the
    median difference of neighbouring points stands for; both are interpolated between the windows. As peaks are
    narrow and rare, neither median is that of a peak. 0 where `noise` is 0.
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
