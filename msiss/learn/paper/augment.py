"""Random augmentations of ion images: drawn per image, applied to whole batches on the training device.

Drawing the parameters (`draw`) is separate from applying them (`apply`), so that the preview of the dashboard and the
training use the same two functions. On a CPU both end in the compiled loops of `msiss.learn.paper.view_kernels`,
elsewhere in operations on whole batches; what they make is the same, but for rounding and the numbers of a seed.

The authors' code makes every view of a picture of 8 bits, by torchvision and Pillow: the blur rounds to whole grey
levels, brightness, contrast and noise cut what is behind the point, and the grey that contrast keeps is the rounded
mean. With the setting `eight_bit` it is so here, too.

References
----------
Hu, Bindu & Laskin, Chem. Sci. 2022, 13, 90, doi:10.1039/D1SC04077D, and the authors' code,
https://github.com/LabLaskin/MSI-self-supervised-clustering: the operations, their order and their ranges.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F

from msiss.learn.paper.config import AugmentConfig, PaperConfig
from msiss.learn.paper.view_kernels import NORMAL, fill_normal, make_views
from msiss.learn.threads import in_threads

BLUR_KERNEL = 9  # pixels, as in the paper's code
WHITE = 255  # views are made in grey levels from 0 to this
LEAST_NOISE = 0.001  # smallest sigma of the noise in the paper's code, in units of white
# The noise sigma refers to an image whose foreground has this mean, in grey levels ...
REFERENCE_FOREGROUND = 153
# ... where the foreground is the pixels above the first of these levels that any pixel exceeds.
FOREGROUND_LEVELS = (25, 20, 15, 10)


@dataclass(frozen=True)
class Draws:
    """The parameters that were drawn for each of B images.

    Attributes
    ----------
    blur : Tensor of shape (B,)
        Sigma of the Gaussian blur in pixels.
    brightness, contrast : Tensor of shape (B,)
        Factors; 1 is the identity.
    contrast_first : Tensor of shape (B,), bool
        Whether the contrast is changed before the brightness, as torchvision's ColorJitter draws it for each image.
    noise : Tensor of shape (B, 1, H, W)
        Gaussian noise in units of white, for an image whose foreground has the mean `REFERENCE_FOREGROUND`.
    geometry : Tensor of shape (B, 2, 3) or None
        Affine maps from positions in the view to positions in the image, in units of half a side; None is the identity.
    """

    blur: torch.Tensor
    brightness: torch.Tensor
    contrast: torch.Tensor
    contrast_first: torch.Tensor
    noise: torch.Tensor
    geometry: torch.Tensor | None


def draw(shape: torch.Size | tuple[int, ...], config: AugmentConfig, generator: torch.Generator) -> Draws:
    """Draw the parameters of one view for every image of a batch.

    Parameters
    ----------
    shape : (B, 1, H, W)
        Shape of the batch.
    config : AugmentConfig
        The ranges to draw from.
    generator : torch.Generator
        Source of randomness; the draws are made on its device.
    """
    batch = shape[0]

    def uniform(low: float, high: float) -> torch.Tensor:
        return low + (high - low) * torch.rand(batch, generator=generator, device=generator.device)

    blur = uniform(config.blur_min, config.blur_max)
    brightness = uniform(1 - config.brightness, 1 + config.brightness)
    contrast = uniform(1 - config.contrast, 1 + config.contrast)
    contrast_first = uniform(0.0, 1.0) < 0.5
    noise_sigma = uniform(min(LEAST_NOISE, config.noise), config.noise)
    noise = _normal(shape, noise_sigma, generator)
    zoom = uniform(1 - config.crop, 1.0).sqrt()  # of the side, as the setting is a fraction of the area
    angle = uniform(-config.rotation, config.rotation) * (math.pi / 180)
    # A crop lies anywhere inside the image; a translation is added. Positions run from -1 to 1 along a side.
    shift_x, shift_y = (
        uniform(-1.0, 1.0) * (1 - zoom) + uniform(-2 * config.translation, 2 * config.translation) for _ in range(2)
    )
    if not (config.translation or config.crop or config.rotation):
        return Draws(blur, brightness, contrast, contrast_first, noise, None)
    cos, sin = angle.cos() * zoom, angle.sin() * zoom
    rows = torch.stack([cos, -sin, shift_x, sin, cos, shift_y], dim=1)  # (B, 6)
    return Draws(blur, brightness, contrast, contrast_first, noise, rows.view(batch, 2, 3))


def apply(images: torch.Tensor, draws: Draws, config: AugmentConfig, mask: torch.Tensor) -> torch.Tensor:
    """Return one view of every image by the parameters that were drawn for it.

    Parameters
    ----------
    images : Tensor of shape (B, 1, H, W)
        Ion images scaled to [0, 1].
    draws : Draws
        For the same B images.
    config : AugmentConfig
        The settings that `draws` were drawn with.
    mask : Tensor of shape (H, W), bool
        True where a spectrum was measured.

    Returns
    -------
    Tensor of shape (B, 1, H, W)
        Views, in [0, 1].
    """
    inside = mask.to(images.dtype).expand_as(images)
    if draws.geometry is not None:
        whole = (images * WHITE).round_() / WHITE if config.eight_bit else images
        grid = F.affine_grid(draws.geometry, list(images.shape), align_corners=False)  # (B, H, W, 2)
        images = F.grid_sample(whole, grid, align_corners=False)
        inside = F.grid_sample(inside, grid, mode="nearest", align_corners=False)
    return (_change_compiled if images.device.type == "cpu" else _change)(images, inside, draws, config)


def _change(images: torch.Tensor, inside: torch.Tensor, draws: Draws, config: AugmentConfig) -> torch.Tensor:
    """Change the appearance of images, `inside` is 1 inside the tissue and else 0: both (B, 1, H, W)."""
    whole = config.eight_bit
    views = images * WHITE  # a copy, so that the following steps may work in place
    if whole:
        views.round_()
    views = blur(views, draws.blur)
    if whole:
        views.round_()
    # Brightness is a change of contrast about black: either comes first, each about its own grey.
    first = draws.contrast_first.view(-1, 1, 1, 1)
    brightness, contrast = draws.brightness.view(-1, 1, 1, 1), draws.contrast.view(-1, 1, 1, 1)
    for factor, about_mean in (
        (torch.where(first, contrast, brightness), first),
        (torch.where(first, brightness, contrast), ~first),
    ):
        mean = views.mean((1, 2, 3), keepdim=True)
        grey = torch.where(about_mean, (mean + 0.5).floor_() if whole else mean, 0.0)
        # Not factor * view + (1 - factor) * grey: rounding would take a level off pixels that are grey.
        _into_levels(views.sub_(grey).mul_(factor).add_(grey), whole=whole)
    views.addcmul_(draws.noise, foreground_mean(views) * (WHITE / REFERENCE_FOREGROUND))
    _into_levels(views, whole=whole).div_(WHITE)
    return views.mul_(inside) if config.mask_noise else views


def _change_compiled(images: torch.Tensor, inside: torch.Tensor, draws: Draws, config: AugmentConfig) -> torch.Tensor:
    """Do the same on a CPU."""
    views = torch.empty_like(images, memory_format=torch.contiguous_format)
    stack = images.contiguous().numpy()[:, 0]
    arguments = (
        stack,
        np.broadcast_to(inside.numpy()[:, 0], stack.shape),
        gaussian_kernels(draws.blur).numpy(),
        draws.brightness.numpy(),
        draws.contrast.numpy(),
        draws.contrast_first.numpy(),
        draws.noise.numpy()[:, 0],
        config.eight_bit,
        config.mask_noise,
        views.numpy()[:, 0],
    )
    in_threads(partial(make_views, *arguments), len(images), torch.get_num_threads())
    return views


def _normal(shape: torch.Size | tuple[int, ...], sigma: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Draw Gaussian noise with a sigma (B,) for each of B images."""
    if generator.device.type != "cpu":
        return torch.randn(shape, generator=generator, device=generator.device).mul_(sigma.view(-1, 1, 1, 1))
    seeds = torch.randint(-(2**63), 2**63 - 1, (shape[0],), generator=generator).numpy().view(np.uint64)
    noise = torch.empty(shape)
    rows = noise.view(shape[0], -1).numpy()
    in_threads(partial(fill_normal, seeds, sigma.numpy(), NORMAL, rows), shape[0], torch.get_num_threads())
    return noise


