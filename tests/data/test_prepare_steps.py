import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from msiss.data.prepare_steps import (
    apply_mask,
    clip_hot_spots,
    filter_median,
    multiply_pixels,
    normalising_factors,
    resize_with_padding,
    scale_to_unit,
    take_log,
    take_square_root,
)

intensities = st.floats(0, 1e6, width=32).map(lambda value: 0.0 if value < 1e-3 else value)
stacks = st.tuples(st.integers(1, 5), st.integers(1, 7), st.integers(1, 7)).flatmap(
    lambda shape: arrays(np.float32, shape, elements=intensities)
)


def full(images: np.ndarray) -> np.ndarray:
    return np.ones(images.shape[1:], dtype=bool)


def normalise_pixels(images: np.ndarray, mask: np.ndarray, **more) -> np.ndarray:
    return multiply_pixels(images, mask, factors=normalising_factors(images, mask, **more))


def one_signal(spectrum: np.ndarray, method: str) -> float:
    """Measure of one pixel, as its definition reads."""
    if method == "tic":
        return spectrum.sum()
    if method == "rms":
        return np.sqrt(np.mean(spectrum**2))
    return np.median(spectrum[spectrum > 0]) if (spectrum > 0).any() else 0.0


@pytest.mark.parametrize("method", ["tic", "rms", "median"])
@given(images=stacks)
def test_each_pixel_is_divided_by_its_measure(method, images):
    exact = images.astype(np.float64)
    signal = np.array(
        [[one_signal(exact[:, y, x], method) for x in range(images.shape[2])] for y in range(images.shape[1])]
    )
    typical = np.median(signal[signal > 0]) if (signal > 0).any() else 1.0
    expected = np.zeros_like(exact)
    for y, x in np.argwhere(signal > 0):
        expected[:, y, x] = exact[:, y, x] * typical / signal[y, x]
    found = normalise_pixels(images, full(images), method=method)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_normalisation_removes_brightness_steps_between_rows():
    rng = np.random.default_rng(0)
    even = rng.uniform(1, 5, (4, 1, 6)).repeat(5, axis=1).astype(np.float32)
    striped = even * np.array([1, 3, 0.5, 2, 1], dtype=np.float32)[:, None]
    for method in ("tic", "rms", "median"):
        found = normalise_pixels(striped, full(striped), method=method)
        np.testing.assert_allclose(found, np.broadcast_to(found[:, :1], found.shape), rtol=1e-5)


def test_tic_of_the_whole_spectrum_counts_before_the_sum_over_the_ions():
    images = np.array([[[2.0, 2.0, 0.0]]], dtype=np.float32)
    tic = np.array([[10.0, 5.0, 10.0]], dtype=np.float32)
    found = normalise_pixels(images, full(images), method="tic", tic=tic)
    np.testing.assert_allclose(found, [[[2.0, 4.0, 0.0]]])


def test_no_normalisation_changes_nothing():
    images = np.array([[[1.0, 4.0]]], dtype=np.float32)
    np.testing.assert_array_equal(normalise_pixels(images, full(images), method="none"), images)


def test_hot_spots_are_set_to_the_quantile_of_the_pixels_with_the_ion():
    image = np.zeros((11, 11), dtype=np.float32)
    image[2, :10] = np.arange(1, 11)
    image[3, 0] = 1000
    found = clip_hot_spots(image[None], full(image[None]), quantile=0.9)[0]
    assert found.max() == pytest.approx(10)  # of 1 ... 10 and 1000, the 0.9 quantile is the tenth value
    np.testing.assert_array_equal(found[2, :10], np.arange(1, 11))


def test_pixels_outside_the_mask_do_not_move_the_quantile():
    image = np.array([[[1.0, 2.0, 3.0, 100.0]]], dtype=np.float32)
    mask = np.array([[True, True, True, False]])
    assert clip_hot_spots(image, mask, quantile=1.0).max() == 3


@given(images=stacks, quantile=st.floats(0.5, 1))
def test_clipping_lowers_only_and_keeps_every_found_pixel(images, quantile):
    found = clip_hot_spots(images, full(images), quantile=quantile)
    assert (found <= images).all()
    np.testing.assert_array_equal(found > 0, images > 0)


def test_square_root_and_mask():
    images = np.array([[[4.0, 9.0]]], dtype=np.float32)
    np.testing.assert_array_equal(take_square_root(images, full(images)), [[[2, 3]]])
    np.testing.assert_array_equal(apply_mask(images, np.array([[True, False]])), [[[4, 0]]])


