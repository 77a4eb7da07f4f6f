"""The three phases of the method, and the one loop that trains each of them.

A phase owns its model and its criterion: called with the indices of a batch of ion images, it returns
``{"loss": ..., ...}``. The loop knows nothing else about it.
"""

import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from msiss.learn.checkpoints import load_checkpoint, save_checkpoint
from msiss.learn.device import knows_bfloat16
from msiss.learn.events import EpochEnded, Event, PhaseStarted, Step
from msiss.learn.losses import alignment_and_uniformity, confident_cross_entropy, nt_xent
from msiss.learn.paper.augment import augment
from msiss.learn.paper.config import ClassifierConfig, ContrastiveConfig, SelfLabelConfig
from msiss.learn.paper.encoders import FEATURES
from msiss.learn.progress import Pace

SAVE_SECONDS = 20.0  # what a killed training loses at most; a checkpoint takes up to 75 MB of writing
PROJECTION = 1024  # outputs of the projection head in the paper's code


class Phase(nn.Module):
    """What the loop needs to know of a phase.

    Attributes
    ----------
    name : str
        One of `msiss.learn.events.PHASES`.
    cost : float
        Work per ion image and epoch, in forward passes of the encoder; for the estimate of the time left.
    in_bfloat16 : bool
        Whether it may compute in bfloat16 where the device knows it.
    """

    name: str
    cost: float
    in_bfloat16 = False

    def __init__(self, epochs: int, learning_rate: float) -> None:
        super().__init__()
        self.epochs = epochs
        self.learning_rate = learning_rate

    def trained_parameters(self) -> Iterator[nn.Parameter]:
        """Return the parameters that the phase changes: by default all."""
        return self.parameters()

    def optimizer(self) -> torch.optim.Optimizer:
        """Return what changes the parameters: by default Adam, as in the paper."""
        return torch.optim.Adam(self.trained_parameters(), lr=self.learning_rate, fused=True)

    def rate(self, epoch: float) -> float:
        """Return the learning rate at a moment, counted in epochs: by default a cosine that steps down every epoch."""
        return self.learning_rate * (1 + math.cos(math.pi * math.floor(epoch) / self.epochs)) / 2


class Contrastive(Phase):
    """Phase 1: two views of an ion image must be nearer to each other than to any other image's (SimCLR)."""

    name = "contrastive"
    cost = 2 * 3.0  # two views; a backward pass costs about two forward passes
    in_bfloat16 = True

    def __init__(self, encoder: nn.Module, images: torch.Tensor, mask: torch.Tensor, config: ContrastiveConfig) -> None:
        super().__init__(config.epochs, config.learning_rate)
        self.encoder = encoder
        self.projection = nn.Sequential(nn.Linear(FEATURES, FEATURES), nn.ReLU(), nn.Linear(FEATURES, PROJECTION))
        self.images, self.mask, self.config = images, mask, config

    def forward(self, batch: torch.Tensor, generator: torch.Generator) -> dict[str, torch.Tensor]:
        """Return the NT-Xent loss of two views of each image, and the alignment and uniformity of their projections."""
        images = self.images[batch]
        views = [augment(images, self.config.views, self.mask, generator) for _ in range(2)]
        projected = self.projection(self.encoder(torch.cat(views)))  # (2B, 1024)
        first, second = projected.chunk(2)
        loss = nt_xent(first, second, temperature=self.config.temperature)
        alignment, uniformity = alignment_and_uniformity(first, second)
        return {"loss": loss, "alignment": alignment, "uniformity": uniformity}


class Classify(Phase):
    """Phase 2: a linear classifier learns the initial clusters of the images as they are; the encoder is frozen.

    As in the paper's code, the frozen encoder stays in training mode: phase 3 sees the same dropout and the same
    normalisation by the batch, which the classifier therefore has to know.
    """

    name = "classifier"
    cost = 1.0
    in_bfloat16 = True

    def __init__(
        self,
        encoder: nn.Module,
        classifier: nn.Linear,
        images: torch.Tensor,
        labels: torch.Tensor,
        config: ClassifierConfig,
    ) -> None:
        super().__init__(config.epochs, config.learning_rate)
        self.encoder, self.classifier = encoder, classifier
        self.images, self.labels = images, labels

    def trained_parameters(self) -> Iterator[nn.Parameter]:
        """Return the parameters of the classifier."""
        return self.classifier.parameters()

    def forward(self, batch: torch.Tensor, _generator: torch.Generator) -> dict[str, torch.Tensor]:
        """Return the cross entropy of the initial clusters."""
        with torch.no_grad():
            features = self.encoder(self.images[batch])  # (B, 1280)
        return {"loss": F.cross_entropy(self.classifier(features), self.labels[batch])}


