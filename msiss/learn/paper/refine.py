"""The classifier of the paper's method, refined with what a person said about the clusters.

The encoder stays as it was trained: the classifier of a layer on its features learns the labels of the person in
seconds, while the surest ions keep their clusters, as in self-labelling. It is trained twice, without and with the
labels, and an ion moves only if the labels make the difference.

The numbers below were chosen on the uterus simulation and a phantom, both trained by the preset quick
(`benchmarks/corrections.py`).
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn

from msiss.analyse.consensus import Consensus
from msiss.analyse.constraints import FREE, Constraints, bonds
from msiss.analyse.spreading import settled

RATE = 1e-3  # of Adam, as when the classifier was first trained
STEPS = 100  # each with all ions that have a target
SURE = 0.3  # share of the ions, the surest, whose clusters are targets; all of a cluster together weigh 1
SAID = 0.5  # weight of an ion that a person labelled
KNOWN = 0.5  # share of the ions that the classifier must put where they are shown, to begin with it
FRESH_STEPS = 100  # of a classifier for other clusters than it was trained for


def refine_paper(
    vectors: np.ndarray,
    weights: Path,
    previous: np.ndarray,
    constraints: Constraints,
    *,
    progress: Callable[[float], object],
) -> Consensus:
    """Refine the classifier; see `msiss.learn.method.Refine`.

    Clusters that the classifier does not know, such as those of another number, are learned first.
    """
    held = bonds(constraints)
    numbers = np.union1d(previous, constraints.labels[constraints.labels != FREE])
    labelled = torch.from_numpy(constraints.labels != FREE)
    said = np.where(constraints.labels != FREE, constraints.labels, previous)
    targets = torch.from_numpy(np.searchsorted(numbers, said))  # (N,)
    features = torch.from_numpy(np.array(vectors, dtype=np.float32))  # (N, D)
    shown = torch.from_numpy(np.searchsorted(numbers, previous))
    start = _classifier(features, shown, weights, numbers)
    progress(0.2)
    sure = _probabilities(start, features).gather(1, shown[:, None])[:, 0]
    kept = (sure >= torch.quantile(sure, 1 - SURE)) & ~labelled
    weight = kept / torch.bincount(shown[kept], minlength=len(numbers)).clamp(min=1)[shown]
    without = _trained(start, features, targets, weight)
    progress(0.6)
    reached = _trained(start, features, targets, torch.where(labelled, SAID, weight))
    progress(1.0)
    both = torch.cat([_probabilities(one, features) for one in (without, reached)], dim=1).numpy()
    clusters = settled(both, previous, held, numbers)
    ions = np.arange(len(clusters))
    return Consensus(clusters, both[ions, len(numbers) + np.searchsorted(numbers, clusters)])


def _classifier(features: torch.Tensor, shown: torch.Tensor, weights: Path, numbers: np.ndarray) -> nn.Linear:
    """Return the classifier of the run with one output for each of the numbers, or a fresh one if it knows others."""
    classifier = nn.Linear(features.shape[1], len(numbers))
    stored = load_file(weights)
    known = np.flatnonzero(numbers < len(stored["classifier.bias"]))
    with torch.no_grad():
        for name, parameter in classifier.named_parameters():
            parameter.zero_()
            parameter[known] = stored[f"classifier.{name}"][numbers[known]]
        same = (classifier(features).argmax(1) == shown).float().mean()
        if same >= KNOWN:
            return classifier
        for parameter in classifier.parameters():
            parameter.zero_()
    return _trained(classifier, features, shown, torch.ones(len(shown)), steps=FRESH_STEPS)


def _trained(
    start: nn.Linear, features: torch.Tensor, targets: torch.Tensor, weight: torch.Tensor, *, steps: int = STEPS
) -> nn.Linear:
    """Return a copy of a classifier that was trained further on ions with a weight (N,) above 0."""
    classifier = nn.Linear(start.in_features, start.out_features)
    classifier.load_state_dict(start.state_dict())
    chosen = weight > 0
    some, wanted, share = features[chosen], targets[chosen], weight[chosen] / weight.sum()
    optimizer = torch.optim.Adam(classifier.parameters(), lr=RATE)
    for _ in range(steps):
        loss = (F.cross_entropy(classifier(some), wanted, reduction="none") * share).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return classifier


@torch.no_grad()
def _probabilities(classifier: nn.Linear, features: torch.Tensor) -> torch.Tensor:
    return classifier(features).softmax(1)  # (N, K)
