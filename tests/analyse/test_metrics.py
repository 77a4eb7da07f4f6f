"""Measures against known classes and pairs, each beside a slow and obvious oracle."""

import itertools
import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from msiss.analyse import similarity
from msiss.analyse.metrics import (
    ami,
    ari,
    company_of_nearest,
    in_majority,
    knn_purities,
    knn_purity,
    pair_scores,
    pair_scores_by_kind,
    partner_ranks,
    purity,
    rounded_purity,
)
from msiss.analyse.similarity import cosine_similarity


def test_purity_by_hand() -> None:
    clusters = np.array([0, 0, 0, 1, 1, 2, 2])
    labels = np.array([5, 5, 7, 7, 7, 5, -1])  # 2 of 3, 2 of 2, 1 of 1; the last ion is not labelled
    assert purity(clusters, labels) == pytest.approx(5 / 6)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-1, 3)), min_size=1, max_size=40))
def test_purity_against_the_oracle(rows: list[tuple[int, int]]) -> None:
    clusters, labels = np.array(rows).T
    known = [(cluster, label) for cluster, label in rows if label >= 0]
    if not known:
        assert math.isnan(purity(clusters, labels))
        return
    majority = 0
    for cluster in {cluster for cluster, _ in known}:
        members = [label for other, label in known if other == cluster]
        majority += max(members.count(label) for label in members)
    assert purity(clusters, labels) == pytest.approx(majority / len(known))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-1, 3)), min_size=1, max_size=40))
def test_the_share_of_ions_in_the_majority_is_the_purity(rows: list[tuple[int, int]]) -> None:
    clusters, labels = np.array(rows).T
    right = in_majority(clusters, labels)
    assert not right[labels < 0].any()
    for cluster in set(clusters.tolist()):
        assert len(set(labels[right & (clusters == cluster)].tolist())) <= 1
    if (labels >= 0).any():
        assert right[labels >= 0].mean() == pytest.approx(purity(clusters, labels))


@pytest.mark.parametrize("k", [1, 4, 99])
def test_company_of_nearest_is_counted_by_sorting(k: int) -> None:
    rng = np.random.default_rng(2)
    features, clusters = rng.normal(size=(30, 4)), rng.integers(0, 3, 30)
    expected = []
    for ion, row in enumerate(cosine_similarity(features)):
        others = [other for other in np.argsort(-row) if other != ion][:k]
        expected.append(np.mean([clusters[other] == clusters[ion] for other in others]))
    np.testing.assert_allclose(company_of_nearest(features, clusters, k), expected)


def test_ari_and_ami_leave_unlabelled_ions_out() -> None:
    rng = np.random.default_rng(0)
    clusters, labels = rng.integers(0, 4, 60), rng.integers(-1, 3, 60)
    known = labels >= 0
    assert ari(clusters, labels) == pytest.approx(adjusted_rand_score(labels[known], clusters[known]))
    assert ami(clusters, labels) == pytest.approx(adjusted_mutual_info_score(labels[known], clusters[known]))
    assert math.isnan(ari(clusters, np.full(60, -1)))
    assert math.isnan(ami(clusters, np.full(60, -1)))


def knn_oracle(features: np.ndarray, labels: np.ndarray, k: int) -> float:
    shares = []
    known = [ion for ion in range(len(labels)) if labels[ion] >= 0]
    for ion in known:
        others = [other for other in known if other != ion]
        cosine = {
            other: features[ion] @ features[other] / np.linalg.norm(features[ion]) / np.linalg.norm(features[other])
            for other in others
        }
        near = sorted(others, key=lambda other: -cosine[other])[:k]
        shares.append(sum(labels[other] == labels[ion] for other in near) / len(near))
    return float(np.mean(shares))


@pytest.mark.parametrize("k", [1, 4, 10, 100])
def test_knn_purity_against_the_oracle(k: int) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(-1, 3, 40)
    features = rng.normal(size=(40, 5)) + labels[:, None]
    assert knn_purity(features, labels, k) == pytest.approx(knn_oracle(features, labels, k))


def test_several_numbers_of_neighbours_at_once() -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(-1, 3, 40)
    features = rng.integers(0, 2, (40, 4)).astype(float)  # with many ties
    numbers = [1, 2, 7, 30, 100]
    expected = [knn_purity(features, labels, k) for k in numbers]
    np.testing.assert_allclose(knn_purities(features, labels, numbers), expected)
    assert np.isnan(knn_purities(features, np.full(40, -1), numbers)).all()


def test_purity_as_the_paper_rounds_it() -> None:
    clusters = np.repeat([0, 1, 2], [3, 6, 5])
    labels = np.array([0, 0, 1, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, -1])  # 2 of 3, 5 of 6, 4 of 4; one is not labelled
    assert rounded_purity(clusters, labels) == pytest.approx((3 * 0.67 + 6 * 0.83 + 4 * 1) / 13, abs=1e-12)
    assert purity(clusters, labels) == pytest.approx(11 / 13)
    assert math.isnan(rounded_purity(clusters, np.full(14, -1)))


