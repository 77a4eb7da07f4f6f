"""The training loop of every phase of every method.

A phase owns its model and its criterion: called with the indices of a batch of ion images, it returns
``{"loss": ..., ...}``, which is all that the loop knows of it.
"""

import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn

from msiss.learn.checkpoints import load_checkpoint, save_checkpoint
from msiss.learn.device import knows_bfloat16
from msiss.learn.events import EpochEnded, Event, PhaseStarted, Step
from msiss.learn.progress import Pace

SMALLEST_BATCH = 8  # images; also the least that may be set
SAVE_SECONDS = 20.0  # the most that a killed training loses; a checkpoint has up to 75 MB


class Phase(nn.Module):
    """The interface of a phase of training.

    Attributes
    ----------
    name : str
        One of the stages of its method.
    cost : float
        Work per ion image and epoch, in forward passes of the encoder, for the estimate of the time left.
    in_bfloat16 : bool
        Whether it may compute in bfloat16 if the device supports it.
    least_batches : int
        Steps per epoch, at least; see `batches`.
    epoch : int
        The epoch that is being trained, from 0.
    """

    name: str
    cost: float
    in_bfloat16 = False
    least_batches = 1
    epoch = 0

    def __init__(self, epochs: int, learning_rate: float) -> None:
        super().__init__()
        self.epochs = epochs
        self.learning_rate = learning_rate

    def trained_parameters(self) -> Iterator[nn.Parameter]:
        """Return the parameters that the phase trains: by default all."""
        return self.parameters()

    def optimizer(self) -> torch.optim.Optimizer:
        """Return the optimizer: by default Adam, as in the paper."""
        return torch.optim.Adam(self.trained_parameters(), lr=self.learning_rate, fused=True)

    def rate(self, epoch: float) -> float:
        """Return the learning rate at a time in epochs: by default cosine decay, updated every epoch."""
        return self.learning_rate * (1 + math.cos(math.pi * math.floor(epoch) / self.epochs)) / 2


def train(
    phase: Phase, *, number: int, batch_size: int, seed: np.random.SeedSequence, checkpoint: Path, pace: Pace
) -> Iterator[Event]:
    """Train a phase over its epochs, resuming from its checkpoint if there is one.

    All random numbers of an epoch derive from `seed` and the number of the epoch, so that a resumed training gives the
    same result as an uninterrupted one.

    Parameters
    ----------
    phase : Phase
        The phase, on its device.
    number : int
        Number of ion images.
    batch_size : int
        Approximate number of images per step; see `batches`.
    seed : SeedSequence
    checkpoint : Path
        Replaced after the last epoch, and after every other that ends at least `SAVE_SECONDS` after the last time.
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
        phase.epoch = epoch
        shuffle = np.random.default_rng(epoch_seeds[epoch])
        generator = torch.Generator(device).manual_seed(int(shuffle.integers(2**62)))
        sums: dict[str, torch.Tensor] = {}
        # Nothing between here and the means synchronises the host with the device.
        order = shuffle.permutation(number)
        parts = torch.from_numpy(np.stack(batches(order, batch_size, phase.least_batches))).to(device)
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


def batches(order: np.ndarray, batch_size: int, least: int = 1) -> list[np.ndarray]:
    """Split an epoch into batches of equal size, as close to `batch_size` as the number of images allows.

    Fewer images than there are batches are left out of the epoch: the 367 images of the paper make its two batches of
    183, and 300 images make two of 150 rather than one of 183.

    Parameters
    ----------
    order : ndarray of shape (N,)
        The images, shuffled.
    batch_size : int
    least : int
        Batches to make at least, with smaller batches. If they had fewer than `SMALLEST_BATCH` images each, every one
        has all images.
    """
    count = max(least, round(len(order) / batch_size))
    size = len(order) // count
    if count == least and size < SMALLEST_BATCH:
        return [order] * least
    return [order[i * size : (i + 1) * size] for i in range(count)]


def _step(
    phase: Phase, optimizer: torch.optim.Optimizer, batch: torch.Tensor, generator: torch.Generator, seed: int
) -> dict[str, torch.Tensor]:
    cuda = [batch.device.index or 0] if batch.device.type == "cuda" else []
    with torch.random.fork_rng(devices=cuda):  # dropout and drop-connect use torch's global generator
        torch.manual_seed(seed)
        half = phase.in_bfloat16 and knows_bfloat16(batch.device)
        with torch.autocast(batch.device.type, torch.bfloat16, enabled=half):
            outcome = phase(batch, generator)
    optimizer.zero_grad(set_to_none=True)
    outcome["loss"].backward()
    optimizer.step()
    return outcome
