"""Random augmentations without geometric changes: simulated measurements of co-localized ions.

All ion images of a section are registered pixel by pixel, so nothing is translated, rotated or cropped. The
augmentations model the differences between ions of one molecule or of co-localized molecules: a small share of another
pattern, the contrast, the background, the sensitivity over the section, per line and per pixel, and the number of
counts.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F

from msiss.learn.spatial.config import SpatialConfig, SpatialViewsConfig

FIELD_GRID = 4  # nodes along each side of the smooth field of sensitivity


def views(
    images: torch.Tensor, config: SpatialViewsConfig, mask: torch.Tensor, generator: torch.Generator
) -> torch.Tensor:
    """Draw one view of every image; every parameter is drawn independently for every image.

    Parameters
    ----------
    images : Tensor of shape (B, 1, H, W)
        Ion images, not negative, 0 outside the mask.
    config : SpatialViewsConfig
    mask : Tensor of shape (H, W), bool
        True where a spectrum was measured.
    generator : torch.Generator
        Source of randomness; the draws are made on its device.

    Returns
    -------
    Tensor of shape (B, 1, H, W)
        In counts; 0 outside the mask.
    """
    batch, _, height, width = images.shape

    def uniform(*shape: int) -> torch.Tensor:
        return torch.rand(shape or (batch, 1, 1, 1), generator=generator, device=generator.device)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator, device=generator.device)

    inside = mask.to(images.dtype)
    area = inside.sum()
    images = images / (images.sum((2, 3), keepdim=True) / area).clamp(min=1e-12)  # mean 1
    other = images[torch.randperm(batch, generator=generator, device=generator.device)]
    share = uniform() * config.mix
    rates = (1 - share) * images + share * other
    rates = rates.clamp(min=0) ** torch.exp((2 * uniform() - 1) * config.contrast)
    rates = rates / (rates.sum((2, 3), keepdim=True) / area).clamp(min=1e-12)
    rates = rates + uniform() * config.background
    field = F.interpolate(
        normal(batch, 1, FIELD_GRID, FIELD_GRID), size=(height, width), mode="bicubic", align_corners=True
    )
    log_gain = uniform() * config.gain * field
    log_gain = log_gain + uniform() * config.lines * normal(batch, 1, height, 1)
    log_gain = log_gain + uniform() * config.pixels * normal(batch, 1, height, width)
    rates = rates * log_gain.exp() * inside
    low, high = math.log(config.counts_min), math.log(config.counts_max)
    counts = torch.exp(low + uniform() * (high - low))
    return torch.poisson(rates * (counts / rates.sum((2, 3), keepdim=True).clamp(min=1e-12)), generator=generator)


def box(mask: torch.Tensor) -> tuple[slice, slice]:
    """Return the bounding box of the measured pixels, as slices of rows and columns."""
    rows, columns = (mask.any(axis).nonzero()[:, 0] for axis in (1, 0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def preview(
    images: np.ndarray,
    chosen: Sequence[int],
    mask: np.ndarray,
    config: SpatialConfig,
    group: str,
    *,
    number: int,
    seed: int,
) -> np.ndarray:
    """Draw views of some ion images; see `msiss.learn.method.Preview`.

    The other patterns that are mixed into the views come from a batch that is drawn from all ion images.
    """
    generator = torch.Generator().manual_seed(seed)
    rest = np.setdiff1d(np.arange(len(images)), chosen)
    others = np.random.default_rng(seed).permutation(rest)[: max(0, config.spatial.batch_size - len(chosen))]
    batch = torch.from_numpy(images[[*chosen, *others]]).unsqueeze(1)
    measured = torch.from_numpy(mask)
    part = box(measured)  # the part that a training uses
    shown = torch.zeros(len(chosen), number, *mask.shape)
    for view in range(number):
        drawn = views(batch[:, :, *part], config.value(group), measured[part], generator)[: len(chosen)]
        shown[:, view, *part] = (drawn / drawn.amax((2, 3), keepdim=True).clamp(min=1))[:, 0]
    return shown.numpy()
