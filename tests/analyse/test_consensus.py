"""Consensus clusters: what is planted is found, how sure they are, and data that is small, plain or large."""

import warnings

import numpy as np
import pytest
from helpers import ODD_VECTORS, groups, odd_vectors
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.cluster import AgglomerativeClustering

from msiss.analyse import consensus
from msiss.analyse.clustering import cuts, spectral_clusters
from msiss.analyse.consensus import Consensus, consensus_clusters
from msiss.analyse.metrics import ari
from msiss.analyse.vectors import unit
from msiss.errors import SettingError


def test_planted_clusters_are_found_and_numbered_by_size() -> None:
    vectors, truth = groups([12, 25, 18], distance=4)
    found = consensus_clusters(vectors, 3)
    assert found.clusters.dtype == np.int64
    np.testing.assert_array_equal(found.clusters, np.array([2, 0, 1])[truth])


def test_the_length_of_a_vector_does_not_matter() -> None:
    vectors, truth = groups([12, 25, 18], distance=4)
    lengths = np.random.default_rng(1).uniform(0.01, 100, (55, 1))
    assert ari(consensus_clusters(vectors * lengths, 3).clusters, truth) == 1


def test_the_same_seed_gives_the_same_clusters() -> None:
    vectors, _ = groups([15, 15, 10], distance=0.5)
    first, second = (consensus_clusters(vectors, 3, seed=5) for _ in range(2))
    np.testing.assert_array_equal(first.clusters, second.clusters)
    np.testing.assert_array_equal(first.confidence, second.confidence)


