"""Spectral clustering: what it finds, how it numbers, and data that is too small or too plain."""

import warnings

import numpy as np
import pytest
from helpers import ODD_VECTORS, groups, odd_vectors
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import laplacian
from scipy.spatial.distance import cdist
from sklearn.cluster import SpectralClustering
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import kneighbors_graph

from msiss.analyse import clustering
from msiss.analyse.clustering import (
    cut,
    cuts,
    graph_eigenvectors,
    link,
    nearest_first,
    neighbour_graph,
    spectral_clusters,
    squared_distances,
)
from msiss.errors import SettingError


def test_the_paper_setting_is_what_scikit_learn_gives() -> None:
    features, _ = groups([30, 25, 20], distance=1.0)
    expected = SpectralClustering(
        4, affinity="nearest_neighbors", n_neighbors=10, assign_labels="discretize", random_state=3
    ).fit_predict(features)
    found = spectral_clusters(features, 4, seed=3)
    assert adjusted_rand_score(expected, found) == 1


def test_clusters_are_numbered_by_size() -> None:
    features, truth = groups([12, 30, 20], distance=10)
    np.testing.assert_array_equal(spectral_clusters(features, 3), np.array([2, 0, 1])[truth])


def test_equally_large_clusters_are_numbered_by_their_first_ion() -> None:
    features, truth = groups([15, 15, 15], distance=10)
    shuffled = np.random.default_rng(0).permutation(45)
    found = spectral_clusters(features[shuffled], 3)
    _, first = np.unique(found, return_index=True)
    assert (np.diff(first) > 0).all()
    assert adjusted_rand_score(found, truth[shuffled]) == 1


def test_groups_without_a_connection_give_no_warning() -> None:
    features, truth = groups([20] * 6, distance=100)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert adjusted_rand_score(truth, spectral_clusters(features, 6)) == 1
        fewer = spectral_clusters(features, 4)  # fewer clusters than there are islands: islands stay whole
    assert all(len(np.unique(fewer[truth == island])) == 1 for island in range(6))


def test_as_many_features_as_ions_give_no_warning() -> None:
    features = np.random.default_rng(0).normal(size=(20, 20))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        spectral_clusters(features, 3)


@pytest.mark.parametrize("n_neighbours", [1, 4, 12, 40])
def test_one_order_of_neighbours_gives_the_graphs_of_all_numbers(n_neighbours: int) -> None:
    features = np.random.default_rng(0).normal(size=(40, 7))
    squares = squared_distances(features @ features.T)
    np.testing.assert_allclose(squares, cdist(features, features, "sqeuclidean"), atol=1e-12)
    found, expected = link(nearest_first(squares, 40), n_neighbours), neighbour_graph(features, n_neighbours)
    np.testing.assert_array_equal(found.toarray(), expected.toarray())


def test_an_ion_is_the_nearest_to_itself_also_beside_exact_copies() -> None:
    near = nearest_first(np.zeros((6, 6)), 3)
    np.testing.assert_array_equal(near[:, 0], np.arange(6))


@pytest.mark.parametrize("largest", [clustering.LARGEST_FACTORIZED, 0])
@pytest.mark.parametrize("islands", [1, 3])
def test_several_numbers_of_clusters_are_cut_as_each_alone(islands: int, largest: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clustering, "LARGEST_FACTORIZED", largest)
        graph = neighbour_graph(groups([12] * islands if islands > 1 else [90], distance=100)[0], 6)
        for number, found in zip([4, 6, 8], cuts(graph, [4, 6, 8], seed=3), strict=True):
            assert adjusted_rand_score(cut(graph, number, seed=3), found) == 1


@given(
    number=st.integers(2, 30),
    share=st.floats(0, 1),
    seed=st.integers(0, 1000),
    kind=st.sampled_from(ODD_VECTORS),
    largest=st.sampled_from([clustering.LARGEST_FACTORIZED, 0]),
)
@settings(max_examples=100, deadline=None)
def test_any_data_gives_clusters_from_0_by_size(number: int, share: float, seed: int, kind: str, largest: int) -> None:
    rng = np.random.default_rng(seed)
    features = odd_vectors(kind, number, rng)
    n_clusters = 1 + round(share * (number - 1))
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("error")
        patch.setattr(clustering, "LARGEST_FACTORIZED", largest)
        clusters = spectral_clusters(features, n_clusters, seed=seed)
        again = spectral_clusters(features, n_clusters, seed=seed)
    assert clusters.dtype == np.int64
    assert clusters.shape == (number,)
    assert clusters.max() < n_clusters
    sizes = np.bincount(clusters)
    assert (np.diff(sizes) <= 0).all()
    assert sizes.min() > 0
    np.testing.assert_array_equal(clusters, again)


def test_as_many_clusters_as_ions() -> None:
    np.testing.assert_array_equal(spectral_clusters(np.random.default_rng(0).normal(size=(5, 3)), 5), np.arange(5))


@pytest.mark.parametrize("n_clusters", [0, 6])
def test_impossible_numbers_of_clusters(n_clusters: int) -> None:
    with pytest.raises(SettingError, match=f"clusters: {n_clusters} clusters cannot be made of 5 ion images"):
        spectral_clusters(np.ones((5, 2)), n_clusters)


@pytest.mark.parametrize("distance", [0.3, 0.6, 1.0])
def test_many_ions_give_the_clusters_that_few_would(distance: float, monkeypatch: pytest.MonkeyPatch) -> None:
    features, _ = groups([60, 50, 40, 30], distance=distance)
    factorized = spectral_clusters(features, 4)
    monkeypatch.setattr(clustering, "LARGEST_FACTORIZED", 0)
    assert adjusted_rand_score(factorized, spectral_clusters(features, 4)) > 0.95


def test_islands_of_many_ions_stay_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clustering, "LARGEST_FACTORIZED", 0)
    features, truth = groups([20] * 6, distance=100)
    assert adjusted_rand_score(truth, spectral_clusters(features, 6)) == 1
    fewer = spectral_clusters(features, 4)
    assert len(np.unique(fewer)) > 1
    assert all(len(np.unique(fewer[truth == island])) == 1 for island in range(6))
    more = spectral_clusters(features, 9)
    assert all(len(np.unique(truth[more == cluster])) == 1 for cluster in range(9))


@pytest.mark.parametrize("distance", [1, 100])  # one piece, three islands
@pytest.mark.parametrize("number", [2, 5, 20])
def test_eigenvectors_against_a_dense_solver(distance: float, number: int) -> None:
    neighbours = kneighbors_graph(groups([15, 20, 25], distance=distance)[0], 5, include_self=True)
    graph = csr_array((neighbours + neighbours.T) / 2)
    normalized, roots = laplacian(graph, normed=True, return_diag=True)
    vectors = graph_eigenvectors(graph, number) * roots[:, None]
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(number), atol=1e-9)
    found = (vectors * (normalized @ vectors)).sum(axis=0)  # each one's eigenvalue, if it is an eigenvector
    np.testing.assert_allclose(normalized @ vectors, vectors * found, atol=1e-9)
    np.testing.assert_allclose(found, np.linalg.eigvalsh(normalized.toarray())[:number], atol=1e-9)
