"""Peaks of profiles: above the noise, beside a valley, and none of the noise itself."""

import numpy as np
import pytest

from msiss.data.profile import POINTS_PER_WINDOW, omitted_zeros, profile_peaks, threshold

CENTRES, WIDTH = np.array([200, 500, 530, 900, 1500]), 6.0


@pytest.fixture
def profile() -> np.ndarray:
    """Return five peaks, the second and third overlapping, on a baseline that rises, with noise of 1."""
    rng = np.random.default_rng(0)
    points = np.arange(2000)
    heights = np.array([100, 300, 200, 40, 500])
    peaks = (heights[:, None] * np.exp(-(((points - CENTRES[:, None]) / WIDTH) ** 2))).sum(axis=0)
    return 20 + points / 50 + peaks + rng.normal(0, 1, 2000)


def test_the_peaks_are_found_and_nothing_else(profile) -> None:
    found = profile_peaks(profile, noise=6, prominence=0.2)
    assert len(found) == len(CENTRES)
    assert np.abs(found - CENTRES).max() <= 2


def test_signal_to_noise_decides_between_a_small_peak_and_noise(profile) -> None:
    def number(noise: float) -> int:
        return len(profile_peaks(profile, noise=noise, prominence=0.2))

    assert number(60) == 4  # the peak of 40 is below
    assert number(0) >= number(3) >= number(6) >= number(60)


def test_prominence_decides_whether_a_shoulder_is_a_peak() -> None:
    points = np.arange(300)
    shoulder = 100 * np.exp(-(((points - 100) / 10) ** 2)) + 60 * np.exp(-(((points - 122) / 9) ** 2))
    assert len(profile_peaks(shoulder, noise=0, prominence=0.01)) == 2
    assert len(profile_peaks(shoulder, noise=0, prominence=0.5)) == 1


def test_the_threshold_is_the_baseline_and_so_many_times_the_noise() -> None:
    rng = np.random.default_rng(1)
    noise = 50 + rng.normal(0, 2, 20 * POINTS_PER_WINDOW)
    np.testing.assert_allclose(threshold(noise, 5), 50 + 5 * 2, rtol=0.1)
    assert not threshold(noise, 0).any()
    assert not threshold(noise[:1], 5).any()


def test_peaks_at_the_ends_count() -> None:
    np.testing.assert_array_equal(profile_peaks(np.array([5.0, 1, 0, 1, 4]), noise=0, prominence=0), [0, 4])


def test_omitted_zeros_are_put_back_where_steps_are_wide() -> None:
    mz = np.array([1.0, 1.1, 1.2, 1.3, 2.3, 2.4, 2.5])
    before, zeros = omitted_zeros(mz)
    np.testing.assert_array_equal(before, [4] * 9)
    np.testing.assert_allclose(zeros, np.arange(1.4, 2.25, 0.1))
    for full in (np.linspace(50, 2000, 10_000), np.geomspace(50, 2000, 10_000), np.linspace(7, 45, 10_000) ** 2):
        assert not len(omitted_zeros(full)[0])
    assert not len(omitted_zeros(np.array([5.0]))[0])


def test_gaps_are_filled_with_no_more_than_a_window_of_zeros() -> None:
    before, _ = omitted_zeros(np.array([1.0, 1.001, 1.002, 1000, 1000.001, 1000.002]))
    np.testing.assert_array_equal(before, [3] * 500)
