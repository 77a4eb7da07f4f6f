"""Shrinking, smoothing and centring: against loops over all pixels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msiss.analyse.measures.pixels import centred_unit, shrink, smooth


def shrink_oracle(image: np.ndarray, mask: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Go through the small pixels, then through the large ones, and add up the areas of overlap."""
    height, width = mask.shape[0] / shape[0], mask.shape[1] / shape[1]
    small, share = np.zeros(shape), np.zeros(shape)
    for row, column in np.ndindex(shape):
        for r, c in np.argwhere(mask):
            overlap = max(0, min((row + 1) * height, r + 1) - max(row * height, r))
            overlap *= max(0, min((column + 1) * width, c + 1) - max(column * width, c))
            small[row, column] += overlap * image[r, c]
            share[row, column] += overlap / (height * width)
    inside = share > 0.5 - 1e-9
    small = np.where(inside, small / np.where(share > 0, share, 1), 0)
    return small / small[inside].mean(), inside


@pytest.mark.parametrize(("longest", "shape"), [(10, (7, 10)), (8, (6, 8)), (3, (2, 3))])
def test_shrink_averages_what_was_measured(
    images: np.ndarray, mask: np.ndarray, longest: int, shape: tuple[int, int]
) -> None:
    small, inside = shrink(images, mask, longest)
    assert small.dtype == np.float32
    assert inside.shape == shape
    for found, image in zip(small, images, strict=True):
        expected, expected_inside = shrink_oracle(image, mask, shape)
        np.testing.assert_array_equal(inside, expected_inside)
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_small_image_keeps_its_pixels(images: np.ndarray, mask: np.ndarray) -> None:
    small, inside = shrink(images, mask, 19)
    np.testing.assert_array_equal(inside, mask)
    expected = images * mask / images[:, mask].mean(axis=1)[:, None, None]
    np.testing.assert_allclose(small, expected, rtol=1e-5)


@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    longest=st.integers(1, 40),
    measured=st.floats(0, 1),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60)
def test_shrunk_images_have_the_mean_1_inside_and_nothing_outside(
    height: int, width: int, longest: int, measured: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    mask = rng.random((height, width)) < measured
    mask.flat[rng.integers(mask.size)] = True
    images = np.stack([1e5 * rng.random((height, width)), np.zeros((height, width))])
    small, inside = shrink(images, mask, longest)
    assert max(inside.shape) == min(longest, max(height, width))
    assert inside.any()
    assert not small[:, ~inside].any()
    assert small[0, inside].mean() == pytest.approx(1, rel=1e-4)
    assert not small[1].any()
    assert (small >= 0).all()


@pytest.mark.parametrize("sigma", [0.7, 2.0, 9.0])
def test_smooth_is_the_weighted_mean_of_what_counts(
    images: np.ndarray, mask: np.ndarray, sigma: float, smooth_oracle
) -> None:
    weights = mask * np.random.default_rng(1).random(mask.shape)
    for found, image in zip(smooth(images[:3], weights, sigma), images, strict=False):
        np.testing.assert_allclose(found, smooth_oracle(image, weights, sigma), rtol=1e-4)


def test_an_even_image_stays_even_up_to_the_edge_of_the_tissue(mask: np.ndarray) -> None:
    smoothed = smooth(5 * mask[None].astype(np.float32), mask, 2.0)
    np.testing.assert_allclose(smoothed[0][mask], 5, rtol=1e-6)


def test_where_no_measured_pixel_is_near_there_is_nothing() -> None:
    mask = np.zeros((1, 30), dtype=bool)
    mask[0, 0] = True
    smoothed = smooth(np.full((1, 1, 30), 7, np.float32), mask, 1.0)[0, 0]
    np.testing.assert_allclose(smoothed[:4], 7, rtol=1e-5)
    assert not smoothed[10:].any()


def test_centred_unit_vectors_give_pearson_correlations() -> None:
    vectors = np.random.default_rng(0).gamma(2, size=(6, 40)) + 1000
    centred = centred_unit(vectors)
    assert centred.dtype == np.float32
    np.testing.assert_allclose(centred @ centred.T, np.corrcoef(vectors), atol=1e-5)


@given(value=st.floats(-1e6, 1e6, width=32), size=st.integers(1, 3000))
@settings(max_examples=50)
def test_a_constant_vector_has_no_direction(value: float, size: int) -> None:
    assert not centred_unit(np.full((1, size), value, np.float32)).any()


def test_a_difference_within_its_rounding_errors_has_no_direction() -> None:
    large = np.full((1, 50), 3.0, np.float32)
    other = np.nextafter(large, np.float32(np.inf)) * (np.arange(50) % 2) + large * (np.arange(50) % 2 == 0)
    assert centred_unit(large - other).any()
    assert not centred_unit(large - other, made_of=large).any()
