"""Regions are compared exactly, with ties, and clusters are divided between them."""

import numpy as np
import pytest

from msiss.analyse import regions
from msiss.analyse.regions import OFFSET, intensity_in, rank, shares
from msiss.errors import SettingError


def slow_auc(image: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    wins = 0.0
    for bright in image[a]:
        for dark in image[b]:
            wins += 1 if bright > dark else 0.5 if bright == dark else 0
    return wins / (a.sum() * b.sum())


@pytest.fixture
def section() -> tuple[np.ndarray, np.ndarray]:
    """Return 9 images of 7 x 8 pixels with many ties, zeros and a few hot pixels, and a region."""
    rng = np.random.default_rng(3)
    images = rng.integers(0, 4, (9, 7, 8)).astype(np.float32)
    images[3] = rng.exponential(size=(7, 8)) * 1e-30
    images[4] = rng.exponential(size=(7, 8)) * 1e30
    images[5] = 0
    images[6] = 2.5
    images[7, 0, 0] = 3.4e38
    images[8] = -0.0
    rows, columns = np.mgrid[:7, :8]
    return images, (rows < 3) & (columns > 1)


def test_every_number_is_that_of_a_slow_count(section):
    images, a = section
    rows, _ = np.mgrid[:7, :8]
    for b in (~a, rows == 6):
        found = rank(images, a, b)
        assert (found.pixels_a, found.pixels_b) == (a.sum(), b.sum())
        for ion, image in enumerate(images.astype(np.float64)):
            assert found.auc[ion] == slow_auc(image, a, b)
            assert found.mean_a[ion] == pytest.approx(image[a].mean(), rel=1e-12)
            assert found.mean_b[ion] == pytest.approx(image[b].mean(), rel=1e-12)
            offset = OFFSET * image[a | b].mean()
            if offset == 0:
                assert found.log2_fold_change[ion] == 0
            else:
                expected = np.log2((image[a].mean() + offset) / (image[b].mean() + offset))
                assert found.log2_fold_change[ion] == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_blocks_of_ions_and_memory_mapped_images_give_the_same(section, tmp_path, monkeypatch):
    images, a = section
    whole = rank(images, a, ~a)
    np.save(tmp_path / "images.npy", images)
    monkeypatch.setattr(regions, "_PIECE", 2 * 56)
    found = rank(np.load(tmp_path / "images.npy", mmap_mode="r"), a, ~a)
    np.testing.assert_array_equal(found.auc, whole.auc)
    np.testing.assert_array_equal(found.mean_a, whole.mean_a)


def test_the_unit_of_the_intensities_does_not_matter(section):
    images, a = section
    whole, scaled = rank(images[:3], a, ~a), rank(images[:3] * np.float32(1024), a, ~a)
    np.testing.assert_allclose(scaled.log2_fold_change, whole.log2_fold_change)
    np.testing.assert_array_equal(scaled.auc, whole.auc)


def test_pixels_are_normalised_by_a_factor(section):
    images, a = section
    factor = np.random.default_rng(0).uniform(0.5, 2, a.shape).astype(np.float32)
    found, expected = rank(images[:5], a, ~a, factor=factor), rank(images[:5] * factor, a, ~a)
    np.testing.assert_array_equal(found.auc, expected.auc)
    np.testing.assert_array_equal(found.log2_fold_change, expected.log2_fold_change)


def test_an_ion_of_one_region_only_has_a_finite_fold_change():
    a = np.array([[True, False, False, False]])
    found = rank(np.array([[[8.0, 0, 0, 0]]], np.float32), a, ~a)
    assert found.log2_fold_change[0] == pytest.approx(np.log2((8 + 0.02) / 0.02))
    assert found.auc[0] == 1


def test_the_order_is_by_auc_then_by_fold_change():
    a = np.array([[True, True, False, False]])
    images = np.array([[[1, 1, 2, 2]], [[2, 2, 1, 1]], [[1, 1, 1, 1]], [[9, 9, 1, 1]]], np.float32)
    found = rank(images, a, ~a)
    assert found.auc.tolist() == [0, 1, 0.5, 1]
    assert found.ranked().tolist() == [3, 1, 2, 0]
    assert found.ranked(high_in="b").tolist() == [0, 2, 1, 3]


def test_pixels_of_both_regions_count_for_the_first(section):
    images, a = section
    around = np.ones_like(a)
    np.testing.assert_array_equal(rank(images, a, around).auc, rank(images, a, ~a).auc)


def test_an_empty_region_is_refused(section):
    images, a = section
    nothing = np.zeros_like(a)
    with pytest.raises(SettingError, match="Region A has no measured pixel\\. "):
        rank(images, nothing, a)
    with pytest.raises(SettingError, match="Region B has no measured pixel beside those of region A"):
        rank(images, a, a)


def test_clusters_are_divided_between_regions_per_pixel():
    means = np.array([[[4, 4, 1, 3]], [[0, 0, 0, 0]]], np.float32)
    areas = np.array([[[1, 1, 0, 0]], [[0, 0, 1, 1]], [[0, 0, 0, 0]]], bool)
    found = intensity_in(means, areas)
    np.testing.assert_array_equal(found, [[4, 2, np.nan], [0, 0, np.nan]])
    np.testing.assert_allclose(shares(found), [[2 / 3, 1 / 3, 0], [0.5, 0.5, 0]])