def _into_levels(views: torch.Tensor, *, whole: bool) -> torch.Tensor:
    """Bring the views into the range of grey levels in place, and cut off what is behind the point if wanted."""
    views.clamp_(0, WHITE)
    return views.floor_() if whole else views


def augment(
    images: torch.Tensor, config: AugmentConfig, mask: torch.Tensor, generator: torch.Generator
) -> torch.Tensor:
    """Return one random view of every image, shape (B, 1, H, W), in [0, 1]."""
    return apply(images, draw(images.shape, config, generator), config, mask)


def blur(images: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
    """Blur each image with its own Gaussian, truncated to `BLUR_KERNEL` pixels, with reflection at the border.

    Parameters
    ----------
    images : Tensor of shape (B, 1, H, W)
    sigma : Tensor of shape (B,)
        In pixels.
    """
    batch, kernels = len(images), gaussian_kernels(sigma)
    padded = F.pad(images, [BLUR_KERNEL // 2] * 4, mode="reflect")
    channels = padded.view(1, batch, *padded.shape[2:])
    channels = F.conv2d(channels, kernels.view(batch, 1, -1, 1), groups=batch)
    channels = F.conv2d(channels, kernels.view(batch, 1, 1, -1), groups=batch)
    return channels.view_as(images)


def gaussian_kernels(sigma: torch.Tensor) -> torch.Tensor:
    """Return the weights of `BLUR_KERNEL` pixels in a row, shape (B, 9), for sigmas (B,) in pixels."""
    reach = BLUR_KERNEL // 2
    offsets = torch.arange(-reach, reach + 1, device=sigma.device, dtype=sigma.dtype)
    kernels = torch.exp(-0.5 * (offsets / sigma.view(-1, 1)) ** 2)
    return kernels / kernels.sum(1, keepdim=True)


def foreground_mean(images: torch.Tensor) -> torch.Tensor:
    """Return the mean of each image's foreground in grey levels, (B, 1, 1, 1); of all its pixels if it has none."""
    brightest = images.amax((1, 2, 3), keepdim=True)
    level = torch.full_like(brightest, -1.0)  # below all pixels
    for candidate in reversed(FOREGROUND_LEVELS):
        level = torch.where(brightest > candidate, candidate, level)
    above = (images > level).to(images.dtype)
    return (images * above).sum((1, 2, 3), keepdim=True) / above.sum((1, 2, 3), keepdim=True)


def preview(
    images: np.ndarray,
    chosen: Sequence[int],
    mask: np.ndarray,
    config: PaperConfig,
    group: str,
    *,
    number: int,
    seed: int,
) -> np.ndarray:
    """Draw views of some ion images; see `msiss.learn.method.Preview`."""
    generator = torch.Generator().manual_seed(seed)
    batch = torch.from_numpy(images[list(chosen)]).unsqueeze(1)
    inside = torch.from_numpy(mask)
    return torch.cat([augment(batch, config.value(group), inside, generator) for _ in range(number)], dim=1).numpy()
