"""Vectors of ion images, and the cosine between them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from msiss.analyse import similarity
from msiss.analyse.similarity import (
    compact,
    cosine_blocks,
    cosine_similarity,
    image_vectors,
    metaspace_vectors,
    nearest,
    nearest_among,
    ranks,
)


def metaspace_oracle(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Go pixel by pixel: threshold at the median, then the median of nine; a missing pixel is its nearest one."""
    median = np.median([image[place] for place in np.ndindex(image.shape) if mask[place]])
    measured = np.argwhere(mask)
    vector = []
    for row, column in measured:
        nine = []
        for r in (row - 1, row, row + 1):
            for c in (column - 1, column, column + 1):
                r_inside, c_inside = min(max(r, 0), image.shape[0] - 1), min(max(c, 0), image.shape[1] - 1)
                distances = ((measured - [r_inside, c_inside]) ** 2).sum(axis=1)
                value = image[tuple(measured[distances.argmin()])]
                nine.append(value if value >= median else 0)
        vector.append(sorted(nine)[4])
    return np.array(vector) / (np.linalg.norm(vector) or 1)


def test_image_vectors_hold_the_measured_pixels() -> None:
    images = np.array([[[3.0, 9.0], [4.0, 0.0]], [[0.0, 9.0], [0.0, 0.0]]])
    mask = np.array([[True, False], [True, True]])
    vectors = image_vectors(images, mask)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, [[0.6, 0.8, 0], [0, 0, 0]])


def test_metaspace_vectors_against_the_oracle() -> None:
    rng = np.random.default_rng(0)
    mask = np.ones((9, 12), dtype=bool)
    mask[:, 10:] = False  # a straight edge, where the nearest measured pixel is never ambiguous
    images = rng.exponential(size=(4, 9, 12)) * mask
    expected = [metaspace_oracle(image, mask) for image in images]
    np.testing.assert_allclose(metaspace_vectors(images, mask), expected, atol=1e-6)


def test_metaspace_filter_spares_the_edge_of_the_tissue() -> None:
    mask = np.zeros((9, 9), dtype=bool)
    mask[2:7, 2:7] = True
    image = np.where(mask, 5.0, 0)
    np.testing.assert_allclose(metaspace_vectors(image[None], mask), np.full((1, 25), 0.2), rtol=1e-6)


def test_metaspace_filter_removes_single_bright_pixels() -> None:
    mask = np.ones((12, 12), dtype=bool)
    tissue = np.zeros((12, 12))
    tissue[:6] = 1
    speckled = tissue.copy()
    speckled[9, ::4] = 30
    vectors = metaspace_vectors(np.stack([tissue, speckled]), mask)
    assert vectors[0] @ vectors[1] > 0.99
    plain = image_vectors(np.stack([tissue, speckled]), mask)
    assert plain[0] @ plain[1] < 0.3


VECTORS = arrays(np.float32, st.tuples(st.integers(1, 8), st.integers(1, 40)), elements=st.floats(0, 100, width=16))


@given(VECTORS)
@settings(max_examples=100, deadline=None)
def test_compact_keeps_lengths_and_inner_products(vectors: np.ndarray) -> None:
    small = compact(vectors)
    assert small.shape[1] <= min(vectors.shape)
    wide = vectors.astype(np.float64)
    scale = max(1.0, float((wide**2).sum(axis=1).max()))
    np.testing.assert_allclose(small.astype(np.float64) @ small.T, wide @ wide.T, atol=1e-5 * scale)


def test_compact_keeps_cosines_of_real_sized_vectors() -> None:
    images = np.random.default_rng(0).gamma(0.3, size=(40, 60, 70)).astype(np.float32)
    images[7] = 0
    vectors = image_vectors(images, np.ones((60, 70), dtype=bool))
    small = compact(vectors)
    assert small.shape == (40, 40)
    assert small.dtype == np.float32
    np.testing.assert_allclose(cosine_similarity(small), cosine_similarity(vectors), atol=1e-5)
    assert not small[7].any()


@given(VECTORS)
@settings(max_examples=100, deadline=None)
def test_cosine_similarity_against_the_definition(vectors: np.ndarray) -> None:
    found = cosine_similarity(vectors)
    assert found.dtype == np.float32
    for i, a in enumerate(vectors.astype(np.float64)):
        for j, b in enumerate(vectors.astype(np.float64)):
            lengths = np.linalg.norm(a) * np.linalg.norm(b)
            expected = a @ b / lengths if lengths else 0
            assert abs(found[i, j] - expected) < 1e-6


