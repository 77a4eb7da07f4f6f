"""The measures behind the figures of the paper, against sums written out and cases whose answer is known."""

import math

import numpy as np
import pytest

from msiss.analyse import learning_curves
from msiss.analyse.learning_curves import (
    alignment,
    confidence_curve,
    linear_evaluation,
    refinement_curve,
    uniformity,
)
from msiss.analyse.metrics import ami, ari, purity


def slow_alignment(first: np.ndarray, second: np.ndarray) -> float:
    distances = [math.dist(x / math.hypot(*x), y / math.hypot(*y)) ** 2 for x, y in zip(first, second, strict=True)]
    return sum(distances) / len(distances)


def slow_uniformity(features: np.ndarray) -> float:
    unit = [x / math.hypot(*x) for x in features]
    pairs = [(i, j) for i in range(len(unit)) for j in range(i)]
    return math.log(sum(math.exp(-2 * math.dist(unit[i], unit[j]) ** 2) for i, j in pairs) / len(pairs))


def test_alignment_and_uniformity_are_the_sums_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("msiss.analyse.similarity.BLOCK_BYTES", 8 * 15 * 4)  # several blocks
    first, second = np.random.default_rng(0).normal(size=(2, 11, 4))
    assert alignment(first, second) == pytest.approx(slow_alignment(first, second))
    assert uniformity(first) == pytest.approx(slow_uniformity(first), rel=1e-6)


def test_alignment_and_uniformity_at_their_ends() -> None:
    same = np.ones((6, 3))
    assert alignment(same, 5 * same) == pytest.approx(0)
    assert alignment(same, -same) == pytest.approx(4)
    assert uniformity(same) == pytest.approx(0, abs=1e-6)
    opposite = np.array([[1.0, 0], [-2, 0]])
    assert uniformity(opposite) == pytest.approx(-8)


def blobs(sizes: tuple[int, ...], spread: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw ions around one centre per class, centres 10 apart."""
    labels = np.repeat(np.arange(len(sizes)), sizes)
    noise = np.random.default_rng(seed).normal(scale=spread, size=(len(labels), len(sizes)))
    return 10 * np.eye(len(sizes))[labels] + noise, labels


def test_linear_evaluation_of_classes_that_are_told_apart_and_of_noise() -> None:
    features, labels = blobs((20, 20, 20), spread=1)
    assert linear_evaluation(features, labels) == 1
    assert linear_evaluation(np.random.default_rng(1).normal(size=(300, 2)), np.arange(300) % 3) < 0.5


def test_linear_evaluation_is_the_mean_over_all_ions_that_were_left_out_once() -> None:
    features, labels = blobs((14, 9, 8), spread=6)
    right = []
    for train, test in learning_curves.StratifiedKFold(5, shuffle=True, random_state=3).split(features, labels):
        mean, spread = features[train].mean(axis=0), features[train].std(axis=0)
        model = learning_curves.LogisticRegression(max_iter=2000).fit((features[train] - mean) / spread, labels[train])
        right += (model.predict((features[test] - mean) / spread) == labels[test]).tolist()
    assert len(right) == 31
    assert 0 < np.mean(right) < 1
    assert linear_evaluation(features, labels, seed=3) == pytest.approx(np.mean(right))


def test_linear_evaluation_leaves_out_ions_without_a_class_and_classes_too_small_for_the_folds() -> None:
    features, labels = blobs((12, 12, 4, 6), spread=4)
    labels[-6:] = -1
    large = labels < 2
    assert linear_evaluation(features, labels) == linear_evaluation(
        features[large & (labels >= 0)], np.repeat([0, 1], 12)
    )


def test_linear_evaluation_takes_fewer_folds_where_classes_are_small() -> None:
    features, labels = blobs((3, 9), spread=0.1)
    assert linear_evaluation(features, labels) == 1


@pytest.mark.parametrize("labels", [[0, 0, 0], [0, 1, 2], [0, 0, 1], [-1, -1, -1], [-1, 0, 0]])
def test_linear_evaluation_without_two_classes_of_two_ions_is_unknown(labels: list[int]) -> None:
    assert math.isnan(linear_evaluation(np.eye(3), np.array(labels)))


def test_confidence_curve_counts_what_is_above_each_threshold() -> None:
    confidence = np.array([0.2, 0.5, 0.9, 0.95])
    correct = np.array([False, False, True, True])
    accuracy, kept = confidence_curve(confidence, correct, [0.0, 0.2, 0.5, 0.95])
    np.testing.assert_allclose(accuracy, [2 / 4, 2 / 3, 1, np.nan])
    np.testing.assert_allclose(kept, [1, 3 / 4, 2 / 4, 0])


def test_shares_are_averaged_above_each_confidence() -> None:
    share, kept = confidence_curve(np.array([0.2, 0.6, 0.9]), np.array([0.0, 0.5, 1.0]), [0.0, 0.5, 0.95])
    np.testing.assert_allclose(share, [0.5, 0.75, np.nan])
    np.testing.assert_allclose(kept, [1, 2 / 3, 0])


def test_each_epoch_is_scored_on_the_ions_that_it_had() -> None:
    rng = np.random.default_rng(3)
    labels = rng.integers(-1, 3, 50)
    clusters = rng.integers(-1, 4, (4, 50)).astype(np.int16)
    clusters[3] = -1
    found = refinement_curve(clusters, labels)
    for epoch, scores in zip(clusters[:3], np.transpose(found), strict=False):
        kept = (epoch >= 0) & (labels >= 0)
        expected = [score(epoch[kept].astype(int), labels[kept]) for score in (purity, ari, ami)]
        np.testing.assert_allclose(scores, expected)
    assert np.isnan([curve[3] for curve in found]).all()
