"""Ion images split into spatial frequency bands, on the training device.

As in `msiss.analyse.measures.bands`, but unweighted: the measured pixels are smoothed with Gaussians of increasing
width; square roots stabilise the variance of counts (Anscombe 1948); the bands are the differences of successive
images, and the low-pass residual.
"""

import torch
from torch import nn

from msiss.analyse.measures.pixels import LEAST_WEIGHT

SIGMAS = (0.7, 1.4, 2.8, 5.6, 11.2)  # pixels of prepared images


class Scales(nn.Module):
    """Splits ion images into `len(SIGMAS)` bands.

    Parameters
    ----------
    mask : Tensor of shape (H, W), bool
        True where a spectrum was measured.
    """

    inside: torch.Tensor
    sums: torch.Tensor
    rows: torch.Tensor
    columns: torch.Tensor

    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        height, width = mask.shape
        inside = mask.float().cpu()
        rows = torch.stack([_gaussian(height, sigma) for sigma in SIGMAS])  # (S, H, H)
        columns = torch.stack([_gaussian(width, sigma) for sigma in SIGMAS])  # (S, W, W)
        sums = rows @ inside @ columns.mT  # (S, H, W)
        for name, value in {"inside": inside, "sums": sums, "rows": rows, "columns": columns}.items():
            self.register_buffer(name, value, persistent=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the bands, shape (B, S, H, W), of images (B, 1, H, W) scaled to mean 1; 0 outside the mask."""
        images = images * self.inside
        mean = images.sum((2, 3), keepdim=True) / self.inside.sum()
        images = images / mean.clamp(min=1e-12)
        smoothed = self.rows @ images @ self.columns.mT / self.sums.clamp(min=1e-6)  # (B, S, H, W)
        roots = smoothed.clamp(min=0).sqrt()
        coarsest = roots[:, -1:] * self.inside
        coarsest = coarsest - coarsest.sum((2, 3), keepdim=True) / self.inside.sum()
        return torch.cat([roots[:, :-1] - roots[:, 1:], coarsest], dim=1) * self.inside


def _gaussian(size: int, sigma: float) -> torch.Tensor:
    places = torch.arange(size, dtype=torch.float32)
    weights = torch.exp(-0.5 * ((places[:, None] - places) / sigma) ** 2)
    return torch.where(weights > LEAST_WEIGHT, weights, 0)