def test_partner_ranks_by_hand() -> None:
    features = np.array([[1, 0], [1, 0.1], [0, 1], [1, 0]])
    # Ion 1 is less similar to ion 0 than ion 3 is; to ion 1, ions 0 and 3 are equally near; ion 2 is far from ion 0.
    np.testing.assert_array_equal(partner_ranks(features, np.array([[0, 1], [2, 0]])), [2, 3, 2, 3])


def test_features_that_are_all_alike_get_the_knn_purity_of_chance() -> None:
    labels = np.repeat([0, 1], [15, 5])
    chance = (15 * 14 + 5 * 4) / (20 * 19)
    for order in (labels, labels[::-1]):
        assert knn_purity(np.ones((20, 1280), dtype=np.float32), order, 3) == pytest.approx(chance)


def test_knn_purity_needs_two_labelled_ions() -> None:
    assert math.isnan(knn_purity(np.ones((3, 2)), np.array([-1, 0, -1])))
    assert knn_purity(np.ones((3, 2)), np.array([1, 1, -1])) == 1


def pair_oracle(cosines: np.ndarray, pairs: np.ndarray) -> tuple[float, float]:
    ranks = []
    for i, j in pairs:
        for ion, partner in ((i, j), (j, i)):
            others = [other for other in range(len(cosines)) if other != ion]
            ranks.append(sum(cosines[ion, other] >= cosines[ion, partner] for other in others))
    return sum(rank <= 5 for rank in ranks) / len(ranks), sum(1 / rank for rank in ranks) / len(ranks)


@given(st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_pair_scores_against_the_oracle(seed: int) -> None:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(20, 4))
    clusters = rng.integers(0, 3, 20)
    pairs = rng.permuted(np.tile(np.arange(20), (7, 1)), axis=1)[:, :2]
    found = pair_scores(features, clusters, pairs)
    top5, mrr = pair_oracle(cosine_similarity(features), pairs)
    assert found["n"] == 7
    assert found["same_cluster"] == pytest.approx(np.mean([clusters[i] == clusters[j] for i, j in pairs]))
    assert found["top5"] == pytest.approx(top5)
    assert found["mrr"] == pytest.approx(mrr)


def test_each_kind_of_pair_is_scored_by_its_own_pairs() -> None:
    rng = np.random.default_rng(0)
    features, clusters = rng.normal(size=(20, 4)), rng.integers(0, 3, 20)
    pairs = rng.permutation(20)[:14].reshape(7, 2)
    kinds = ["b", "a", "b", "b", "a", "c", "b"]
    found = pair_scores_by_kind(partner_ranks(features, pairs), clusters, pairs, kinds)
    assert list(found) == ["a", "b", "c", "all"]
    assert found["all"] == pair_scores(features, clusters, pairs)
    for kind, rows in (("a", [1, 4]), ("b", [0, 2, 3, 6]), ("c", [5])):
        assert found[kind] == pair_scores(features, clusters, pairs[rows])


def test_chance_is_the_mean_over_all_permutations() -> None:
    clusters = np.array([0, 0, 0, 1, 1, 2])
    pairs = np.array([[0, 3], [1, 2], [4, 5]])
    rates = [np.mean([permuted[i] == permuted[j] for i, j in pairs]) for permuted in itertools.permutations(clusters)]
    assert pair_scores(np.eye(6), clusters, pairs)["chance"] == pytest.approx(np.mean(rates))


def test_blocks_of_any_size_give_the_same_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    features, labels = rng.integers(0, 3, size=(40, 4)).astype(float), rng.integers(-1, 3, 40)  # with many ties
    pairs = np.array([[0, 1], [2, 30], [30, 2], [7, 39]])
    whole = knn_purity(features, labels), pair_scores(features, labels, pairs)
    for rows in (1, 3, 7):
        monkeypatch.setattr(similarity, "BLOCK_BYTES", rows * 8 * (40 + 4))
        assert knn_purity(features, labels) == pytest.approx(whole[0])
        assert pair_scores(features, labels, pairs) == pytest.approx(whole[1])


def test_many_ions_need_no_matrix_of_all_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similarity, "BLOCK_BYTES", 2**20)
    features, labels = np.random.default_rng(0).normal(size=(3000, 4)), np.arange(3000) % 7
    tracemalloc.start()
    try:
        knn_purity(features, labels)
        pair_scores(features, labels, np.arange(3000).reshape(-1, 2))
        similarity.nearest(features, 0, 10)
        assert tracemalloc.get_traced_memory()[1] < 3000**2  # bytes: a quarter of that matrix in float32
    finally:
        tracemalloc.stop()


def test_a_measure_that_cannot_tell_ions_apart_gets_no_credit() -> None:
    features = np.full((30, 1280), 0.1, dtype=np.float32)
    found = pair_scores(features, np.zeros(30, dtype=int), np.array([[0, 1], [2, 3]]))
    assert found["top5"] == 0
    assert found["mrr"] == pytest.approx(1 / 29)
    assert found["same_cluster"] == found["chance"] == 1
