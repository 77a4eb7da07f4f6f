"""The method spatial: representations that are specific to pixel positions and account for counting noise.

All ion images of a section are registered, so the position of a structure is more informative than its shape. The
similarity of two ions has three parts of equal weight:

* the bands of `msiss.learn.spatial.scales`, which need no training;
* a linear discriminant of those bands, learned in closed form from views of the images
  (`msiss.learn.spatial.discriminant`);
* a small convolutional network that flattens its feature maps rather than averaging them, trained to identify the two
  views of an ion image among those of all others (NT-Xent, Chen et al., ICML 2020).

The three are combined twice: as they are, and whitened, which down-weights what all ions share. The ions are then
grouped by the consensus of several clusterings. The choice of each part is documented in `benchmarks/RESEARCH.md`.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from msiss.analyse.consensus import consensus_clusters
from msiss.analyse.measures.fusion import spread
from msiss.analyse.measures.whitening import fit_whitening
from msiss.analyse.sketch import mapped
from msiss.learn.events import Event, PhaseStarted, Step
from msiss.learn.learned import Learned
from msiss.learn.loop import Phase, train
from msiss.learn.losses import nt_xent
from msiss.learn.progress import Pace
from msiss.learn.spatial.config import NAME, WHITENING_RIDGE, SpatialConfig, SpatialSettings
from msiss.learn.spatial.discriminant import Projection, fit_discriminant, landmarks
from msiss.learn.spatial.scales import SIGMAS, Scales
from msiss.learn.spatial.views import box, views

CHANNELS, FLAT_CHANNELS, FEATURES = 48, 16, 256  # of the network: inside, before flattening, and at its end
GROUPS = 8  # of its group normalisation
WEIGHT_DECAY = 0.01  # of AdamW, its authors' default
WARM_UP = 0.3  # share of the steps in which the learning rate grows, the default of PyTorch's one-cycle schedule
DISCRIMINANT_SHARE = 0.1  # of the progress bar
ENCODE_BATCH = 256  # images at a time without gradients


class PlaceNetwork(nn.Module):
    """A network from bands (B, S, H, W) to 256 features that depend on the positions of structures."""

    def __init__(self, shape: tuple[int, int]) -> None:
        super().__init__()
        self.maps = nn.Sequential(
            *_block(len(SIGMAS), CHANNELS, stride=2),
            *_block(CHANNELS, CHANNELS, stride=2),
            *_block(CHANNELS, CHANNELS, stride=1),
            nn.Conv2d(CHANNELS, FLAT_CHANNELS, 1),
        )
        height, width = (-(-side // 4) for side in shape)
        self.features = nn.Linear(FLAT_CHANNELS * height * width, FEATURES)

    def forward(self, bands: torch.Tensor) -> torch.Tensor:
        """Return the features, shape (B, 256)."""
        return self.features(self.maps(bands).flatten(1))


def _block(inputs: int, outputs: int, *, stride: int) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, 3, stride, 1), nn.GroupNorm(GROUPS, outputs), nn.GELU()]


class PlaceContrast(Phase):
    """Contrastive training of the network, with two views per ion image."""

    name = "contrastive"
    cost = 1.0
    in_bfloat16 = True  # the network alone

    def __init__(
        self, network: PlaceNetwork, scales: Scales, images: torch.Tensor, mask: torch.Tensor, config: SpatialSettings
    ) -> None:
        epochs = round(config.steps / max(1, round(len(images) / config.batch_size)))
        super().__init__(epochs, config.learning_rate)
        self.network, self.scales = network, scales
        self.images, self.mask, self.config = images, mask, config

    def optimizer(self) -> torch.optim.Optimizer:
        """Return AdamW, for weight decay."""
        return torch.optim.AdamW(self.trained_parameters(), lr=self.learning_rate, weight_decay=WEIGHT_DECAY)

    def rate(self, epoch: float) -> float:
        """Return the learning rate at a time in epochs: a one-cycle schedule with cosine annealing."""
        place = (epoch + 0.1) / self.epochs  # the offset makes the first rate larger than 0
        up = place < WARM_UP
        towards_largest = place / WARM_UP if up else (1 - place) / (1 - WARM_UP)
        return self.learning_rate * (1 - float(np.cos(np.pi * towards_largest))) / 2

    def forward(self, batch: torch.Tensor, generator: torch.Generator) -> dict[str, torch.Tensor]:
        """Return the NT-Xent loss of two views of each image."""
        images = self.images[batch]
        exactly = torch.autocast(images.device.type, enabled=False)
        with torch.no_grad(), exactly:
            bands = torch.cat([self.scales(views(images, self.config.views, self.mask, generator)) for _ in range(2)])
        first, second = self.network(bands).float().chunk(2)
        with exactly:
            return {"loss": nt_xent(first, second, temperature=self.config.temperature)}


class SpatialModel(nn.Module):
    """The encoder of ion images: the three parts, their combination, and the whitened combination.

    Parameters
    ----------
    scales : Scales
    discriminant : Projection
    network : PlaceNetwork
    """

    weights_of_parts: torch.Tensor

    def __init__(self, scales: Scales, discriminant: Projection, network: PlaceNetwork) -> None:
        super().__init__()
        self.scales, self.discriminant, self.network = scales, discriminant, network
        self.whitening = Projection(torch.zeros(1), torch.zeros(1, 1))
        # Factors of the unit vectors of the bands, the discriminant, the network, their combination, and its whitening.
        self.register_buffer("weights_of_parts", torch.ones(5))

    @classmethod
    def from_weights(cls, mask: torch.Tensor, weights: dict[str, torch.Tensor]) -> "SpatialModel":
        """Return a trained model for images of `mask` (H, W), cropped to its bounding box, from `Learned.weights`."""
        inside = mask[box(mask)]
        network = PlaceNetwork((inside.shape[0], inside.shape[1]))
        model = cls(Scales(inside), Projection.like("discriminant", weights), network)
        model.whitening = Projection.like("whitening", weights)
        model.load_state_dict(weights)
        return model.eval()

    @torch.inference_mode()
    def fit_fusion(self, images: torch.Tensor) -> None:
        """Fit the weights of the parts, for equal contributions, and the whitening to images (B, 1, H, W).

        The cosines of each part are divided by their standard deviation over all pairs of images, as in
        `msiss.analyse.measures.fusion`.
        """
        parts = [torch.cat(part) for part in zip(*map(self.parts, images.split(ENCODE_BATCH)), strict=True)]
        self.weights_of_parts[:3] = _equal_weights(parts)
        together = self.together(parts)
        fitted = fit_whitening(together.cpu().numpy(), WHITENING_RIDGE, unit_rows=True)
        centre, axes = (torch.from_numpy(value).to(images.device) for value in (fitted.centre, fitted.axes))
        self.whitening = Projection(centre, axes)
        self.weights_of_parts[3:] = _equal_weights([together, self.whitening(together)])

    def parts(self, images: torch.Tensor) -> list[torch.Tensor]:
        """Return the unit vectors of the bands, the discriminant and the network, of images (B, 1, H, W)."""
        bands = self.scales.vectors(images)
        return [bands, self.discriminant(bands), F.normalize(self.network(self.scales(images)), dim=1)]

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return unit vectors (B, D) of images (B, 1, H, W)."""
        together = self.together(self.parts(images))
        return _weighted([together, self.whitening(together)], self.weights_of_parts[3:])

    def together(self, parts: list[torch.Tensor]) -> torch.Tensor:
        """Return the unit vectors (B, D) of the weighted combination of the parts."""
        return _weighted(parts, self.weights_of_parts[:3])