class SelfLabel(Phase):
    """Phase 3: the class of a weak view teaches the strong view of the same image, where it is confident."""

    name = "self-label"
    cost = 1 + 3.0  # the weak view needs no backward pass
    in_bfloat16 = True

    def __init__(
        self,
        encoder: nn.Module,
        classifier: nn.Linear,
        images: torch.Tensor,
        mask: torch.Tensor,
        threshold: float,
        config: SelfLabelConfig,
    ) -> None:
        super().__init__(config.epochs, config.learning_rate)
        self.encoder, self.classifier = encoder, classifier
        self.images, self.mask, self.threshold, self.config = images, mask, threshold, config

    def forward(self, batch: torch.Tensor, generator: torch.Generator) -> dict[str, torch.Tensor]:
        """Return the loss of the strong views and the fraction of confident images."""
        images = self.images[batch]
        with torch.no_grad():
            weak = self._classify(augment(images, self.config.weak_views, self.mask, generator))
        strong = self._classify(augment(images, self.config.strong_views, self.mask, generator))
        loss, confident = confident_cross_entropy(weak, strong, self.threshold)
        return {"loss": loss, "confident": confident}

    def _classify(self, views: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.encoder(views))  # (B, K)


def train(
    phase: Phase, *, number: int, batch_size: int, seed: np.random.SeedSequence, checkpoint: Path, pace: Pace
) -> Iterator[Event]:
    """Train a phase over its epochs, resuming from its checkpoint where there is one.

    All randomness of an epoch comes from `seed` and the epoch's number, so that a resumed training goes on with the
    very draws that an uninterrupted one would have made.

    Parameters
    ----------
    phase : Phase
        On its device.
    number : int
        Ion images.
    batch_size : int
        Images per step, about; see `batches`.
    seed : SeedSequence
    checkpoint : Path
        Replaced after the last epoch, and after any other that ends `SAVE_SECONDS` or more behind the last time.
    pace : Pace
        Counts the work done.
    """
    device = next(phase.parameters()).device
    optimizer = phase.optimizer()
    done = load_checkpoint(checkpoint, phase, optimizer)
    pace.skip(done * number * phase.cost)
    yield PhaseStarted(phase.name, phase.epochs)
    phase.train()
    saved = time.monotonic()
    epoch_seeds = seed.spawn(phase.epochs)
    for epoch in range(done, phase.epochs):
        shuffle = np.random.default_rng(epoch_seeds[epoch])
        generator = torch.Generator(device).manual_seed(int(shuffle.integers(2**62)))
        sums: dict[str, torch.Tensor] = {}
        # Nothing between here and the means makes the host wait for the device.
        parts = torch.from_numpy(np.stack(batches(shuffle.permutation(number), batch_size))).to(device)
        for place, batch in enumerate(parts):
            for group in optimizer.param_groups:
                group["lr"] = phase.rate(epoch + place / len(parts))
            outcome = _step(phase, optimizer, batch, generator, int(shuffle.integers(2**62)))
            sums = {name: sums.get(name, 0) + value.detach() for name, value in outcome.items()}
            pace.advance(number / len(parts) * phase.cost)
            yield Step(pace.fraction, pace.skipped)
        if epoch + 1 == phase.epochs or time.monotonic() - saved > SAVE_SECONDS:
            save_checkpoint(checkpoint, phase, optimizer, epochs_done=epoch + 1)
            saved = time.monotonic()
        means = {name: float(total) / len(parts) for name, total in sums.items()}
        yield EpochEnded(phase.name, epoch + 1, phase.epochs, means)


def batches(order: np.ndarray, batch_size: int) -> list[np.ndarray]:
    """Split an epoch into batches of one size, as near to `batch_size` as the number of images allows.

    Fewer images than there are batches are left out of the epoch: the 367 images of the paper make its two batches of
    183, and 300 images make two of 150 rather than one of 183.
    """
    count = max(1, round(len(order) / batch_size))
    size = len(order) // count
    return [order[i * size : (i + 1) * size] for i in range(count)]


def _step(
    phase: Phase, optimizer: torch.optim.Optimizer, batch: torch.Tensor, generator: torch.Generator, seed: int
) -> dict[str, torch.Tensor]:
    cuda = [batch.device.index or 0] if batch.device.type == "cuda" else []
    with torch.random.fork_rng(devices=cuda):  # dropout and drop-connect know only torch's global generator
        torch.manual_seed(seed)
        half = phase.in_bfloat16 and knows_bfloat16(batch.device)
        with torch.autocast(batch.device.type, torch.bfloat16, enabled=half):
            outcome = phase(batch, generator)
    optimizer.zero_grad(set_to_none=True)
    outcome["loss"].backward()
    optimizer.step()
    return outcome