def test_the_seed_reaches_every_spectral_clustering(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = []

    def remember(graph: csr_array, numbers: list[int], *, seed: int) -> list[np.ndarray]:
        seeds.append(seed)
        return cuts(graph, numbers, seed=seed)

    monkeypatch.setattr(consensus, "cuts", remember)
    consensus_clusters(groups([12, 12], distance=4)[0], 2, seed=5)
    assert seeds == [5] * 6


def test_confidence_is_how_often_an_ion_is_put_together_with_its_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    votes = [(np.array([0, 0, 0, 1, 1, 2]), 3), (np.array([0, 0, 1, 1, 1, 2]), 1)]
    monkeypatch.setattr(consensus, "_clusterings", lambda *_: iter(votes))
    found = consensus_clusters(np.eye(6), 3)
    np.testing.assert_array_equal(found.clusters, [0, 0, 0, 1, 1, 2])
    # Ions 0 and 1 are together in all four votes, each of them with ion 2 in three; ion 5 is always alone.
    np.testing.assert_allclose(found.confidence, [0.875, 0.875, 0.75, 1, 1, 1])


def test_spectral_clusterings_count_as_much_as_both_linkages() -> None:
    vectors, _ = groups([14, 12, 10], distance=0.6)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    together = np.zeros((36, 36))
    for number in (3, 5, 7):
        spectral = [spectral_clusters(vectors, number, n_neighbours=near, seed=0) for near in (5, 7, 10, 15, 20, 30)]
        ward = AgglomerativeClustering(number, linkage="ward").fit_predict(vectors)
        average = AgglomerativeClustering(number, metric="cosine", linkage="average").fit_predict(vectors)
        for found, votes in ((spectral, 1), ([ward, average], 3)):
            for clusters in found:
                together += votes * (clusters[:, None] == clusters) / 36
    found = consensus_clusters(vectors, 5)
    expected = [
        together[ion, (found.clusters == own) & (np.arange(36) != ion)].mean() for ion, own in enumerate(found.clusters)
    ]
    assert 0.3 < np.mean(expected) < 0.9
    np.testing.assert_allclose(found.confidence, expected, rtol=1e-5)


@pytest.mark.parametrize(("ions", "n_clusters"), [(9, 7), (25, 1), (60, 5), (90, 12)])
def test_each_clustering_is_that_of_scikit_learn(ions: int, n_clusters: int) -> None:
    rng = np.random.default_rng(ions)
    vectors = unit(rng.normal(size=(ions, 6)) + 2 * rng.normal(size=(4, 6))[rng.integers(4, size=ions)])
    found = list(consensus._clusterings(vectors, n_clusters, 3))
    numbers = [min(max(2, n_clusters + more), ions) for more in (-2, 0, 2)]
    expected = [
        (spectral_clusters(vectors, number, n_neighbours=near, seed=3), 1)
        for near in (5, 7, 10, 15, 20, 30)
        for number in numbers
    ]
    expected += [(AgglomerativeClustering(number, linkage="ward").fit_predict(vectors), 3) for number in numbers]
    average = {"metric": "cosine", "linkage": "average"}
    expected += [(AgglomerativeClustering(number, **average).fit_predict(vectors), 3) for number in numbers]
    assert [votes for _, votes in found] == [votes for _, votes in expected]
    assert [ari(one, other) for (one, _), (other, _) in zip(found, expected, strict=True)] == [1] * 24


def test_an_ion_between_two_clusters_is_the_least_sure() -> None:
    rng = np.random.default_rng(0)
    centres = 3 * np.eye(8)[:3]
    vectors = np.concatenate(
        [centres[np.repeat([0, 1, 2], 12)] + 0.3 * rng.normal(size=(36, 8)), (centres[0] + centres[1])[None] / 2]
    )
    found = consensus_clusters(vectors, 3)
    assert found.confidence.argmin() == 36
    assert found.confidence[36] < found.confidence[:36].mean() - 0.1


@example(number=7, share=0.0, seed=0, kind="zero")
@given(
    number=st.integers(1, 25),
    share=st.floats(0, 1),
    seed=st.integers(0, 1000),
    kind=st.sampled_from(ODD_VECTORS),
)
@settings(max_examples=15)
def test_any_data_gives_clusters_from_0_by_size_and_confidence_from_0_to_1(
    number: int, share: float, seed: int, kind: str
) -> None:
    rng = np.random.default_rng(seed)
    vectors = odd_vectors(kind, number, rng)
    n_clusters = 1 + round(share * (number - 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = consensus_clusters(vectors, n_clusters, seed=seed)
    sizes = np.bincount(found.clusters, minlength=n_clusters)
    assert len(sizes) == n_clusters
    assert (np.diff(sizes) <= 0).all()
    assert found.confidence.shape == (number,)
    assert found.confidence.dtype == np.float32
    assert ((found.confidence >= 0) & (found.confidence <= 1)).all()


@pytest.mark.parametrize("n_clusters", [0, 6])
def test_impossible_numbers_of_clusters(n_clusters: int) -> None:
    with pytest.raises(SettingError, match=f"clusters: {n_clusters} clusters cannot be made of 5 ion images"):
        consensus_clusters(np.ones((5, 2)), n_clusters)


def test_an_ion_that_joins_is_as_sure_as_its_ten_nearest() -> None:
    core = np.eye(3)[np.repeat([0, 1, 2], 10)]
    confidence = np.repeat([0.8, 0.4, 0.6], 10).astype(np.float32)
    confidence[:5] = 1
    known = Consensus(np.repeat([0, 1, 2], 10), confidence)
    joined = consensus._join(np.eye(3)[[2, 0, 0, 1, 0, 2]], core, known, 3)
    np.testing.assert_array_equal(joined.clusters, [1, 0, 0, 2, 0, 1])
    np.testing.assert_allclose(joined.confidence, [0.6, 0.9, 0.9, 0.4, 0.9, 0.6], rtol=1e-6)


def test_many_ions_join_the_clusters_of_some(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, truth = groups([70, 60, 40, 30], distance=4)
    shuffled = np.random.default_rng(0).permutation(200)
    whole = consensus_clusters(vectors[shuffled], 4)
    monkeypatch.setattr(consensus, "LARGEST", 60)
    joined, again = (consensus_clusters(vectors[shuffled], 4) for _ in range(2))
    np.testing.assert_array_equal(whole.clusters, truth[shuffled])
    np.testing.assert_array_equal(joined.clusters, whole.clusters)
    np.testing.assert_array_equal(joined.confidence, again.confidence)
    assert ((joined.confidence > 0.5) & (joined.confidence <= 1)).all()
