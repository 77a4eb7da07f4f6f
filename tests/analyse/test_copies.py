"""Ion images that occur more than once."""

import numpy as np
import pytest

from msiss.analyse import copies
from msiss.analyse.copies import count_near_copies, first_copies, is_empty
from msiss.analyse.measures.pixels import centred_unit

MASK = np.array([[True, True, False], [True, True, True]])


def test_copies_have_the_same_values_inside_the_mask() -> None:
    images = np.random.default_rng(0).random((6, 2, 3)).astype(np.float32)
    images[3] = images[1]
    images[4] = images[1]
    images[4, 0, 2] += 1  # outside the mask
    images[5] = np.nextafter(images[0], np.float32(2))
    np.testing.assert_array_equal(first_copies(images, MASK), [0, 1, 2, 1, 1, 5])


def test_zero_has_no_sign() -> None:
    images = np.zeros((2, 2, 3))
    images[1] = -0.0
    np.testing.assert_array_equal(first_copies(images, MASK), [0, 0])


def test_copies_against_the_slow_way() -> None:
    images = np.random.default_rng(1).integers(0, 2, (60, 2, 3))
    first = [next(i for i in range(60) if (images[i][MASK] == image[MASK]).all()) for image in images]
    np.testing.assert_array_equal(first_copies(images, MASK), first)
    assert len(set(first)) < 2**5 < 60


def test_empty_images_are_0_inside_the_mask() -> None:
    images = np.zeros((3, 2, 3))
    images[1, 0, 2] = 1  # outside the mask
    images[2, 0, 0] = 1
    np.testing.assert_array_equal(is_empty(images, MASK), [True, True, False])


@pytest.mark.parametrize("block", [1, 3, 500])
def test_near_copies_correlate_with_an_earlier_image(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(copies, "BLOCK", block)
    rng = np.random.default_rng(0)
    pixels = rng.random((7, 200))
    pixels[2] = 3 * pixels[0] + 1  # the correlation is 1
    pixels[5] = pixels[0] + 0.01 * rng.random(200)  # a correlation of about 0.9995, with both
    pixels[6] = pixels[1] + 0.1 * rng.random(200)  # 0.995
    pixels[3:5] = 0
    assert count_near_copies(centred_unit(pixels)) == 2


def test_more_ions_than_can_be_compared_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "MOST_EXACT", 3)
    assert count_near_copies(np.eye(3)) == 0
    assert count_near_copies(np.eye(4)) is None
