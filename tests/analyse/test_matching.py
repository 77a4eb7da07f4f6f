"""Comparisons of clusterings, against slow and obvious ones."""

from itertools import permutations

import numpy as np
import pytest

from msiss.analyse.matching import agreement, kept_company, match
from msiss.analyse.metrics import ami, ari


def shared_at_best(first, second):
    """Return how many ions the clusters of a one-to-one matching share at best, by trying all."""
    rows, columns = sorted(set(first.tolist())), sorted(set(second.tolist()))
    if len(rows) > len(columns):
        return shared_at_best(second, first)
    return max(
        sum(int(((first == a) & (second == b)).sum()) for a, b in zip(rows, chosen, strict=True))
        for chosen in permutations(columns, len(rows))
    )


@pytest.mark.parametrize("seed", range(8))
def test_as_many_ions_as_possible_stay(seed):
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, rng.integers(1, 6), 40), 3 * rng.integers(0, rng.integers(1, 6), 40)
    found = match(first, second)
    assert (~found.moved).sum() == shared_at_best(first, second)
    for a, row in zip(found.first, found.table, strict=True):
        assert row.tolist() == [int(((first == a) & (second == b)).sum()) for b in found.second]
    assert [bool(found.partners.get(int(b)) != a) for a, b in zip(first, second, strict=True)] == found.moved.tolist()
    assert found.ari == pytest.approx(ari(second, first))
    assert found.ami == pytest.approx(ami(second, first))


def test_the_same_clusters_by_other_numbers_move_no_ion():
    first = np.array([0, 0, 1, 1, 1, 5])
    second = np.array([7, 7, 0, 0, 0, 2])
    found = match(first, second)
    assert found.partners == {7: 0, 0: 1, 2: 5}
    assert not found.moved.any()
    assert found.second[found.ordered()].tolist() == [7, 0, 2]
    assert (found.table[:, found.ordered()] == np.diag([2, 3, 1])).all()
    assert (found.ari, found.ami) == (1, 1)


def test_a_cluster_that_shares_nothing_with_what_is_left_has_no_partner():
    found = match(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]))
    assert found.partners == {0: 0, 1: 1}
    assert found.moved.tolist() == [False, False, True, False]
    found = match(np.array([0, 0, 0]), np.array([4, 4, 2]))
    assert found.partners == {4: 0}
    assert found.second[found.ordered()].tolist() == [4, 2]
    assert match(np.array([0, 1]), np.array([0, 0])).partners == {0: 0}


def test_kept_company_is_the_mean_jaccard_index_of_all_pairs():
    rng = np.random.default_rng(0)
    clusterings = [rng.integers(0, number, 30) for number in (1, 3, 4, 7)]
    expected = np.zeros(30)
    for ion in range(30):
        with_it = [set(np.flatnonzero(one == one[ion]).tolist()) for one in clusterings]
        indices = [len(a & b) / len(a | b) for place, a in enumerate(with_it) for b in with_it[place + 1 :]]
        expected[ion] = np.mean(indices)
    np.testing.assert_allclose(kept_company(clusterings), expected)


def test_numbering_does_not_matter_to_company():
    first = np.array([0, 0, 1, 2, 2])
    assert kept_company([first, 9 - first, first + 4]).tolist() == [1] * 5


def test_agreement_is_that_of_each_pair():
    rng = np.random.default_rng(1)
    a, b, c = (rng.integers(0, 3, 25) for _ in range(3))
    rand, information = agreement([a, b, c])
    np.testing.assert_allclose(rand, [ari(a, b), ari(a, c), ari(b, c)])
    np.testing.assert_allclose(information, [ami(a, b), ami(a, c), ami(b, c)])
