"""Consensus clusters under constraints: they always hold, brute force finds the same, and nothing said is no change."""

import numpy as np
import pytest
from helpers import constraints_among, groups, hold
from hypothesis import given, settings
from hypothesis import strategies as st

from msiss.analyse import consensus
from msiss.analyse.consensus import consensus_clusters
from msiss.analyse.constrained import _linked, constrained_consensus, numbered
from msiss.analyse.constraints import FREE, Constraints, bonds
from msiss.analyse.metrics import ari
from msiss.errors import SettingError


def merged_by_hand(distances: np.ndarray, said: Constraints, n_clusters: int) -> np.ndarray:
    """Merge the two nearest of those sets of ions that may be merged, again and again."""
    held = bonds(said)
    sets = [set(np.flatnonzero(held.group == one).tolist()) for one in range(len(held.label))]

    def allowed(ions: set[int]) -> bool:
        labels = {int(said.labels[ion]) for ion in ions} - {FREE}
        return len(labels) < 2 and not any({one, other} <= ions for one, other in said.apart.tolist())

    while len(sets) > n_clusters:
        pairs = [(one, other) for place, one in enumerate(sets) for other in sets[place + 1 :] if allowed(one | other)]
        if not pairs:
            break
        one, other = min(pairs, key=lambda pair: distances[np.ix_(sorted(pair[0]), sorted(pair[1]))].mean())
        sets = [some for some in sets if some not in (one, other)] + [one | other]
    clusters = np.empty(len(distances), dtype=np.int64)
    for number, ions in enumerate(sets):
        clusters[sorted(ions)] = number
    return clusters


@given(said=constraints_among(9, 4), n_clusters=st.integers(1, 9), seed=st.integers(0, 999))
@settings(max_examples=60)
def test_ions_are_merged_as_by_hand(said: Constraints, n_clusters: int, seed: int) -> None:
    try:
        held = bonds(said)
    except SettingError:
        return
    distances = np.random.default_rng(seed).random((9, 9))
    distances = (distances + distances.T) / 2
    found = _linked(distances, held, n_clusters)
    assert ari(found, merged_by_hand(distances, said, n_clusters)) == 1


@given(said=constraints_among(24, 5), n_clusters=st.integers(5, 8), numbers=st.booleans())
@settings(max_examples=15)
def test_everything_that_was_said_holds(said: Constraints, n_clusters: int, numbers: bool) -> None:
    vectors, truth = groups([8, 6, 6, 4], distance=1.5)
    try:
        bonds(said)
    except SettingError:
        with pytest.raises(SettingError, match="Take one of these back"):
            constrained_consensus(vectors, n_clusters, said)
        return
    found = constrained_consensus(vectors, n_clusters, said, previous=truth if numbers else None)
    assert hold(found.clusters, said)
    assert ((found.confidence >= 0) & (found.confidence <= 1)).all()
    assert len(np.unique(found.clusters)) >= n_clusters


@pytest.mark.parametrize(("ions", "n_clusters"), [(1, 1), (9, 9), (40, 1), (40, 6)])
def test_where_nothing_is_said_they_are_the_plain_clusters(ions: int, n_clusters: int) -> None:
    vectors = np.random.default_rng(ions).normal(size=(ions, 6))
    found = constrained_consensus(vectors, n_clusters, Constraints.of(ions), seed=3)
    plain = consensus_clusters(vectors, n_clusters, seed=3)
    np.testing.assert_array_equal(found.clusters, plain.clusters)
    np.testing.assert_allclose(found.confidence, plain.confidence)


def test_the_order_of_the_ions_does_not_matter() -> None:
    vectors, _ = groups([14, 12, 9], distance=2)
    order = np.random.default_rng(1).permutation(35)
    place = np.argsort(order)
    labels, pairs = {0: 4, 20: 1}, np.array([[3, 30], [4, 31]])
    found = constrained_consensus(vectors, 4, Constraints.of(35, labels, together=pairs[:1], apart=pairs[1:]))
    moved = Constraints.of(
        35,
        {int(place[ion]): cluster for ion, cluster in labels.items()},
        together=place[pairs[:1]],
        apart=place[pairs[1:]],
    )
    again = constrained_consensus(vectors[order], 4, moved)
    assert ari(again.clusters, found.clusters[order]) == 1
    assert again.clusters[place[[0, 20]]].tolist() == [4, 1]


def test_a_label_means_the_cluster_that_had_the_number() -> None:
    vectors, truth = groups([15, 12, 10], distance=4)
    previous = np.array([5, 2, 9])[truth]
    found = constrained_consensus(vectors, 3, Constraints.of(37, {0: 2}), previous=previous)
    assert found.clusters[0] == 2
    np.testing.assert_array_equal(found.clusters[1:], previous[1:])


def test_numbers_stay_with_most_of_the_ions() -> None:
    previous = np.array([3, 3, 3, 3, 7, 7, 7, 1])
    clusters = np.array([0, 0, 1, 1, 1, 1, 2, 3])
    # The second has three... of cluster 7 and two of 3, so that the first is 3; the third has lost its number.
    free = np.full(8, FREE)
    np.testing.assert_array_equal(numbered(clusters, free, previous), [3, 3, 7, 7, 7, 7, 0, 1])
    labels = free.copy()
    labels[6] = 3
    np.testing.assert_array_equal(numbered(clusters, labels, previous), [0, 0, 7, 7, 7, 7, 3, 1])
    np.testing.assert_array_equal(numbered(clusters, free, None), clusters)


def test_more_clusters_where_no_two_may_be_merged() -> None:
    found = constrained_consensus(np.eye(4), 1, Constraints.of(4, apart=[(0, 1), (1, 2), (0, 2)]))
    assert len(np.unique(found.clusters)) == 3


def test_fewer_clusters_than_labels_are_refused() -> None:
    with pytest.raises(SettingError, match="ions were put into 3 clusters"):
        constrained_consensus(np.eye(5), 2, Constraints.of(5, {0: 0, 1: 1, 2: 8}))
    with pytest.raises(SettingError, match="6 clusters cannot be made of 5"):
        constrained_consensus(np.eye(5), 6, Constraints.of(5))


def test_many_ions_join_the_clusters_of_some_and_constraints_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, truth = groups([70, 60, 40, 30], distance=4)
    order = np.random.default_rng(0).permutation(200)
    vectors, truth = vectors[order], truth[order]
    first, second, third, fourth = (np.flatnonzero(truth == one) for one in range(4))
    said = Constraints.of(
        200,
        dict.fromkeys(first[:65].tolist(), 0),  # more than the half of the clustered ions that is left for them
        together=[(second[0], second[1])],
        apart=[(third[0], fourth[0])],
    )
    monkeypatch.setattr(consensus, "LARGEST", 120)
    found = constrained_consensus(vectors, 4, said, previous=truth)
    assert hold(found.clusters, said)
    np.testing.assert_array_equal(found.clusters, truth)
    assert ((found.confidence > 0.5) & (found.confidence <= 1)).all()