def _weighted(parts: list[torch.Tensor], weights: torch.Tensor) -> torch.Tensor:
    return F.normalize(torch.cat([part * factor for part, factor in zip(parts, weights, strict=True)], dim=1), dim=1)


def _equal_weights(parts: list[torch.Tensor]) -> torch.Tensor:
    """Return the factors that give the cosines of all parts the same standard deviation."""
    return torch.tensor([spread(part.cpu().numpy()) for part in parts]).rsqrt()


def learn_spatial(
    images: np.ndarray, mask: np.ndarray, config: SpatialConfig, device: torch.device, checkpoints: Path
) -> Iterator[Event | Learned]:
    """Train by the method spatial; see `msiss.learn.pipeline.learn`.

    The confidence of an ion is its mean co-association with the other ions of its cluster.
    """
    if device.type == "mps":  # torch has no Poisson sampling there; the network is small enough for the CPU
        device = torch.device("cpu")
    settings = config.spatial
    discriminant_seed, network_seed, weights_seed = np.random.SeedSequence(config.seed).spawn(3)
    part = box(torch.from_numpy(mask))
    inside = torch.from_numpy(mask)[part].to(device)
    stack = torch.from_numpy(images)[:, None, *part].contiguous().to(device)  # (N, 1, H, W)
    scales = Scales(inside).to(device)

    yield PhaseStarted("discriminant")
    chosen = stack[landmarks(len(stack)).to(device)]
    generator = torch.Generator(device).manual_seed(_number(discriminant_seed))
    drawn = []
    for turn in range(settings.drawn_views):
        drawn.append(_vectors(scales, views(chosen, settings.views, inside, generator)))
        yield Step(DISCRIMINANT_SHARE * (turn + 1) / settings.drawn_views)
    discriminant = fit_discriminant(
        _vectors(scales, chosen), drawn, components=settings.components, ridge=settings.ridge
    )
    del drawn

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_number(weights_seed))
        network = PlaceNetwork((inside.shape[0], inside.shape[1])).to(device)
    phase = PlaceContrast(network, scales, stack, inside, settings)
    pace = Pace(len(stack) * phase.cost * phase.epochs / (1 - DISCRIMINANT_SHARE))
    pace.advance(DISCRIMINANT_SHARE * pace.total)
    yield from train(
        phase,
        number=len(stack),
        batch_size=settings.batch_size,
        seed=network_seed,
        checkpoint=checkpoints / f"{phase.name}.safetensors",
        pace=pace,
    )
    model = SpatialModel(scales, discriminant, network).to(device).eval()
    model.fit_fusion(chosen)
    features = mapped(lambda some: encode(model, some), stack, ENCODE_BATCH)
    consensus = consensus_clusters(features, config.clusters, seed=config.seed)
    yield Learned(
        features={NAME: features},
        clusters={NAME: consensus.clusters},
        confidence=consensus.confidence,
        weights=model.state_dict(),
        encode=lambda further: encode(model, torch.from_numpy(further)[:, None, *part].contiguous().to(device)),
    )


def encode(model: SpatialModel, stack: torch.Tensor) -> np.ndarray:
    """Return the vectors of every image of `stack` (N, 1, H, W) as an ndarray of shape (N, D), float32."""
    with torch.inference_mode():
        return torch.cat([model(batch) for batch in stack.split(ENCODE_BATCH)]).cpu().numpy()


def _vectors(scales: Scales, images: torch.Tensor) -> torch.Tensor:
    return torch.cat([scales.vectors(batch) for batch in images.split(ENCODE_BATCH)])


def _number(seed: np.random.SeedSequence) -> int:
    return int(seed.generate_state(1, np.uint64)[0] >> 1)
