"""Peaks: found where they are, ranked by structure and intensity, none sharing signal with another."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msiss.data.peaks import MeanSpectrum, axis_peaks, best, morans_i, strongest, structure_of_noise


def slow_morans_i(image: np.ndarray, mask: np.ndarray, near: tuple[tuple[int, int], ...] = ((0, 1), (1, 0))) -> float:
    """Moran's I as defined: the mean product of neighbours over the mean square."""
    rows, columns = image.shape
    mean = np.mean([np.sqrt(image[r, c]) for r in range(rows) for c in range(columns) if mask[r, c]])
    products, squares = [], []
    for r in range(rows):
        for c in range(columns):
            if not mask[r, c]:
                continue
            squares.append((np.sqrt(image[r, c]) - mean) ** 2)
            for r2, c2 in [(r + s * dr, c + s * dc) for dr, dc in near for s in (1, -1)]:
                if 0 <= r2 < rows and 0 <= c2 < columns and mask[r2, c2]:
                    products.append((np.sqrt(image[r, c]) - mean) * (np.sqrt(image[r2, c2]) - mean))
    return float(np.mean(products) / np.mean(squares))


def chosen(images: np.ndarray, mask: np.ndarray, number: int) -> np.ndarray:
    return best(morans_i(images, mask), np.array([image[mask].mean() for image in images]), number=number)


def test_morans_i_is_what_its_definition_gives() -> None:
    rng = np.random.default_rng(0)
    mask = rng.random((9, 11)) < 0.8
    images = (rng.gamma(2, 10, (5, 9, 11)) * mask).astype(np.float32)
    np.testing.assert_allclose(morans_i(images, mask), [slow_morans_i(image, mask) for image in images], rtol=1e-6)


def test_morans_i_of_extremes() -> None:
    mask = np.ones((20, 20), dtype=bool)
    rows, columns = np.mgrid[:20, :20]
    images = np.stack([rows >= 10, (rows + columns) % 2, np.ones((20, 20))]).astype(np.float32)
    half, chess_board, constant = morans_i(images, mask)
    assert half > 0.9
    assert chess_board == pytest.approx(-1)
    assert constant == 0


RASTERS = {
    "chess board": (lambda r, c: (r + c) % 2 == 0, ((1, -1), (1, 1))),
    "every second row": (lambda r, c: r % 2 == 0, ((0, 1), (2, 0))),
    "every second pixel": (lambda r, c: (r % 2 == 0) & (c % 2 == 0), ((0, 2), (2, 0))),
    "every third column": (lambda r, c: c % 3 == 0, ((1, 0), (0, 3))),
    "one row": (lambda r, c: r == 2, ((0, 1),)),
}


@pytest.mark.parametrize("name", RASTERS)
def test_neighbours_are_the_nearest_of_the_raster_and_noise_has_no_structure(name) -> None:
    inside, near = RASTERS[name]
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:60, :90]
    mask = inside(rows, columns)
    noise, smooth = rng.gamma(2, 10, mask.shape), np.exp(-((columns - 45) ** 2) / 800)
    images = (np.stack([noise, smooth]) * mask).astype(np.float32)
    found = morans_i(images, mask)
    np.testing.assert_allclose(found, [slow_morans_i(image, mask, near) for image in images], rtol=1e-6)
    assert abs(found[0]) < 0.3 if name == "one row" else abs(found[0]) < (structure_of_noise(mask) or 0.1)
    assert found[1] > 0.9


def test_noise_on_scattered_pixels_has_no_structure_and_anatomy_has() -> None:
    rng = np.random.default_rng(0)
    mask = rng.random((100, 100)) < 0.03
    half = np.where(np.arange(100) < 50, 1, 9)[None]
    images = (np.stack([rng.gamma(2, 10, mask.shape), half * np.ones((100, 1))]) * mask).astype(np.float32)
    noise, tissue = morans_i(images, mask)
    assert abs(noise) < 0.2
    assert tissue > 0.9


def test_pixels_far_apart_are_ranked_by_intensity_alone() -> None:
    mask = np.zeros((12, 12), dtype=bool)
    mask[::6, ::6] = True
    images = np.stack([mask * 1.0, mask * 9.0, mask * 3.0]).astype(np.float32)
    np.testing.assert_array_equal(chosen(images, mask, number=2), [1, 2])


def test_best_prefers_structure_to_intensity_and_intensity_among_equals() -> None:
    rng = np.random.default_rng(1)
    mask = np.ones((16, 16), dtype=bool)
    half = (np.mgrid[:16, :16][0] < 8) * 10.0
    images = np.stack([rng.gamma(2, 50, (16, 16)), half, half * 20, np.zeros((16, 16))]).astype(np.float32)
    np.testing.assert_array_equal(chosen(images, mask, number=1), [2])
    np.testing.assert_array_equal(chosen(images, mask, number=2), [1, 2])
    np.testing.assert_array_equal(chosen(images, mask, number=9), [0, 1, 2])  # without the image that holds nothing


