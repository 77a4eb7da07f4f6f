"""What single spectra look like, sampled and picked as instruments and programs do."""

import numpy as np
import pytest

from msiss.data.formats.imzml.looks import looks_like

RNG = np.random.default_rng(0)
# Least and highest m/z, and the step at an m/z.
AXES = {
    "Orbitrap": (300, 310, lambda mz: 0.0006 * (mz / 200) ** 1.5),
    "time of flight": (300, 360, lambda mz: 0.004 * (mz / 500) ** 0.5),
    "FT-ICR": (300, 305, lambda mz: 0.0003 * (mz / 400) ** 2),
    "linear time of flight": (2000, 9000, lambda mz: 0.5 * (mz / 2000) ** 0.5),
    "quadrupole": (100, 300, lambda mz: 0.1),
    "bins": (300, 330, lambda mz: 0.01),
    "bins of 1 Th": (2000, 6000, lambda mz: 1.0),
}


def profile(instrument: str, *, peaks: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Return the axis and Gaussian peaks of 6 points full width at half maximum."""
    low, high, step = AXES[instrument]
    mz = [float(low)]
    while mz[-1] < high:
        mz.append(mz[-1] + step(mz[-1]))
    place = np.arange(len(mz))
    centres = np.linspace(0.05, 0.95, peaks) * len(mz)
    heights = np.random.default_rng(1).lognormal(3, 1.5, peaks)
    return np.array(mz), sum(
        height * np.exp(-0.5 * ((place - centre) / 2.55) ** 2) for centre, height in zip(centres, heights, strict=True)
    )


@pytest.mark.parametrize("instrument", AXES)
def test_profiles_with_and_without_their_zeros(instrument) -> None:
    mz, intensity = profile(instrument)
    assert looks_like(mz, intensity).kind == "profile"
    assert looks_like(mz, intensity + RNG.normal(20, 1, len(mz)).clip(0)).kind == "profile"
    assert looks_like(mz.astype(np.float32).astype(float), intensity).kind == "profile"
    if instrument == "bins of 1 Th":  # without zeros, these may as well be isotopes
        return
    held = intensity > 0.5
    assert looks_like(mz[held], intensity[held]).kind == "profile"
    reduced = held | np.roll(held, 1) | np.roll(held, -1)  # one zero on either side of a peak
    assert looks_like(mz[reduced], np.where(held, intensity, 0)[reduced]).kind == "profile"


@pytest.mark.parametrize(
    "mz",
    [
        np.sort(RNG.uniform(300, 900, 60)),
        np.sort(RNG.uniform(200, 1200, 6000)),
        np.sort(RNG.uniform(300, 310, 3000)),  # three hundred in 1 Th
        np.arange(103.0, 504, 100),
        np.arange(100.0, 600),  # nominal masses
        np.arange(800, 2000) * 1.0005 + RNG.normal(0, 0.01, 1200),  # a peptide at every nominal mass
        (np.sort(RNG.uniform(800, 3000, 60))[:, None] + 1.00335 * np.arange(6)).ravel(),  # isotopes
        np.round(np.sort(RNG.uniform(300, 301, 500)), 4),
        np.array([760.585]),
    ],
)
def test_centroids_sparse_dense_and_regular(mz) -> None:
    for intensity in (RNG.lognormal(3, 1.5, len(mz)), np.ones(len(mz))):
        assert looks_like(mz, intensity).kind == "centroid"


def test_centroids_of_one_mz_that_differ_in_ion_mobility() -> None:
    mz = np.repeat(np.sort(RNG.uniform(300, 900, 60)), 5)
    assert looks_like(mz, RNG.lognormal(3, 1, len(mz))).kind == "centroid"


def test_maxima_of_noise_are_centroids() -> None:
    mz, intensity = profile("time of flight")
    intensity = intensity + np.abs(RNG.normal(0, 5, len(mz)))
    top = np.flatnonzero((intensity[1:-1] > intensity[:-2]) & (intensity[1:-1] > intensity[2:])) + 1
    assert looks_like(mz[top], intensity[top]).kind == "centroid"


def test_bins_are_told_by_their_neighbours() -> None:
    mz = np.linspace(500, 502, 300)
    assert looks_like(mz, RNG.gamma(1, 1, 300) * (RNG.random(300) < 0.2)).kind == "centroid"
    assert looks_like(mz, RNG.gamma(2, 5, 300)).kind == "unknown"  # noise in all of them may be either


def test_the_step_is_in_ppm() -> None:
    mz, intensity = profile("quadrupole")
    assert looks_like(mz, intensity).step == pytest.approx(0.1 / 200 * 1e6, rel=0.01)
    assert looks_like(np.array([100.0, 200, 300]), np.ones(3)).step == 0


def test_without_signal_nothing_is_seen() -> None:
    assert looks_like(np.linspace(500, 501, 400), np.zeros(400)) == ("unknown", 0, 0)
    assert looks_like(np.zeros(0), np.zeros(0)) == ("unknown", 0, 0)
