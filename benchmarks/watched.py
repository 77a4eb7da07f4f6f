"""A training by the paper's method with looks at the network in between, for `benchmarks/paper.py`."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np
import torch

from msiss.data.prepare import Prepared
from msiss.learn.events import EpochEnded, PhaseStarted
from msiss.learn.learned import Learned
from msiss.learn.paper import training
from msiss.learn.paper.config import PaperConfig
from msiss.learn.paper.phases import SelfLabel
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


def watch(ready: Prepared, config: PaperConfig, folder: Path, *, again: tuple[str, ...]) -> Watched:
    """Train by the paper's method, looking at the network when self-labelling begins and after some of its epochs.

    The phases that are not trained `again` go on from what `folder` holds of an earlier training.
    """
    for name in again:
        (folder / f"{name}.safetensors").unlink(missing_ok=True)
    phases: list[SelfLabel] = []

    class Seen(SelfLabel):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments)  # type: ignore[arg-type]
            phases.append(self)

    epochs: dict[str, list[dict[str, float]]] = defaultdict(list)
    predicted: dict[int, np.ndarray] = {}
    started = np.empty(0)
    every = max(1, config.self_label.epochs // LOOKS)
    with mock.patch.object(training, "SelfLabel", Seen):
        for event in learn(ready.images, ready.mask, config, checkpoints=folder):
            if isinstance(event, PhaseStarted) and event.phase == SelfLabel.name:
                started = _probabilities(phases[-1])
            if isinstance(event, EpochEnded):
                epochs[event.phase].append(event.values)
                if event.phase == SelfLabel.name and (event.epoch % every == 0 or event.epoch in (1, event.epochs)):
                    predicted[event.epoch] = _probabilities(phases[-1]).argmax(1)
    assert isinstance(event, Learned)
    return Watched(event, epochs, started, predicted)


def _probabilities(phase: SelfLabel) -> np.ndarray:
    features = torch.from_numpy(training.encode(phase.encoder, phase.images))
    phase.train()  # as it was: only encoding changes it
    with torch.inference_mode():
        return phase.classifier(features.to(phase.classifier.weight.device)).softmax(1).cpu().numpy()
