"""Spectra are drawn with every peak, and with the level that a peak must exceed where there is one."""

import numpy as np

from msiss.show.spectra import spectrum_figure

MZ, INTENSITY = np.array([100.0, 200.0, 300.0]), np.array([5.0, 7.0, 1.0])
PEAKS = (MZ[:2], INTENSITY[:2])


def test_centroids_are_sticks() -> None:
    sticks, peaks = spectrum_figure(MZ, INTENSITY, PEAKS).data
    np.testing.assert_array_equal(np.asarray(sticks.x).reshape(3, 3)[:, :2], np.stack([MZ, MZ], axis=1))
    np.testing.assert_array_equal(np.asarray(sticks.y).reshape(3, 3)[:, :2], np.stack([np.zeros(3), INTENSITY], axis=1))
    assert np.isnan(np.asarray(sticks.x)[2::3].astype(float)).all()  # nothing joins two sticks
    np.testing.assert_array_equal(peaks.x, MZ[:2])


def test_a_profile_is_a_line_with_its_threshold() -> None:
    line, level, peaks = spectrum_figure(MZ, INTENSITY, PEAKS, np.array([2.0, 3.0, 4.0])).data
    np.testing.assert_array_equal(line.y, INTENSITY)
    np.testing.assert_array_equal(level.y, [2, 3, 4])
    assert level.name == "signal to noise"
    np.testing.assert_array_equal(peaks.y, INTENSITY[:2])


def test_axes_have_units() -> None:
    figure = spectrum_figure(MZ, INTENSITY, PEAKS, title="Mean")
    assert figure.layout.xaxis.title.text == "m/z (Th)"
    assert figure.layout.yaxis.title.text == "Mean intensity"
