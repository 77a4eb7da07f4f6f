"""Similarity in context: neighbours, hubs, and vectors whose cosines are that similarity."""

import numpy as np
import pytest

from msiss.analyse import context
from msiss.analyse.context import Gallery, contextual_similarity, contextual_vectors
from msiss.analyse.metrics import knn_purity
from msiss.analyse.vectors import unit

SHARES = (0.0, 0.3)


def vectors_of(ions: int, seed: int = 0) -> np.ndarray:
    """Return vectors around a common direction, so that their cosines are those of ion images."""
    return np.random.default_rng(seed).normal(0.4, 1, (ions, 7)).astype(np.float32)


def similarity_oracle(cosines: np.ndarray, share: float) -> np.ndarray:
    """Go ion by ion: the mean cosine of the neighbours is added, and the sum divided by the means of the hubs."""
    ions = range(len(cosines))
    few = min(10, max(1, len(cosines) // 4))

    def nearest(values: np.ndarray, ion: int, number: int) -> list[int]:
        return sorted((one for one in ions if one != ion), key=lambda one: -values[one])[:number]

    def deviation(values: np.ndarray) -> float:
        return float(np.std([values[i, j] for i in ions for j in ions if i != j]))

    rows = [nearest(cosines[i], i, few) for i in ions]
    columns = [nearest(cosines[:, j], j, few) for j in ions]
    between = np.array([[np.mean([cosines[a, b] for a in rows[i] for b in columns[j]]) for j in ions] for i in ions])
    mixed = cosines / deviation(cosines) + (share * between / deviation(between) if share else 0)
    many = min(10, len(cosines) - 1)
    hubs_of_rows = np.array([np.mean([mixed[i, j] for j in nearest(mixed[i], i, many)]) for i in ions])
    hubs_of_columns = np.array([np.mean([mixed[i, j] for i in nearest(mixed[:, j], j, many)]) for j in ions])
    for hubs in (hubs_of_rows, hubs_of_columns):
        least = max(np.median(hubs) / 2, 1e-6)
        hubs[hubs < least] = least
    return np.array([[mixed[i, j] / np.sqrt(hubs_of_rows[i] * hubs_of_columns[j]) for j in ions] for i in ions])


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("ions", [3, 9, 40])
def test_the_similarity_of_two_measurements_against_the_oracle(ions: int, share: float) -> None:
    first = vectors_of(ions)
    second = first + 0.5 * vectors_of(ions, seed=1)
    cosines = (unit(first) @ unit(second).T).astype(np.float64)
    np.testing.assert_allclose(contextual_similarity(cosines, share), similarity_oracle(cosines, share), rtol=1e-9)


@pytest.mark.parametrize("share", SHARES)
def test_the_cosines_of_the_vectors_are_the_similarity_of_the_ions_to_each_other(share: float) -> None:
    vectors = vectors_of(40)
    cosines = unit(vectors.astype(np.float64)) @ unit(vectors.astype(np.float64)).T
    expected = similarity_oracle(cosines, share)
    found = contextual_vectors(vectors, share)
    assert found.shape == (40, 40)
    np.testing.assert_allclose((found**2).sum(axis=1), 1, rtol=1e-5)
    others = ~np.eye(40, dtype=bool)
    ratio = (found @ found.T)[others] / expected[others]
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-3)


@pytest.mark.parametrize("share", SHARES)
def test_further_images_are_compared_with_the_ions_by_neighbours_and_hubs_of_these(share: float) -> None:
    vectors, query = vectors_of(40), vectors_of(1, seed=5)
    known = unit(vectors.astype(np.float64))
    cosines, own = known @ known.T, (known @ unit(query)[0]).astype(np.float64)
    expected = similarity_oracle(cosines, share)
    few = 10
    order = [sorted((j for j in range(40) if j != i), key=lambda j: -cosines[i, j])[:few] for i in range(40)]
    between = np.array([[cosines[np.ix_(a, b)].mean() for b in order] for a in order])
    others = ~np.eye(40, dtype=bool)
    near = np.argsort(-own)[:few]
    mixed = own / cosines[others].std()
    if share:
        mixed = mixed + share * np.array([cosines[np.ix_(near, b)].mean() for b in order]) / between[others].std()
    hubs = expected[0] * 0  # what the columns are divided by, up to the factor of the row
    plain = cosines / cosines[others].std() + (share * between / between[others].std() if share else 0)
    for ion in range(40):
        hubs[ion] = np.sort(np.delete(plain[ion], ion))[-10:].mean()
    hubs = np.maximum(hubs, np.median(hubs) / 2)
    found = Gallery(vectors, share).similarity(query)
    np.testing.assert_allclose(found, [mixed / np.sqrt(hubs)], rtol=1e-4)


def test_no_ion_is_near_to_a_multitude() -> None:
    vectors = np.random.default_rng(0).normal(0.3, 1, (200, 40))

    def most_often_near(values: np.ndarray) -> int:
        cosines = unit(values) @ unit(values).T
        np.fill_diagonal(cosines, -np.inf)
        return int(np.bincount(np.argsort(-cosines, axis=1)[:, :5].ravel()).max())

    assert most_often_near(contextual_vectors(vectors, 0.0)) < 0.8 * most_often_near(vectors)


def test_neighbours_average_noise() -> None:
    classes = np.repeat(np.arange(4), 25)
    vectors = np.eye(40)[classes] + np.random.default_rng(0).normal(0, 0.3, (100, 40))
    alone, together = (knn_purity(contextual_vectors(vectors, share), classes) for share in SHARES)
    assert together > alone + 0.05


@pytest.mark.parametrize("share", SHARES)
def test_an_ion_without_signal_is_like_nothing(share: float) -> None:
    vectors = vectors_of(12)
    vectors[4] = 0
    found = contextual_vectors(vectors, share)
    assert np.isfinite(found).all()
    assert not found[4].any()
    assert found[np.arange(12) != 4].any(axis=1).all()


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("ions", [1, 2])
def test_less_than_three_ions_have_no_context(ions: int, share: float) -> None:
    vectors = vectors_of(ions)
    np.testing.assert_allclose(contextual_vectors(vectors, share), unit(vectors), atol=1e-6)
    np.testing.assert_array_equal(contextual_similarity(vectors @ vectors.T, share), vectors @ vectors.T)


@pytest.mark.parametrize("share", SHARES)
def test_equal_ions_stay_equal(share: float) -> None:
    vectors = vectors_of(10)[[0, 1, 1, 2, 3, 4, 5, 6, 7, 8]]
    cosines = contextual_vectors(vectors, share).astype(np.float64)
    cosines = cosines @ cosines.T
    np.testing.assert_allclose(np.delete(cosines[1], [1, 2]), np.delete(cosines[2], [1, 2]), atol=1e-5)


def test_many_ions_are_compared_with_landmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = np.repeat(vectors_of(60), 4, axis=0) + np.random.default_rng(1).normal(0, 0.1, (240, 7))
    exact = contextual_vectors(vectors, 0.3)
    classes = np.repeat(np.arange(60), 4)
    monkeypatch.setattr(context, "MOST_EXACT", 100)
    monkeypatch.setattr(context, "landmarks", lambda number: np.arange(0, number, 2))
    monkeypatch.setattr(context, "BLOCK", 50)
    found = contextual_vectors(vectors, 0.3)
    assert found.shape == (240, 2 * 7 + 1024)
    assert knn_purity(found, classes, 3) == pytest.approx(knn_purity(exact, classes, 3), abs=0.05)
