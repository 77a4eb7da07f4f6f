"""What follows from what a person said: groups, contradictions, and clusters with which all of it holds."""

from itertools import product

import numpy as np
import pytest
from helpers import constraints_among, hold
from hypothesis import given, settings
from hypothesis import strategies as st

from msiss.analyse.constraints import FREE, Bonds, Constraints, assign, bonds
from msiss.errors import SettingError


def test_what_is_together_with_the_same_ion_is_together() -> None:
    held = bonds(Constraints.of(7, {4: 9, 6: 9}, together=[(0, 1), (1, 2), (2, 4)], apart=[(0, 3), (6, 3), (3, 5)]))
    same = held.group[:, None] == held.group
    np.testing.assert_array_equal(same[0], [1, 1, 1, 0, 1, 0, 1])
    assert held.label[held.group].tolist() == [9, 9, 9, FREE, 9, FREE, 9]
    assert {frozenset(pair) for pair in held.apart.tolist()} == {
        frozenset(held.group[[0, 3]].tolist()),
        frozenset(held.group[[3, 5]].tolist()),
    }
    np.testing.assert_array_equal(held.bound, [1, 1, 1, 1, 1, 1, 1])
    np.testing.assert_array_equal(bonds(Constraints.of(3, {1: 0})).bound, [0, 1, 0])


def test_nothing_said() -> None:
    nothing = Constraints.of(4)
    assert nothing.is_empty
    assert not bonds(nothing).bound.any()
    assert not Constraints.of(4, apart=[(1, 2)]).is_empty


def test_some_of_the_ions() -> None:
    some = Constraints.of(6, {5: 2, 1: 3}, together=[(0, 5), (1, 5)], apart=[(1, 2), (5, 3)]).subset(
        np.array([1, 3, 5])
    )
    assert some.labels.tolist() == [3, FREE, 2]
    assert some.together.tolist() == [[0, 2]]
    assert some.apart.tolist() == [[2, 1]]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"labels": {0: 1, 2: 3}, "together": [(0, 1), (1, 2)]}, "ion 0 is in cluster 1 and ion 2 in cluster 3, but"),
        ({"together": [(0, 1), (1, 2)], "apart": [(2, 0)]}, "ion 2 and ion 0 must be apart, but also together"),
        ({"labels": {0: 1, 3: 1}, "apart": [(3, 0)]}, "ion 3 and ion 0 must be apart, but also together"),
        ({"apart": [(1, 1)]}, "ion 1 and ion 1 must be apart, but also together"),
    ],
)
def test_contradictions_name_the_ions(said: dict, told: str) -> None:
    with pytest.raises(SettingError, match=told):
        bonds(Constraints.of(4, **said))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"labels": {4: 0}}, "there is no ion 4; there are 4 ions"),
        ({"together": [(0, -1)]}, "there is no ion -1"),
        ({"labels": {0: -2}}, "ion 0 cannot be in cluster -2"),
    ],
)
def test_ions_and_clusters_that_do_not_exist(said: dict, told: str) -> None:
    with pytest.raises(SettingError, match=told):
        Constraints.of(4, **said)


@given(said=constraints_among(4, 3), seed=st.integers(0, 99))
@settings(max_examples=60)
def test_contradictions_are_those_that_no_clusters_satisfy_and_assigned_clusters_satisfy_all(
    said: Constraints, seed: int
) -> None:
    possible = [found for found in product(range(5), repeat=4) if hold(np.array(found), said)]  # any may be alone
    try:
        held = bonds(said)
    except SettingError:
        assert not possible
        return
    assert possible
    scores = np.random.default_rng(seed).random((4, 5))
    found = assign(scores, held, np.arange(5))
    assert hold(found, said)
    if not len(held.apart):  # then each group is free to take its best
        best = max(possible, key=lambda one: scores[np.arange(4), list(one)].sum())
        assert found.tolist() == list(best)


def test_the_surest_is_assigned_first() -> None:
    held = Bonds(np.arange(3), np.full(3, FREE), np.array([[0, 1], [1, 2]]))
    scores = np.array([[0.6, 0.4], [0.9, 0.1], [0.7, 0.3]])
    assert assign(scores, held, np.array([4, 7])).tolist() == [7, 4, 7]


def test_an_ion_that_no_cluster_is_left_for() -> None:
    held = bonds(Constraints.of(3, {0: 0, 1: 1}, apart=[(0, 2), (1, 2)]))
    with pytest.raises(SettingError, match="ion 2 must be apart from ions of every cluster"):
        assign(np.zeros((3, 2)), held, np.arange(2))
