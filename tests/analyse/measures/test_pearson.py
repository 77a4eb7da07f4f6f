"""Pearson correlation of the roots of median-filtered pixels."""

import numpy as np

from msiss.analyse.measures import pearson
from msiss.analyse.similarity import cosine_similarity


def filtered_oracle(image: np.ndarray, mask: np.ndarray) -> list[float]:
    """Go pixel by pixel: the median of nine roots; beside the tissue, the nearest measured pixel stands in."""
    measured = np.argwhere(mask)
    medians = []
    for row, column in measured:
        nine = []
        for r in (row - 1, row, row + 1):
            for c in (column - 1, column, column + 1):
                place = [min(max(r, 0), mask.shape[0] - 1), min(max(c, 0), mask.shape[1] - 1)]
                nearest = measured[((measured - place) ** 2).sum(axis=1).argmin()]
                nine.append(np.sqrt(image[tuple(nearest)]))
        medians.append(sorted(nine)[4])
    return medians


def test_pearson_against_the_oracle(images: np.ndarray) -> None:
    mask = np.ones(images.shape[1:], dtype=bool)
    mask[:, 16:] = False  # a straight edge, where the nearest measured pixel is never ambiguous
    expected = np.corrcoef([filtered_oracle(image, mask) for image in images])
    np.testing.assert_allclose(cosine_similarity(pearson.fit(images, mask)(images)), expected, atol=1e-5)


def test_a_single_bright_pixel_does_not_matter(images: np.ndarray) -> None:
    mask = np.ones(images.shape[1:], dtype=bool)
    even = np.ones((1, *mask.shape), np.float32) + (np.mgrid[: mask.shape[0], : mask.shape[1]][0] > 6)
    speckled = even.copy()
    speckled[0, 3, 4] = 1000
    measure = pearson.fit(images, mask)
    np.testing.assert_array_equal(measure(even), measure(speckled))
