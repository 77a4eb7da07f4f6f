"""Fusion: all parts have the same weight."""

import numpy as np
import pytest

from msiss.analyse.measures.fusion import fuse, spread
from msiss.analyse.vectors import unit


def parts() -> list:
    """Return two measures of very different spread and length: the sums of all rows, and of all columns."""
    return [lambda images: images.sum(axis=1), lambda images: 1000 * np.sqrt(images.sum(axis=2)) + 5000]


def fused_oracle(gallery: np.ndarray) -> np.ndarray:
    total = np.zeros((len(gallery), len(gallery)))
    for part in parts():
        vectors = part(gallery)
        cosine = vectors @ vectors.T / np.outer(np.linalg.norm(vectors, axis=1), np.linalg.norm(vectors, axis=1))
        others = [cosine[i, j] for i in range(len(cosine)) for j in range(len(cosine)) if i != j]
        total += cosine / np.std(others)
    return total


def test_it_is_the_sum_of_the_similarities_over_their_spread() -> None:
    gallery = np.random.default_rng(0).gamma(1, size=(15, 6, 8))
    vectors = fuse(parts(), gallery)(gallery)
    np.testing.assert_allclose(vectors @ vectors.T, fused_oracle(gallery), rtol=1e-4)


def test_the_length_of_a_part_does_not_matter() -> None:
    gallery = np.random.default_rng(0).gamma(1, size=(15, 6, 8))
    first, second = parts()
    expected = fuse([first, second], gallery)(gallery[:4])
    found = fuse([lambda images: 1e-4 * first(images), second], gallery)(gallery[:4])
    np.testing.assert_allclose(found @ found.T, expected @ expected.T, atol=1e-5)


def test_spread_is_the_standard_deviation_over_the_pairs() -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(9, 4)))
    expected = np.std([vectors[i] @ vectors[j] for i in range(9) for j in range(9) if i != j])
    assert spread(vectors) == pytest.approx(expected)


@pytest.mark.parametrize("vectors", [np.ones((1, 3)), np.eye(3)[[0, 0, 0]], np.zeros((4, 3)), np.eye(5)])
def test_where_all_pairs_are_alike_the_spread_is_1(vectors: np.ndarray) -> None:
    assert spread(vectors) == 1