@given(VECTORS, VECTORS, st.integers(1, 9))
@settings(max_examples=100, deadline=None)
def test_blocks_hold_every_cosine_once(queries: np.ndarray, gallery: np.ndarray, rows: int) -> None:
    dimensions = min(queries.shape[1], gallery.shape[1])
    queries, gallery = queries[:, :dimensions], gallery[:, :dimensions]
    expected = cosine_similarity(np.concatenate([queries, gallery]))[: len(queries), len(queries) :]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similarity, "BLOCK_BYTES", rows * 8 * sum(gallery.shape))
        blocks = list(cosine_blocks(queries, gallery))
    assert [row for block, _ in blocks for row in range(len(queries))[block]] == list(range(len(queries)))
    assert all(len(cosines) <= rows for _, cosines in blocks)
    np.testing.assert_allclose(np.concatenate([cosines for _, cosines in blocks]), expected, atol=1e-6)


def test_nearest_leaves_the_ion_out_and_breaks_ties_by_number() -> None:
    features = np.array([[2, 0], [1, 1], [3, 0.1], [5, 5], [1, 0]])
    ions, cosines = nearest(features, 0, 3)
    assert ions.tolist() == [4, 2, 1]
    np.testing.assert_allclose(cosines, [1, 3 / np.hypot(3, 0.1), np.sqrt(0.5)], atol=1e-6)
    assert nearest(features, 0, 99)[0].tolist() == [4, 2, 1, 3]


def test_nearest_takes_the_others_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    features = np.random.default_rng(0).normal(size=(30, 5))
    whole = nearest(features, 7, 10)
    monkeypatch.setattr(similarity, "BLOCK_BYTES", 4 * 8 * (1 + 5))
    for found, expected in zip(nearest(features, 7, 10), whole, strict=True):
        np.testing.assert_array_equal(found, expected)


def at_least_as_near(query: np.ndarray, one: np.ndarray, other: np.ndarray) -> bool:
    """Tell exactly, in integers, whether the cosine of a query with `one` is at least that with `other`."""

    def signed_square(vector: np.ndarray, rival: np.ndarray) -> int:  # of the cosine, times both squared lengths
        product = int(query @ vector)
        return (1 if product > 0 else -1) * product**2 * max(1, int(rival @ rival))

    return signed_square(one, other) >= signed_square(other, one)


@given(seed=st.integers(0, 1000))
def test_ranks_against_exact_arithmetic(seed: int) -> None:
    rng = np.random.default_rng(seed)
    gallery, queries = rng.integers(-1, 2, (9, 3)), rng.integers(-1, 2, (5, 3))  # few values, many ties
    answers, without = rng.integers(0, 9, 5), rng.integers(0, 9, 5)
    expected = [
        [at_least_as_near(query, other, gallery[answer]) for other in gallery]
        for query, answer in zip(queries, answers, strict=True)
    ]
    np.testing.assert_array_equal(ranks(queries, gallery, answers), np.sum(expected, axis=1))
    for row, ion in zip(expected, without, strict=True):
        row[ion] = False
    np.testing.assert_array_equal(ranks(queries, gallery, answers, without=without), np.sum(expected, axis=1))


def test_equally_near_ions_come_by_number_whatever_the_rounding() -> None:
    same = np.random.default_rng(0).normal(size=50)
    features = np.stack([same, *(same * scale for scale in (0.1, 3, 1 / 3, 7, 1e-3)), -same]).astype(np.float32)
    assert nearest(features, 3, 6)[0].tolist() == [0, 1, 2, 4, 5, 6]


def test_the_nearest_of_every_ion_are_those_of_each() -> None:
    features = np.random.default_rng(3).normal(size=(40, 6)).astype(np.float32)
    features[7] = features[30]  # ties by index
    found = nearest_among(features, np.arange(40), 5)
    np.testing.assert_array_equal(found, [nearest(features, ion, 5)[0] for ion in range(40)])


def test_only_known_ions_are_nearest_and_none_is_its_own() -> None:
    features = np.random.default_rng(4).normal(size=(30, 6)).astype(np.float32)
    known = np.array([2, 3, 11, 20, 29])
    found = nearest_among(features, known, 2)
    for ion in range(30):
        candidates = [one for one in nearest(features, ion, 29)[0] if one in known]
        assert found[ion].tolist() == candidates[:2]
    assert nearest_among(features, known, 9).shape == (30, 4)
    assert nearest_among(features, known, 0).shape == (30, 0)
