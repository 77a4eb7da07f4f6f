"""The bootstrap of paired differences: against the slow way, theory, and what pairing and groups should do."""

import math

import numpy as np
import pytest

from msiss.analyse.bootstrap import paired_difference


def test_interval_is_that_of_theory_for_many_queries() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.normal(0.3, 1, 4000), rng.normal(0, 1, 4000)
    mean, low, high = paired_difference(first, second)
    difference = first - second
    error = difference.std() / math.sqrt(4000)
    assert mean == pytest.approx(difference.mean())
    assert low == pytest.approx(mean - 1.96 * error, abs=0.25 * error)
    assert high == pytest.approx(mean + 1.96 * error, abs=0.25 * error)


def test_interval_of_groups_of_unequal_size_against_the_slow_way() -> None:
    rng = np.random.default_rng(1)
    groups = np.sort(rng.integers(0, 12, 60))
    first, second = rng.random(60) + 0.3 * (groups % 3), rng.random(60)
    means = []
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    for _ in range(3000):
        drawn = np.concatenate([members[one] for one in rng.integers(0, len(members), len(members))])
        means.append((first - second)[drawn].mean())
    _, low, high = paired_difference(first, second, groups)
    assert (low, high) == pytest.approx(np.percentile(means, [2.5, 97.5]), abs=0.03)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    covered = 0
    for trial in range(200):
        hard = np.repeat(rng.random(40), 2)  # two queries of a pair
        first, second = (rng.random(80) < hard) * 1.0, (rng.random(80) < hard) * 1.0
        _, low, high = paired_difference(first, second, np.repeat(np.arange(40), 2), seed=trial)
        covered += low <= 0 <= high
    assert 0.88 <= covered / 200 <= 0.99


def test_queries_that_stand_and_fall_together_count_once() -> None:
    rng = np.random.default_rng(3)
    value = rng.integers(0, 2, 50).astype(float)
    alone = paired_difference(value, np.full(50, 0.5))
    doubled = paired_difference(np.repeat(value, 4), np.full(200, 0.5), np.repeat(np.arange(50), 4))
    assert doubled == pytest.approx(alone)
    naive = paired_difference(np.repeat(value, 4), np.full(200, 0.5))
    assert naive[2] - naive[1] < 0.6 * (alone[2] - alone[1])


def test_what_is_hard_for_both_does_not_widen_the_interval() -> None:
    hard = np.random.default_rng(4).random(100)
    assert paired_difference(hard + 0.1, hard) == pytest.approx((0.1, 0.1, 0.1))


def test_the_same_seed_gives_the_same_interval_and_groups_may_have_any_number() -> None:
    rng = np.random.default_rng(5)
    first, second, groups = rng.random(30), rng.random(30), rng.integers(0, 10, 30)
    one = paired_difference(first, second, groups, seed=1)
    assert one == paired_difference(first, second, groups * 1000 - 7, seed=1)
    assert one != paired_difference(first, second, groups, seed=2)


def test_nothing_asked_nothing_known() -> None:
    assert all(math.isnan(value) for value in paired_difference(np.array([]), np.array([])))
    assert paired_difference(np.array([1.0]), np.array([0.0])) == (1, 1, 1)
