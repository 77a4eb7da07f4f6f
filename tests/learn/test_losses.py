"""Both losses, and what the first trades off, against slow oracles written from their papers."""

import math

import numpy as np
import pytest
import torch

from msiss.analyse.learning_curves import alignment, uniformity
from msiss.learn.losses import alignment_and_uniformity, confident_cross_entropy, nt_xent


def slow_nt_xent(first: np.ndarray, second: np.ndarray, temperature: float) -> float:
    views = np.concatenate([first, second])
    views = views / np.linalg.norm(views, axis=1, keepdims=True)
    number = len(views)
    total = 0.0
    for i in range(number):
        partner = (i + len(first)) % number
        others = sum(math.exp(views[i] @ views[k] / temperature) for k in range(number) if k != i)
        total -= math.log(math.exp(views[i] @ views[partner] / temperature) / others)
    return total / number


@pytest.mark.parametrize("temperature", [0.1, 0.5, 2.0])
def test_nt_xent_is_the_sum_written_out(temperature: float) -> None:
    first, second = np.random.default_rng(0).normal(size=(2, 7, 5))
    fast = nt_xent(torch.from_numpy(first), torch.from_numpy(second), temperature=temperature)
    assert float(fast) == pytest.approx(slow_nt_xent(first, second, temperature), rel=1e-5)


def test_nt_xent_classifies_each_view_without_those_related_to_it_except_its_partner() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=(2, 4, 3))
    related = rng.random((8, 8)) < 0.4
    related |= related.T | np.eye(8, dtype=bool)
    views = np.concatenate([first, second])
    views /= np.linalg.norm(views, axis=1, keepdims=True)
    losses = []
    for i in range(8):
        partner = (i + 4) % 8
        rivals = [k for k in range(8) if k == partner or not related[i, k]]
        odds = np.exp([views[i] @ views[k] / 0.3 for k in rivals])
        losses.append(-np.log(odds[rivals.index(partner)] / odds.sum()))
    found = nt_xent(
        torch.from_numpy(first), torch.from_numpy(second), temperature=0.3, related=torch.from_numpy(related)
    )
    assert float(found) == pytest.approx(np.mean(losses), rel=1e-5)


def test_nt_xent_of_equal_views_among_orthogonal_images() -> None:
    # Partner at cosine 1, the four others at 0: -log(e^2 / (e^2 + 4)) at temperature 0.5.
    views = torch.eye(3)
    assert float(nt_xent(views, views, temperature=0.5)) == pytest.approx(-math.log(math.e**2 / (math.e**2 + 4)))


def test_nt_xent_does_not_see_the_length_of_a_vector() -> None:
    first, second = torch.randn(2, 6, 4, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(nt_xent(first, second, temperature=0.5), nt_xent(3 * first, second, temperature=0.5))


def test_alignment_and_uniformity_of_a_batch_are_those_of_its_vectors() -> None:
    first, second = np.random.default_rng(2).normal(size=(2, 9, 5))
    found = alignment_and_uniformity(torch.from_numpy(first), torch.from_numpy(second))
    assert float(found[0]) == pytest.approx(alignment(first, second), rel=1e-5)
    assert float(found[1]) == pytest.approx((uniformity(first) + uniformity(second)) / 2, rel=1e-5)


def slow_confident_cross_entropy(weak: np.ndarray, strong: np.ndarray, threshold: float) -> tuple[float, float]:
    def softmax(logits: np.ndarray) -> np.ndarray:
        return np.exp(logits) / np.exp(logits).sum()

    taught = [(int(w.argmax()), s) for w, s in zip(weak, strong, strict=True) if softmax(w).max() > threshold]
    counts = {target: sum(other == target for other, _ in taught) for target, _ in taught}
    weights = [len(taught) / counts[target] for target, _ in taught]
    losses = [-math.log(softmax(s)[target]) for target, s in taught]
    loss = sum(w * x for w, x in zip(weights, losses, strict=True)) / sum(weights)
    return loss, len(taught) / len(weak)


def test_confident_cross_entropy_balances_the_classes_of_the_confident() -> None:
    weak, strong = 3 * np.random.default_rng(1).normal(size=(2, 40, 4))
    loss, confident = confident_cross_entropy(torch.from_numpy(weak), torch.from_numpy(strong), 0.8)
    slow_loss, slow_confident = slow_confident_cross_entropy(weak, strong, 0.8)
    assert 0 < slow_confident < 1
    assert float(confident) == pytest.approx(slow_confident)
    assert float(loss) == pytest.approx(slow_loss, rel=1e-5)


def test_a_class_of_one_confident_image_counts_like_a_class_of_two() -> None:
    sure = 20 * torch.eye(2)[[0, 0, 1]]
    strong = torch.tensor([[1.0, 0.0], [3.0, 0.0], [2.0, 0.0]])
    losses = [math.log(1 + math.exp(-1)), math.log(1 + math.exp(-3)), math.log(1 + math.exp(2))]
    loss, confident = confident_cross_entropy(sure, strong, 0.9)
    assert float(loss) == pytest.approx(((losses[0] + losses[1]) / 2 + losses[2]) / 2)
    assert float(confident) == 1


def test_nobody_confident_teaches_nothing() -> None:
    strong = torch.randn(5, 3, requires_grad=True)
    loss, confident = confident_cross_entropy(torch.zeros(5, 3), strong, 0.9)
    loss.backward()
    assert float(confident) == 0
    assert float(loss.detach()) == 0
    assert strong.grad is not None
    assert not strong.grad.any()


def test_the_weak_view_gets_no_gradient() -> None:
    weak = torch.randn(5, 3, requires_grad=True)
    loss, _ = confident_cross_entropy(weak, torch.randn(5, 3, requires_grad=True), 0.0)
    loss.backward()
    assert weak.grad is None
