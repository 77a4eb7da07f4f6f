"""Whether one spectrum looks like a profile or like centroids.

A profile samples smooth peaks in small steps that hardly change from one to the next, with or without the zeros between
the peaks. A centroid stands alone, and the steps between centroids are of any size.
"""

from typing import Literal, NamedTuple

import numpy as np

Kind = Literal["centroid", "profile"]
Declared = Literal["centroid", "profile", "unknown"]

POINTS = 2**18  # of a spectrum that are looked at, around the highest

# The largest steps of profiles: of quadrupoles and ion traps in Th, and of linear time-of-flight instruments
# as a share of m/z. The smallest are some steps of 32-bit floats, as rounded centroids of many spectra lie on those.
WIDEST_STEP, WIDEST_SHARE, FLOATS = 0.2, 1.5e-3, 4
EVEN = 0.2  # two steps differ by less than this share
TOGETHER = 3  # consecutive even steps of a sampled peak
# Distances of isotopes of one, two and three charges, with their mass defects, are no steps of a profile.
ISOTOPES = ((1.0, 0.06), (0.5, 0.03), (1 / 3, 0.02))
NO_ISOTOPES = 20  # consecutive steps that are more even than isotopes can be
MORE_EVEN = 2e-3

# Smoothness is the autocorrelation over one step, where steps are small and even: about 0 for centroids, 0.7 to 1 for
# peaks of five points and more. The power keeps a few high peaks and much low noise from deciding alone. Where points
# with signal cover most of the axis, noise lowers it, so that less is enough.
BALANCE = 0.75
SMOOTH, SMOOTH_IN_NOISE, NOT_SMOOTH = 0.5, 0.2, 0.4
COVERED = 0.5


class Look(NamedTuple):
    """What a spectrum looks like.

    Attributes
    ----------
    kind : {"centroid", "profile", "unknown"}
        "unknown" without a clear sign of either.
    points : int
        Number of points with signal.
    step : float
        Usual distance of its evenly spaced points in ppm; 0 if there are none.
    """

    kind: Declared
    points: int
    step: float


def looks_like(mz: np.ndarray, intensity: np.ndarray) -> Look:
    """Return what a spectrum (P,), with intensities of 0 and more, looks like."""
    mz, place = np.unique(mz, return_inverse=True)  # points of one m/z differ in ion mobility
    intensity = np.bincount(place, weights=intensity, minlength=len(mz))
    points = int(np.count_nonzero(intensity))
    if not points:
        return Look("unknown", 0, 0.0)
    highest = int(np.argmax(intensity))
    near = slice(max(0, highest - POINTS // 2), highest + POINTS // 2)
    mz, height = mz[near], intensity[near] ** BALANCE
    steps, sampled = np.diff(mz), _sampled(mz)
    step = float(np.median((steps / mz[1:])[sampled]) * 1e6) if sampled.any() else 0.0
    covered = bool((steps * sampled).sum() > COVERED * np.ptp(mz))
    noisy = covered and np.count_nonzero(height) > COVERED * len(height)  # then nothing speaks for centroids
    if noisy:
        height = height - np.median(height)
    power = (height**2).sum()
    smooth = (height[:-1] * height[1:])[sampled].sum() / power if power > 0 else 0.0
    if noisy:
        return Look("profile" if smooth >= SMOOTH_IN_NOISE else "unknown", points, step)
    return Look("profile" if smooth >= SMOOTH else "centroid" if smooth < NOT_SMOOTH else "unknown", points, step)


def _sampled(mz: np.ndarray) -> np.ndarray:
    """Return which steps between points (P,) sample a peak, shape (P - 1,)."""
    steps = np.diff(mz)
    widest = np.maximum(WIDEST_STEP, WIDEST_SHARE * mz[:-1])
    small = (steps <= widest) & (steps >= FLOATS * np.spacing(np.abs(mz[1:]).astype(np.float32)))
    isotopes = np.any([np.abs(steps - step) <= width for step, width in ISOTOPES], axis=0)
    return _in_runs(steps, small & ~isotopes, EVEN, TOGETHER) | _in_runs(steps, small, MORE_EVEN, NO_ISOTOPES)


def _in_runs(steps: np.ndarray, use: np.ndarray, even: float, number: int) -> np.ndarray:
    """Return which steps belong to at least `number` consecutive ones of `use` that are alike."""
    alike = np.abs(np.diff(steps)) <= even * np.minimum(steps[:-1], steps[1:])
    edges = np.flatnonzero(~(alike & use[:-1] & use[1:])) + 1
    bounds = np.concatenate([[0], edges, [len(steps)]]) if len(steps) else np.zeros(1, dtype=np.int64)
    return use & np.repeat(np.diff(bounds) >= number, np.diff(bounds))
