"""The small network of the method spatial, and its contrastive training with neighbours.

Two ions of one pattern are positives, though they are different images: for some of the views the second view is that
of an ion near to the first one (as in Dwibedi et al., ICCV 2021), and ions near to each other are never negatives.
"""

import numpy as np
import torch
from torch import nn

from msiss.learn.loop import Phase
from msiss.learn.losses import nt_xent
from msiss.learn.spatial.config import SpatialSettings
from msiss.learn.spatial.scales import SIGMAS, Scales
from msiss.learn.spatial.views import views

CHANNELS, FLAT_CHANNELS, FEATURES = 48, 16, 256  # of the network: inside, before flattening, and at its end
GROUPS = 8  # of its group normalisation
WEIGHT_DECAY = 0.01  # of AdamW, its authors' default
WARM_UP = 0.3  # share of the steps in which the learning rate grows, the default of PyTorch's one-cycle schedule


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
    """Contrastive training of the network, with two views per step of each ion, or of it and one of its neighbours.

    Parameters
    ----------
    network : PlaceNetwork
    scales : Scales
    images : Tensor of shape (N, 1, H, W)
    mask : Tensor of shape (H, W), bool
    near : Tensor of shape (N, K), int
        The nearest ions of each ion; K may be 0.
    config : SpatialSettings
    """

    name = "contrastive"
    cost = 1.0
    in_bfloat16 = True  # the network alone

    def __init__(
        self,
        network: PlaceNetwork,
        scales: Scales,
        images: torch.Tensor,
        mask: torch.Tensor,
        near: torch.Tensor,
        config: SpatialSettings,
    ) -> None:
        epochs = max(1, round(config.steps / max(1, round(len(images) / config.batch_size))))
        super().__init__(epochs, config.learning_rate)
        self.network, self.scales = network, scales
        self.images, self.mask, self.near, self.config = images, mask, near, config

    def optimizer(self) -> torch.optim.Optimizer:
        """Return AdamW, for weight decay."""
        return torch.optim.AdamW(
            self.trained_parameters(), lr=self.learning_rate, weight_decay=WEIGHT_DECAY, fused=True
        )

    def rate(self, epoch: float) -> float:
        """Return the learning rate at a time in epochs: a one-cycle schedule with cosine annealing."""
        place = min((epoch + 0.1) / self.epochs, 1.0)  # the offset makes the first rate larger than 0
        up = place < WARM_UP
        towards_largest = place / WARM_UP if up else (1 - place) / (1 - WARM_UP)
        return self.learning_rate * (1 - float(np.cos(np.pi * towards_largest))) / 2

    def forward(self, batch: torch.Tensor, generator: torch.Generator) -> dict[str, torch.Tensor]:
        """Return the NT-Xent loss of two views of each image, the second that of a neighbour in a share of them."""
        partners = self.partners(batch, generator)
        exactly = torch.autocast(batch.device.type, enabled=False)
        ions = torch.cat([batch, partners])
        with torch.no_grad(), exactly:
            bands = self.scales(views(self.images[ions], self.config.views, self.mask, generator))
            related = self.related(ions)
        first, second = self.network(bands).float().chunk(2)
        with exactly:
            return {"loss": nt_xent(first, second, temperature=self.config.temperature, related=related)}

    def partners(self, batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Draw the ion of the second view of each ion of a batch (B,): a neighbour, or the ion itself."""
        number, device = self.near.shape[1], generator.device
        if not number:
            return batch
        drawn = torch.randint(number, (len(batch),), generator=generator, device=device)
        neighbour = torch.rand(len(batch), generator=generator, device=device) < self.config.near_share
        return torch.where(neighbour, self.near[batch, drawn], batch)

    def related(self, ions: torch.Tensor) -> torch.Tensor:
        """Tell, shape (M, M), which of these ions (M,) are the same or neighbours, one of the other."""
        found = ions[:, None] == ions
        for near in self.near[ions].T:
            found |= near[:, None] == ions  # whether the column is a neighbour of the row
        return found | found.T
