"""The classifier refined with labels: similar ions follow, what was said holds, and without labels nothing moves."""

from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import groups, hold
from safetensors.torch import save_file

from msiss.analyse.constraints import Constraints
from msiss.learn.paper.refine import refine_paper

TRUTH = np.repeat([0, 1, 2], [20, 24, 16])
WRONG = np.arange(20, 29)  # ions of the second group that are shown in the first


@pytest.fixture
def trained(tmp_path: Path) -> tuple[np.ndarray, Path, np.ndarray]:
    """Return features of three groups, the weights of a classifier that confuses two of them, and its clusters."""
    features, truth = groups([20, 24, 16], distance=1.5)
    np.testing.assert_array_equal(truth, TRUTH)
    features = features.astype(np.float32)
    shown = truth.copy()
    shown[WRONG] = 0
    classifier = torch.nn.Linear(16, 3)
    torch.nn.init.zeros_(classifier.weight)
    torch.nn.init.zeros_(classifier.bias)
    optimizer = torch.optim.Adam(classifier.parameters(), lr=0.01)
    for _ in range(60):
        loss = torch.nn.functional.cross_entropy(classifier(torch.from_numpy(features)), torch.from_numpy(shown))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    weights = tmp_path / "weights.safetensors"
    save_file({f"classifier.{name}": one.detach() for name, one in classifier.named_parameters()}, weights)
    return features, weights, shown


def refined(trained: tuple[np.ndarray, Path, np.ndarray], said: Constraints):
    told = []
    found = refine_paper(*trained, said, progress=told.append)
    assert told == sorted(told)
    assert ((found.confidence >= 0) & (found.confidence <= 1)).all()
    assert hold(found.clusters, said)
    return found


def test_ions_like_those_that_were_moved_follow(trained: tuple[np.ndarray, Path, np.ndarray]) -> None:
    found = refined(trained, Constraints.of(60, dict.fromkeys(WRONG[:4].tolist(), 1)))
    assert (found.clusters[WRONG] == 1).mean() > 0.7
    others = np.setdiff1d(np.arange(60), WRONG)
    assert (found.clusters[others] == TRUTH[others]).mean() > 0.95


def test_where_nothing_was_said_nothing_moves(trained: tuple[np.ndarray, Path, np.ndarray]) -> None:
    np.testing.assert_array_equal(refined(trained, Constraints.of(60)).clusters, trained[2])


def test_clusters_that_the_classifier_does_not_know(trained: tuple[np.ndarray, Path, np.ndarray]) -> None:
    features, weights, shown = trained
    other = np.array([7, 3, 12])[shown]
    found = refined((features, weights, other), Constraints.of(60, dict.fromkeys(WRONG[:4].tolist(), 3)))
    assert set(found.clusters) == {3, 7, 12}
    assert (found.clusters[WRONG] == 3).mean() > 0.7
    new = refined(trained, Constraints.of(60, dict.fromkeys(range(44, 50), 5), apart=[(50, 51)]))
    assert (new.clusters[44:] == 5).mean() > 0.5
    assert not np.isin([2, 5], new.clusters[:20]).any()


def test_the_confidence_is_the_probability_of_the_refined_classifier(
    trained: tuple[np.ndarray, Path, np.ndarray],
) -> None:
    said = Constraints.of(60, dict.fromkeys(WRONG[:4].tolist(), 1))
    first, second = (refined(trained, said) for _ in range(2))
    np.testing.assert_array_equal(first.confidence, second.confidence)
    sure = first.confidence[np.setdiff1d(np.arange(60), WRONG)]
    assert sure.mean() > 0.6
