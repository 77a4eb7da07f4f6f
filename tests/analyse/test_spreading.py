"""Corrections that spread: what was said holds, ions like those follow, and where nothing was said nothing moves."""

import numpy as np
import pytest
from helpers import ODD_VECTORS, constraints_among, groups, hold, odd_vectors
from hypothesis import given, settings
from hypothesis import strategies as st

from msiss.analyse import consensus, spreading
from msiss.analyse.consensus import co_association, confidence_of
from msiss.analyse.constraints import Constraints, bonds
from msiss.analyse.spreading import spread_corrections
from msiss.analyse.vectors import unit
from msiss.errors import SettingError


def confused(sizes: list[int] | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return vectors, the true groups, and clusters of which the first holds a part of the second group, too."""
    vectors, truth = groups(sizes or [20, 24, 16], distance=2.5)
    previous = truth.copy()
    previous[np.flatnonzero(truth == 1)[:9]] = 0
    return vectors, truth, previous


def test_ions_like_those_that_were_moved_follow() -> None:
    vectors, truth, previous = confused()
    wrong = np.flatnonzero(previous != truth)
    found = spread_corrections(vectors, previous, Constraints.of(60, dict.fromkeys(wrong[:3].tolist(), 1)))
    np.testing.assert_array_equal(found.clusters, truth)
    together = co_association(unit(vectors.astype(np.float32)), 3, 0, None)
    np.testing.assert_allclose(found.confidence, confidence_of(together, truth))


def test_a_new_cluster_draws_what_is_like_it() -> None:
    vectors, truth, previous = confused()
    merged = np.where(previous == 2, 0, previous)
    third = np.flatnonzero(truth == 2)
    found = spread_corrections(vectors, merged, Constraints.of(60, dict.fromkeys(third[:5].tolist(), 11)))
    np.testing.assert_array_equal(found.clusters, np.where(truth == 2, 11, merged))


def test_one_label_does_not_draw_a_small_cluster_away() -> None:
    vectors, truth = groups([5, 4, 3], distance=4)
    found = spread_corrections(vectors, truth, Constraints.of(12, {5: 0}))
    np.testing.assert_array_equal(found.clusters, np.where(np.arange(12) == 5, 0, truth))


@given(kind=st.sampled_from(ODD_VECTORS), number=st.integers(1, 20), seed=st.integers(0, 99))
@settings(max_examples=15)
def test_where_nothing_was_said_nothing_moves(kind: str, number: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    previous = rng.integers(0, 4, number) * 3
    found = spread_corrections(odd_vectors(kind, number, rng), previous, Constraints.of(number))
    np.testing.assert_array_equal(found.clusters, previous)
    assert ((found.confidence >= 0) & (found.confidence <= 1)).all()


@given(said=constraints_among(24, 5))
@settings(max_examples=20)
def test_everything_that_was_said_holds(said: Constraints) -> None:
    vectors, truth = groups([8, 6, 6, 4], distance=1.5)
    try:
        bonds(said)
    except SettingError:
        with pytest.raises(SettingError):
            spread_corrections(vectors, truth, said)
        return
    assert hold(spread_corrections(vectors, truth, said).clusters, said)


def test_the_order_of_the_ions_does_not_matter() -> None:
    vectors, _, previous = confused()
    order = np.random.default_rng(2).permutation(60)
    place = np.argsort(order)
    found = spread_corrections(vectors, previous, Constraints.of(60, {20: 1, 21: 1}, apart=[(50, 51)]))
    said = Constraints.of(60, {int(place[20]): 1, int(place[21]): 1}, apart=place[[[50, 51]]])
    again = spread_corrections(vectors[order], previous[order], said)
    np.testing.assert_array_equal(again.clusters, found.clusters[order])


def test_labels_spread_as_the_equations_of_the_graph_say() -> None:
    vectors, _, previous = confused([10, 12, 8])
    said, numbers = Constraints.of(30, {10: 1, 3: 0}, together=[(0, 29)], apart=[(10, 12)]), np.arange(3)
    directions = unit(vectors.astype(np.float32))
    together = co_association(directions, 3, 0, None)
    distances = ((directions[:, None] - directions) ** 2).sum(axis=2)
    near = np.zeros((30, 30))
    for ion, row in enumerate(distances):
        near[ion, np.argsort(row)[1:11]] = 1
    weights = together * (near + near.T) / 2
    weights[0, 29] = weights[29, 0] = 1
    weights[10, 12] = weights[12, 10] = 0
    degrees = weights.sum(axis=1)
    expected = weights / np.sqrt(degrees[:, None] * degrees)
    graph = spreading._graph(directions, together, said, 11)
    np.testing.assert_allclose(graph.toarray(), expected, rtol=1e-5)

    sure = confidence_of(together, previous)
    least = np.array([np.quantile(sure[previous == one], 0.25) for one in previous])
    sure = np.where(sure >= least, sure, 0)
    start = np.eye(3)[previous] * (0.1 * sure / sure[sure > 0].mean())[:, None]
    start[[3, 10]] = 0
    with_labels = start.copy()
    with_labels[[3, 10]] = np.eye(3)[[0, 1]] / 3  # of ten ions with 0.1 each
    reached = spreading._spread(graph, together, previous, said, numbers)
    for found, begun in ((reached[:, :3], start), (reached[:, 3:], with_labels)):
        np.testing.assert_allclose(found, np.linalg.solve(np.eye(30) - 0.9 * expected, begun), rtol=1e-4, atol=1e-6)


def test_many_ions_follow_those_that_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, truth, previous = confused([60, 70, 50])
    previous[np.flatnonzero(truth == 1)[:30]] = 0
    wrong = np.flatnonzero(previous != truth)
    monkeypatch.setattr(consensus, "LARGEST", 90)
    said = Constraints.of(180, dict.fromkeys(wrong[:12].tolist(), 1), together=[(0, 179)])
    found = spread_corrections(vectors, previous, said)
    assert hold(found.clusters, said)
    others = np.setdiff1d(np.arange(180), [0, 179])
    assert (found.clusters[others] != truth[others]).mean() < 0.02
    assert (previous != truth).mean() > 0.15
    np.testing.assert_array_equal(spread_corrections(vectors, previous, Constraints.of(180)).clusters, previous)
