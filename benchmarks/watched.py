"""A training by the paper's method with looks at the network in between, for `benchmarks/paper.py`."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np
import torch

from msiss.data.prepare import Prepared
from msiss.learn.events import EpochEnded, PhaseStarted
from msiss.learn.learned import Learned
from msiss.learn.loop import Phase
from msiss.learn.paper import training
from msiss.learn.paper.config import PaperConfig
from msiss.learn.paper.phases import Contrastive, SelfLabel
from msiss.learn.pipeline import learn

LOOKS = 10  # at self-labelling, about, besides those at its begin and after its first epoch


@dataclass(eq=False)
class Watched:
    """What one training gave and went through, for N ions and K clusters.

    Attributes
    ----------
    learned : Learned
    epochs : dict of str to list of dict
        What each phase reported, by the phase's name.
    started : ndarray of shape (N, K)
        Probabilities of the classes after step 2.
    predicted : dict of int to ndarray of shape (N,)
        Clusters after some epochs of self-labelling.
    """

    learned: Learned
    epochs: dict[str, list[dict[str, float]]]
    started: np.ndarray
    predicted: dict[int, np.ndarray]


def watch_contrastive(
    ready: Prepared, config: PaperConfig, folder: Path, looks: list[int]
) -> tuple[list[dict[str, float]], dict[int, np.ndarray]]:
    """Train by contrastive learning alone, and leave its checkpoint in `folder`.

    Returns
    -------
    epochs : list of dict
        What each epoch reported.
    features : dict of int to ndarray of shape (N, 1280)
        After the epochs `looks`; 0 is before the first.
    """
    epochs: list[dict[str, float]] = []
    features: dict[int, np.ndarray] = {}
    with _seen(Contrastive) as phases:
        for event in learn(ready, config, checkpoints=folder):
            epoch = len(epochs)
            if isinstance(event, EpochEnded):
                epochs.append(event.values)
                epoch = event.epoch
            if isinstance(event, PhaseStarted | EpochEnded) and epoch in looks:
                features[epoch] = _features(phases[-1])
            if epoch == config.contrastive.epochs:
                break
    return epochs, features


def watch(ready: Prepared, config: PaperConfig, folder: Path, *, again: tuple[str, ...] = ()) -> Watched:
    """Train by the paper's method, looking at the network when self-labelling begins and after some of its epochs.

    The phases that are not trained `again` go on from what `folder` holds of an earlier training.
    """
    for name in again:
        (folder / f"{name}.safetensors").unlink(missing_ok=True)
    epochs: dict[str, list[dict[str, float]]] = defaultdict(list)
    predicted: dict[int, np.ndarray] = {}
    started = np.empty(0)
    every = max(1, config.self_label.epochs // LOOKS)
    with _seen(SelfLabel) as phases:
        for event in learn(ready, config, checkpoints=folder):
            if isinstance(event, PhaseStarted) and event.phase == SelfLabel.name:
                started = _probabilities(phases[-1])
            if isinstance(event, EpochEnded):
                epochs[event.phase].append(event.values)
                if event.phase == SelfLabel.name and (event.epoch % every == 0 or event.epoch in (1, event.epochs)):
                    predicted[event.epoch] = _probabilities(phases[-1]).argmax(1)
    assert isinstance(event, Learned)
    return Watched(event, epochs, started, predicted)


@contextmanager
def _seen(kind: type[Phase]) -> Iterator[list]:
    """Give the phases of one kind that a training makes meanwhile."""
    made: list[Phase] = []

    class Seen(kind):  # type: ignore[misc, valid-type]
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments)
            made.append(self)

    with mock.patch.object(training, kind.__name__, Seen):
        yield made


def _features(phase: Contrastive | SelfLabel) -> np.ndarray:
    features = training.encode(phase.encoder, phase.images)
    phase.train()  # as it was: only encoding changes it
    return features


def _probabilities(phase: SelfLabel) -> np.ndarray:
    features = torch.from_numpy(_features(phase))
    with torch.inference_mode():
        return phase.classifier(features.to(phase.classifier.weight.device)).softmax(1).cpu().numpy()