@given(images=stacks, off=st.integers(0, 2**32 - 1))
def test_the_median_filter_takes_the_middle_of_the_neighbours_on_the_mask(images, off):
    mask = np.random.default_rng(off).random(images.shape[1:]) > 0.3
    expected = np.zeros_like(images)
    for row, column in np.argwhere(mask):
        around = slice(max(row - 1, 0), row + 2), slice(max(column - 1, 0), column + 2)
        for ion, image in enumerate(images):
            found = sorted(image[around][mask[around]])
            expected[ion, row, column] = found[(len(found) - 1) // 2]
    np.testing.assert_array_equal(filter_median(images, mask), expected)


def test_the_log_is_relative_to_the_median_of_what_was_found():
    images = np.array([[[0.0, 1.0, 2.0, 4.0]], [[0.0, 0.0, 0.0, 0.0]]], dtype=np.float32)
    np.testing.assert_allclose(take_log(images, full(images))[0], np.log1p([[0, 0.5, 1, 2]]), rtol=1e-6)
    assert not take_log(images, full(images))[1].any()


def test_scaling_is_per_ion_and_leaves_empty_images_empty():
    images = np.array([[[1.0, 4.0]], [[0.0, 0.0]], [[0.1, 0.05]]], dtype=np.float32)
    np.testing.assert_allclose(scale_to_unit(images, full(images)), [[[0.25, 1]], [[0, 0]], [[1, 0.5]]])


def area_means(image: np.ndarray, factor: int) -> np.ndarray:
    height, width = image.shape
    return image.reshape(height // factor, factor, width // factor, factor).mean(axis=(1, 3))


def test_shape_is_kept_and_the_section_is_centred():
    image = np.ones((1, 30, 60), dtype=np.float32)
    resized, mask = resize_with_padding(image, full(image), 64)
    assert resized.shape == (1, 64, 64)
    np.testing.assert_array_equal(mask.any(axis=1), [16 <= row < 48 for row in range(64)])
    assert mask.any(axis=0).all()
    np.testing.assert_allclose(resized[0], mask, rtol=1e-6)


def test_pixels_that_are_not_square_keep_the_true_shape_of_the_section():
    image = np.ones((1, 10, 40), dtype=np.float32)
    _, mask = resize_with_padding(image, full(image), 64, pixel_size=(80.0, 20.0))
    assert mask.all()


def test_shrinking_averages_and_enlarging_interpolates():
    rng = np.random.default_rng(1)
    noise = rng.uniform(size=(1, 256, 256)).astype(np.float32)
    shrunk, _ = resize_with_padding(noise, full(noise), 64)
    assert shrunk.mean() == pytest.approx(noise.mean(), abs=2e-3)
    # Triangle weights reach over the neighbouring blocks, so they leave less noise than plain block means.
    assert 0.3 < shrunk.std() / area_means(noise[0], 4).std() < 1
    ramp = np.tile(np.linspace(0, 1, 32, dtype=np.float32), (1, 32, 1))
    enlarged, _ = resize_with_padding(ramp, full(ramp), 64)
    assert (np.diff(enlarged[0], axis=1) >= 0).all()


@given(images=stacks, side=st.integers(1, 80))
def test_resized_images_stay_within_the_range_of_the_image(images, side):
    resized, mask = resize_with_padding(images, full(images), side)
    assert mask.any()
    assert resized.min() >= 0
    assert (resized.max(axis=(1, 2)) <= images.max(axis=(1, 2)) * (1 + 1e-5)).all()
    assert not resized[:, ~mask].any()


def test_a_resized_pixel_is_on_the_mask_where_half_of_its_weight_is():
    mask = np.zeros((128, 128), dtype=bool)
    mask[4:-4, 4:-4] = np.random.default_rng(0).random((120, 120)) < 0.5
    mask[20:40, 20:40] = True
    # Halving an image, triangle weights are 1, 3, 3 and 1 eighths of four pixels.
    weights = np.zeros((64, 128))
    for place, share in ((-1, 1), (0, 3), (1, 3), (2, 1)):
        weights[np.arange(1, 63), 2 * np.arange(1, 63) + place] = share / 8
    expected = weights @ mask @ weights.T
    assert (expected == 0.5).any()
    resized, found = resize_with_padding(mask[None].astype(np.float32), mask, 64)
    np.testing.assert_array_equal(found, expected >= 0.5)
    np.testing.assert_allclose(resized[0], np.where(found, expected, 0), atol=1e-6)


def test_scattered_pixels_keep_a_mask():
    mask = np.zeros((200, 200), dtype=bool)
    mask[::20, ::20] = True
    images = np.ones((1, 200, 200), dtype=np.float32) * mask
    _, resized_mask = resize_with_padding(images, mask, 64)
    assert resized_mask.sum() >= mask.sum() / 2
