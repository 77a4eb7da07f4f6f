"""Split halves: filled as said, independent in noise, and recognised only by what sees the pattern."""

import numpy as np
import pytest

from msiss.analyse.halves import across, half_ranks, half_scores, halves, partner_ranks_apart
from msiss.analyse.metrics import partner_ranks
from msiss.analyse.similarity import image_vectors


def slow_half(image: np.ndarray, mask: np.ndarray, parity: int) -> np.ndarray:
    """Fill one half of one image pixel by pixel; only for masks in which every pixel has a neighbour."""
    height, width = mask.shape
    half = np.zeros(mask.shape)
    for row, column in np.argwhere(mask):
        if (row + column) % 2 == parity:
            half[row, column] = image[row, column]
            continue
        around = [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]
        inside = [(r, c) for r, c in around if 0 <= r < height and 0 <= c < width and mask[r, c]]
        half[row, column] = np.mean([image[place] for place in inside])
    return half


def test_halves_are_those_of_the_slow_way() -> None:
    rng = np.random.default_rng(0)
    mask = np.ones((7, 9), dtype=bool)
    mask[:2, :3] = mask[4, 4] = mask[6, 8] = False
    images = rng.uniform(0, 10, (3, 7, 9)).astype(np.float32)
    for parity, half in enumerate(halves(images, mask)):
        assert half.dtype == np.float32
        for image, filled in zip(images, half, strict=True):
            np.testing.assert_allclose(filled, slow_half(image, mask, parity), rtol=1e-5)


def test_a_pixel_alone_takes_the_nearest_of_the_half() -> None:
    mask = np.zeros((5, 9), dtype=bool)
    mask[2, :3] = mask[2, 8] = True  # the last one is even and far from the rest
    images = np.zeros((1, 5, 9), dtype=np.float32)
    images[0, 2] = [1, 5, 3, 0, 0, 0, 0, 0, 7]
    even, odd = halves(images, mask)
    assert even[0, 2].tolist() == [1, 2, 3, 0, 0, 0, 0, 0, 7]
    assert odd[0, 2].tolist() == [5, 5, 5, 0, 0, 0, 0, 0, 5]


def test_halves_share_no_pixel() -> None:
    rng = np.random.default_rng(1)
    mask = rng.random((10, 12)) < 0.8
    images = rng.uniform(1, 2, (1, 10, 12))
    even, odd = halves(images, mask)
    board = np.indices(mask.shape).sum(axis=0) % 2 == 0
    for half, other in ((even, mask & ~board), (odd, mask & board)):
        changed = images.copy()
        changed[:, other] += 5
        index = 0 if half is even else 1
        np.testing.assert_array_equal(halves(changed, mask)[index], half)


@pytest.mark.parametrize("measured", [[], [(0, 0)], [(0, 1)]])
def test_hardly_any_pixels(measured: list[tuple[int, int]]) -> None:
    mask = np.zeros((3, 4), dtype=bool)
    for place in measured:
        mask[place] = True
    even, odd = halves(np.full((2, 3, 4), 3.0), mask)
    for half in (even, odd):
        assert half.shape == (2, 3, 4)
        assert set(np.unique(half)) <= {0, 3}
        assert not half[:, ~mask].any()


def test_noise_is_not_recognised_and_patterns_are() -> None:
    rng = np.random.default_rng(2)
    rows, columns = np.mgrid[:40, :40]
    mask = np.ones((40, 40), dtype=bool)
    noise = rng.poisson(2.0, (200, 40, 40))
    places = rng.uniform(5, 35, (200, 2))
    spots = np.exp(-((rows - places[:, :1, None]) ** 2 + (columns - places[:, 1:, None]) ** 2) / 50)
    patterns = rng.poisson(20 * spots)
    recognised = {}
    for name, images in (("noise", noise), ("patterns", patterns)):
        seen = across(*(image_vectors(half, mask) for half in halves(images, mask)))
        recognised[name] = half_scores(half_ranks(seen))["top1"]
    assert recognised["noise"] < 0.03  # chance: 1 of 200
    assert recognised["patterns"] > 0.7  # some of the spots lie on one another


def test_scores_by_hand() -> None:
    # The even half of ion 1 lies between the odd ones of ions 0 and 1, nearer to the former; ion 3 has no signal, and
    # the odd halves of ions 1 and 2 cannot be told apart.
    even = np.array([[1, 0, 0], [4, 1, 1], [0, 1, 1], [0, 0, 0]], dtype=np.float32)
    odd = np.array([[1, 0, 0], [0, 1, 1], [0, 1, 1], [0, 0, 0]], dtype=np.float32)
    # From the even halves: 1; 3 (ion 0 is nearer, ion 2 as near); 2 (ion 1 is as near); 4. From the odd ones: 1; 2 (the
    # even half of ion 2 is nearer); 1; 4.
    np.testing.assert_array_equal(half_ranks(across(even, odd)), [1, 3, 2, 4, 1, 2, 1, 4])
    np.testing.assert_array_equal(half_ranks(across(odd, even)), [1, 2, 1, 4, 1, 3, 2, 4])
    scores = half_scores(half_ranks(across(even, odd)))
    assert scores == {
        "n": 4,
        "top1": 3 / 8,
        "mrr": pytest.approx((1 + 1 / 3 + 1 / 2 + 1 / 4 + 1 + 1 / 2 + 1 + 1 / 4) / 8),
    }


def test_partners_apart_by_hand() -> None:
    # Rows: even halves of four ions; columns: odd halves.
    similarity = np.array([[0.9, 0.5, 0.6, 0.1], [0.2, 0.9, 0.3, 0.2], [0.4, 0.7, 0.9, 0.8], [0.0, 0.0, 0.0, 0.0]])
    pairs = np.array([[0, 1], [2, 3]])
    # Even 0 for odd 1: odd 2 is nearer; even 2 for odd 3: first. Even 1 for odd 0: odd 2 is nearer, odd 3 as near; even
    # 3 for odd 2: all are as near. Odd 0 for even 1: even 2 is nearer; odd 2 for even 3: last. Odd 1 for even 0: even 2
    # is nearer; odd 3 for even 2: first. An ion's own other half is no rival.
    expected = [2, 1, 3, 3, 2, 3, 2, 1]
    np.testing.assert_array_equal(partner_ranks_apart(similarity, pairs), expected)


def test_noise_that_two_ions_share_does_not_make_them_partners_apart() -> None:
    rng = np.random.default_rng(3)
    mask = np.ones((40, 40), dtype=bool)
    noise = rng.gamma(1, size=(50, 40, 40))
    noise[1::2] = noise[::2] + 0.3 * noise[1::2]  # pairs of ions with the same noise
    pairs = np.arange(50).reshape(25, 2)
    seen = across(*(image_vectors(half, mask) for half in halves(noise, mask)))
    assert (partner_ranks(image_vectors(noise, mask), pairs) <= 5).all()
    assert (partner_ranks_apart(seen, pairs) <= 5).mean() < 0.25  # chance: 0.1