def test_best_does_not_depend_on_the_unit_of_intensity() -> None:
    rng = np.random.default_rng(2)
    mask = np.ones((10, 10), dtype=bool)
    images = np.cumsum(rng.gamma(2, rng.uniform(1, 50, (30, 1, 1)), (30, 10, 10)), axis=1).astype(np.float32)
    np.testing.assert_array_equal(chosen(images, mask, number=7), chosen(images * 1024, mask, number=7))


@pytest.mark.parametrize("scatter", [0.0, 2e-6])
def test_the_mean_spectrum_finds_the_ions(scatter) -> None:
    rng = np.random.default_rng(3)
    ions = np.array([100.05, 500.1, 500.1 * (1 + 50e-6), 1200.7])
    spectrum = MeanSpectrum(10)
    total = np.zeros(4)
    for _ in range(50):
        intensity = rng.gamma(2, 10, 4)
        total += intensity
        spectrum.add(ions * (1 + rng.normal(0, scatter, 4)), intensity)
    mz, intensity = spectrum.peaks(profile=False)
    np.testing.assert_allclose(mz, ions, rtol=1e-6 if scatter else 1e-12)
    np.testing.assert_allclose(intensity, total, rtol=1e-9)


@pytest.mark.parametrize("spacing", [2e-6, 500e-6])
def test_the_mean_spectrum_of_profiles_has_one_peak_per_bell(spacing) -> None:
    """Finely sampled as well as much more coarsely than the tolerance."""
    axis = 300 * np.exp(np.arange(200) * spacing)
    bells = sum(height * np.exp(-(((np.arange(200) - top) / 6) ** 2)) for top, height in ((50, 30.0), (120, 10.0)))
    spectrum = MeanSpectrum(10)
    spectrum.add(axis, bells)
    mz, _ = spectrum.peaks(profile=True)
    np.testing.assert_allclose(mz, axis[[50, 120]], rtol=1e-6)


def test_profiles_without_their_zeros_are_separate_peaks() -> None:
    """A low and a high peak, each of three rising points: the low one has no smaller right neighbour of its own."""
    spectrum = MeanSpectrum(10)
    spectrum.add(np.array([300.00, 300.01, 300.02, 300.40, 300.41, 300.42]), np.array([1.0, 2, 3, 30, 40, 50]))
    mz, _ = spectrum.peaks(profile=True)
    np.testing.assert_allclose(mz, [300.02, 300.42])


def test_a_shared_axis_gives_its_points_or_its_maxima() -> None:
    mz, intensity = np.array([0.0, 100, 101, 102, 103, 104]), np.array([9.0, 1, 5, 2, 0, 4])
    np.testing.assert_array_equal(axis_peaks(mz, intensity, profile=False)[0], [100, 101, 102, 104])
    np.testing.assert_array_equal(axis_peaks(mz, intensity, profile=True)[0], [101, 104])
    np.testing.assert_array_equal(axis_peaks(mz[::-1], intensity[::-1], profile=True)[0], [101, 104])


@given(
    st.lists(st.tuples(st.floats(100, 100.1), st.floats(0.1, 1e6)), min_size=1, max_size=40),
    st.sampled_from([1.0, 10.0, 200.0]),
    st.integers(1, 50),
)
def test_chosen_windows_never_overlap_and_nothing_stronger_is_missed(peaks, ppm, number) -> None:
    mz, intensity = np.array(peaks).T
    chosen = strongest(mz, intensity, ppm=ppm, number=number)

    assert 1 <= len(chosen) <= number
    assert mz[np.argmax(intensity)] in chosen
    high, low = chosen * (1 + ppm * 1e-6), chosen * (1 - ppm * 1e-6)
    assert (high[:-1] < low[1:]).all()
    if len(chosen) < number:  # then every other peak is too close to a chosen one
        reach = 1.001e-6 * ppm  # a hair wider, for rounding
        for value in mz:
            assert (np.maximum(value, chosen) * (1 - reach) <= np.minimum(value, chosen) * (1 + reach)).any()


def test_impossible_mz_are_left_out_of_the_mean_spectrum() -> None:
    spectrum = MeanSpectrum(10)
    spectrum.add(np.array([np.inf, -np.inf, np.nan, -5, 0, 1e7, 500.1]), np.ones(7))
    mz, intensity = spectrum.peaks(profile=False)
    np.testing.assert_allclose(mz, [500.1])
    np.testing.assert_array_equal(intensity, [1])


@pytest.mark.parametrize("shared", [True, False])
def test_omitted_zeros_do_not_raise_the_threshold_of_weak_peaks(shared) -> None:
    """Without them, the strong peaks would pass for the baseline."""
    axis = np.linspace(500, 510, 4000)
    centres = np.linspace(500.2, 509.8, 40)
    heights = np.geomspace(1e4, 10, 40)
    whole = (np.exp(-(((axis - centres[:, None]) / 0.02) ** 2)) * heights[:, None]).sum(axis=0)
    held = whole > 0.5
    if shared:
        mz, _ = axis_peaks(axis[held], whole[held], profile=True, noise=3, prominence=0.1)
    else:
        mean = MeanSpectrum(5)
        mean.add(axis[held], whole[held])
        mz, _ = mean.peaks(profile=True, noise=3, prominence=0.1)
    np.testing.assert_allclose(mz, centres, atol=0.01)
