"""The passes over all spectra: windows, blocks, threads and what is counted on the way."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from msiss.data import kernels
from msiss.data.formats.imzml import arrays
from msiss.data.formats.imzml.arrays import SpectrumReader
from msiss.data.formats.imzml.reader import open_imzml, write_imzml
from msiss.data.peaks import MeanSpectrum
from msiss.data.progress import ignore

MZ = st.lists(st.floats(99.99, 100.01), min_size=0, max_size=30)


def images_of(path, mz: np.ndarray, ppm: float, **more) -> np.ndarray:
    file = open_imzml(path)
    images = np.zeros((len(mz), *file.shape), dtype=np.float32)
    SpectrumReader(file).ion_images(mz, ppm, images, progress=ignore, **more)
    return images


@given(ions=MZ.filter(len), spectra=st.lists(MZ, min_size=2, max_size=4), ppm=st.sampled_from([1.0, 20.0, 300.0]))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_windows_hold_what_a_comparison_of_all_finds_in_any_order(tmp_path, ions, spectra, ppm) -> None:
    rng = np.random.default_rng(0)
    path = tmp_path / "any.imzML"
    rows = [(x, 1, np.array(mz), rng.uniform(0, 9, len(mz)).astype(np.float32)) for x, mz in enumerate(spectra, 1)]
    write_imzml(path, rows)
    low, high = np.array(ions) * (1 - ppm * 1e-6), np.array(ions) * (1 + ppm * 1e-6)
    expected = [
        [[intensity[(mz >= bottom) & (mz <= top)].sum() for *_, mz, intensity in rows]]
        for bottom, top in zip(low, high, strict=True)
    ]
    np.testing.assert_allclose(images_of(path, np.array(ions), ppm), expected, rtol=1e-6)


@given(axis=MZ.filter(len), ions=MZ.filter(len), ppm=st.sampled_from([1.0, 20.0, 300.0]))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_points_of_a_shared_axis_are_those_of_a_comparison_of_all_in_any_order(tmp_path, axis, ions, ppm) -> None:
    path = tmp_path / "shared.imzML"
    mz, ions = np.array(axis), np.array(ions)
    values = np.random.default_rng(0).integers(0, 9, (3, len(mz))).astype(np.float32)
    write_imzml(path, [(x, 1, mz, row) for x, row in enumerate(values, 1)], mode="continuous")
    assert open_imzml(path).shared_axis
    inside = (mz >= (ions * (1 - ppm * 1e-6))[:, None]) & (mz <= (ions * (1 + ppm * 1e-6))[:, None])
    np.testing.assert_array_equal(images_of(path, ions, ppm)[:, 0], inside @ values.T)


@pytest.mark.parametrize("mode", ["processed", "continuous"])
@pytest.mark.parametrize("spectra", [1, kernels.TOGETHER, 2 * kernels.TOGETHER + 3])
def test_sums_that_are_placed_together_reach_their_own_pixels(tmp_path, mode, spectra) -> None:
    """The spectra are in no order of their pixels, and many share one."""
    rng = np.random.default_rng(0)
    mz = np.array([100.0, 200.0, 200.001, 300.0])
    columns, values = rng.permutation(spectra) // 3 * 3 + 1, rng.integers(1, 99, (spectra, 4)).astype(np.float32)
    rows = [(int(x), 1 + number % 2, mz, row) for number, (x, row) in enumerate(zip(columns, values, strict=True))]
    path = tmp_path / "a.imzML"
    write_imzml(path, rows, mode=mode)
    expected = {}
    for x, y, _, row in rows:
        expected.setdefault((y, x), []).append([row[0], row[1] + row[2], 0, row[3]])
    images = images_of(path, np.array([100.0, 200.0, 250.0, 300.0]), 10)
    file = open_imzml(path)
    for (x, y, _), pixel in zip(file.coordinates, file.pixels, strict=True):
        mean = np.mean(expected[y, x], axis=0)
        np.testing.assert_allclose(images.reshape(4, -1)[:, pixel], mean, rtol=1e-6)


@pytest.mark.parametrize("mode", ["processed", "continuous"])
@pytest.mark.parametrize(("spectra_per_block", "threads"), [(1, 1), (5, 3), (4096, 2)])
def test_neither_blocks_nor_threads_change_an_image(
    tmp_path, spectra, continuous_spectra, monkeypatch, mode, spectra_per_block, threads
) -> None:
    path = tmp_path / "a.imzML"
    write_imzml(path, spectra if mode == "processed" else continuous_spectra, mode=mode)
    mz = np.array([150.02, 300.1, 300.1024, 900.4])
    expected = images_of(path, mz, 10)
    monkeypatch.setattr(arrays, "SPECTRA_PER_BLOCK", spectra_per_block)
    monkeypatch.setattr(arrays, "_cores", lambda: threads)
    np.testing.assert_array_equal(images_of(path, mz, 10), expected)


def test_blocks_bring_every_spectrum_once_in_the_order_of_the_file(imzml, monkeypatch) -> None:
    monkeypatch.setattr(arrays, "SPECTRA_PER_BLOCK", 5)
    reader = SpectrumReader(open_imzml(imzml))
    blocks = list(reader._blocks(np.arange(18)[::-1]))
    assert [len(block) for block in blocks] == [5, 5, 5, 3]
    np.testing.assert_array_equal(np.concatenate(blocks), np.arange(18))


def test_rows_that_are_left_out_and_moved(imzml) -> None:
    whole = images_of(imzml, np.array([150.02, 900.4]), 10)
    file = open_imzml(imzml)
    some = np.zeros((2, 3, file.shape[1]), dtype=np.float32)
    rows = np.array([-1, 0, -1, 2])
    SpectrumReader(file).ion_images(np.array([150.02, 900.4]), 10, some, rows=rows, progress=ignore)
    np.testing.assert_array_equal(some[:, [0, 2]], whole[:, [1, 3]])
    assert not some[:, 1].any()


def test_statistics_of_a_pass(imzml, spectra) -> None:
    reader = SpectrumReader(open_imzml(imzml))
    for _ in range(2):  # a second pass begins anew
        statistics = reader.scan(ignore)
    assert statistics.values == sum(len(mz) for _, _, mz, _ in spectra)
    assert statistics.lowest_mz == min(mz.min() for _, _, mz, _ in spectra)
    assert statistics.highest_mz == max(mz.max() for _, _, mz, _ in spectra)
    assert statistics.unsorted == statistics.not_numbers == statistics.negative == statistics.zeros == 0
    np.testing.assert_allclose(statistics.tic, [intensity.sum(dtype=float) for *_, intensity in spectra])


def test_what_cannot_be_an_intensity_is_counted_and_read_as_0(tmp_path) -> None:
    path = tmp_path / "odd.imzML"
    mz = np.array([100.0, 200, 300, 400, 500, 600])
    values = np.array([np.nan, np.inf, -np.inf, -1, 0, 5])
    write_imzml(path, [(1, 1, mz, values), (2, 1, mz[::-1], values[::-1])])
    reader = SpectrumReader(open_imzml(path))
    statistics = reader.scan(ignore)
    assert (statistics.not_numbers, statistics.negative, statistics.zeros, statistics.unsorted) == (6, 2, 2, 1)
    np.testing.assert_array_equal(statistics.tic, [5, 5])
    np.testing.assert_array_equal(images_of(path, mz, 10)[:, 0], [[0, 0]] * 5 + [[5, 5]])


@pytest.mark.parametrize("mode", ["processed", "continuous"])
def test_the_mean_spectrum_is_the_sum_of_all(tmp_path, spectra, continuous_spectra, mode) -> None:
    path = tmp_path / "a.imzML"
    given_spectra = spectra if mode == "processed" else continuous_spectra
    write_imzml(path, given_spectra, mode=mode)
    reader = SpectrumReader(open_imzml(path))
    if mode == "continuous":
        axis, total = reader.mean_on_axis(progress=ignore)
        np.testing.assert_array_equal(axis, given_spectra[0][2])
        np.testing.assert_allclose(total, np.sum([intensity for *_, intensity in given_spectra], axis=0), rtol=1e-6)
    else:
        mean, expected = MeanSpectrum(10), MeanSpectrum(10)
        reader.mean_spectrum(mean, progress=ignore)
        for _, _, mz, intensity in given_spectra:
            expected.add(mz, intensity)
        for found, slow in zip(mean.peaks(profile=False), expected.peaks(profile=False), strict=True):
            np.testing.assert_allclose(found, slow)
