"""Thinned copies: no count is lost, faint as asked for, and the rank of their parents."""

import numpy as np
import pytest

from msiss.analyse.halves import across
from msiss.analyse.thinning import blocks, faint, found_parents, thin

MASK = np.ones((20, 24), dtype=bool)
MASK[:6, :8] = False


def counts(number: int = 12, seed: int = 0) -> np.ndarray:
    """Return ion images with 50 times as many counts in the right half as in the left, from 100 to 50,000 in all."""
    rng = np.random.default_rng(seed)
    rates = np.where(np.arange(24) < 12, 0.04, 2) * MASK
    totals = np.geomspace(100, 50_000, number)
    return rng.poisson(totals[:, None, None] * rates / rates.sum()).astype(np.float32)


@pytest.mark.parametrize("contrast", [False, True])
@pytest.mark.parametrize("level", [50, 200, 1000])
def test_no_count_is_lost_and_copies_are_as_faint_as_asked_for(level: int, contrast: bool) -> None:
    images = counts()
    gallery, copies, parents = thin(images, MASK, level, contrast=contrast, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(parents, np.flatnonzero(images.sum(axis=(1, 2)) >= 4 * level))
    assert 0 < len(parents) < len(images)
    restored = gallery.copy()
    restored[parents] += copies
    np.testing.assert_array_equal(restored, images)
    assert (gallery >= 0).all()
    assert (copies >= 0).all()
    np.testing.assert_array_equal(copies, np.round(copies))
    totals = copies.sum(axis=(1, 2))
    if not contrast:
        assert (np.abs(totals - level) < 4 * np.sqrt(level)).all()
    assert totals.mean() == pytest.approx(level, rel=0.1)


def test_ions_with_few_counts_have_no_copy_and_stay_whole() -> None:
    images = counts()
    gallery, copies, parents = thin(images, MASK, 100_000, contrast=True, rng=np.random.default_rng(0))
    assert copies.shape == (0, 20, 24)
    assert len(parents) == 0
    np.testing.assert_array_equal(gallery, images)


def test_the_same_generator_takes_the_same_counts_and_the_images_stay_as_they_are() -> None:
    images = counts()
    before = images.copy()
    first, second, other = (
        thin(images, MASK, 200, contrast=True, rng=np.random.default_rng(seed))[1] for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)
    np.testing.assert_array_equal(images, before)


def right_to_left(contrast: bool) -> np.ndarray:
    """Return how many times the share of the right half that copies take is that of the left, for many copies."""
    images = np.repeat(counts()[-1:], 60, axis=0)
    _, copies, _ = thin(images, MASK, 5000, contrast=contrast, rng=np.random.default_rng(0))
    shares = [
        copies[:, :, half].sum(axis=(1, 2)) / images[:, :, half].sum(axis=(1, 2))
        for half in (slice(0, 10), slice(14, 24))
    ]
    return shares[1] / shares[0]


def test_without_a_change_of_contrast_every_place_is_thinned_alike() -> None:
    ratios = right_to_left(contrast=False)
    assert ratios.mean() == pytest.approx(1, abs=0.05)


def test_a_changed_contrast_is_a_power_of_the_rates() -> None:
    ratios = np.log(right_to_left(contrast=True)) / np.log(50)  # the rates of the halves differ by a factor of 50
    assert ratios.min() == pytest.approx(np.exp(-0.5) - 1, abs=0.1)
    assert 0.3 < ratios.max() < np.exp(0.5) - 1 + 0.1
    assert (ratios < 0).mean() == pytest.approx(0.5, abs=0.2)


@pytest.mark.parametrize("contrast", [False, True])
def test_faint_copies_have_the_level_on_average_the_rates_of_the_image_and_nothing_off_the_mask(contrast: bool) -> None:
    image = counts()[-1] + np.float32(7) * ~MASK  # what lies off the mask is not looked at
    images = np.stack([image] * 100 + [np.zeros_like(image)])
    copies = faint(images, MASK, 400, contrast=contrast, rng=np.random.default_rng(0))
    assert copies.dtype == np.float32
    assert not copies[:, ~MASK].any()
    assert not copies[100].any()
    assert copies[:100].sum(axis=(1, 2)).mean() == pytest.approx(400, abs=4 * (400 / 100) ** 0.5)
    right = copies[:100, :, 12:].sum() / copies.sum()
    if not contrast:
        assert right == pytest.approx((image * MASK)[:, 12:].sum() / (image * MASK).sum(), abs=0.01)
    np.testing.assert_array_equal(copies, faint(images, MASK, 400, contrast=contrast, rng=np.random.default_rng(0)))


def test_blocks_are_the_sums_of_both_diagonals() -> None:
    image = (np.arange(20.0) ** 2).reshape(1, 4, 5)  # the last column is left over
    mask = np.ones((4, 5), dtype=bool)
    mask[3, 2] = False
    first, second, inside = blocks(image, mask)
    np.testing.assert_array_equal(inside, [[True, True], [True, False]])
    np.testing.assert_array_equal(first, [[[0 + 36, 4 + 64], [100 + 256, 0]]])
    np.testing.assert_array_equal(second, [[[1 + 25, 9 + 49], [121 + 225, 0]]])


def test_a_shared_first_place_does_not_count() -> None:
    gallery = np.array([[1.0, 0], [2, 0], [0, 1]])
    assert found_parents(across(np.array([[1.0, 0.1], [0.1, 1]]), gallery), np.array([0, 2])).tolist() == [False, True]


def test_a_measure_that_cannot_tell_ions_apart_finds_no_parent() -> None:
    ones = across(np.ones((4, 1280), np.float32), np.ones((30, 1280), np.float32))
    assert not found_parents(ones, np.arange(4)).any()
    assert not found_parents(across(np.zeros((4, 5)), np.zeros((30, 5))), np.arange(4)).any()
