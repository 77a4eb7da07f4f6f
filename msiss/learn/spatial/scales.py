"""Ion images split into spatial frequency bands, on the training device.

The same method as in `msiss.analyse.measures.bands`, for batches of prepared images: the measured pixels are smoothed
with Gaussians of increasing width; square roots stabilise the variance of counts (Anscombe 1948); the bands are the
differences of successive images, and the low-pass residual.
"""

import torch
import torch.nn.functional as F
from torch import nn

SIGMAS = (0.7, 1.4, 2.8, 5.6, 11.2)  # pixels of prepared images
COARSEST_WEIGHT = 0.3  # as in the measure without training
LEAST_RELIABILITY = 0.001


class Scales(nn.Module):
    """Splits ion images into `len(SIGMAS)` bands.

    Parameters
    ----------
    mask : Tensor of shape (H, W), bool
        True where a spectrum was measured.
    """

    weights: torch.Tensor
    sums: torch.Tensor
    rows: torch.Tensor
    columns: torch.Tensor
    share: torch.Tensor

    def __init__(self, mask: torch.Tensor) -> None:
        super().__init__()
        height, width = mask.shape
        inside = mask.float().cpu()
        board = torch.arange(height)[:, None] + torch.arange(width)[None, :]
        even = inside * (board % 2 == 0)
        counted = torch.stack([inside, even, inside - even])  # (3, H, W): all pixels, and the two of a checkerboard
        rows = torch.stack([_gaussian(height, sigma) for sigma in SIGMAS])  # (S, H, H)
        columns = torch.stack([_gaussian(width, sigma) for sigma in SIGMAS])  # (S, W, W)
        sums = rows @ counted[:, None] @ columns.mT  # (3, S, H, W)
        share = torch.ones(len(SIGMAS))
        share[-1] = COARSEST_WEIGHT
        for name, value in {"weights": counted, "sums": sums, "rows": rows, "columns": columns, "share": share}.items():
            self.register_buffer(name, value, persistent=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the bands, shape (B, S, H, W), of images (B, 1, H, W) scaled to mean 1; 0 outside the mask."""
        return self._bands(images, 0)

    def vectors(self, images: torch.Tensor) -> torch.Tensor:
        """Return unit vectors (B, S P) of images (B, 1, H, W), each band weighted by its reliability in the image.

        The reliability of a band is the correlation of the bands computed from the even and from the odd pixels of a
        checkerboard, with the Spearman-Brown correction (Spearman 1910, Brown 1910).
        """
        inside = self.weights[0].bool()
        whole, even, odd = (
            F.normalize(_centred(self._bands(images, part)[:, :, inside]), dim=2)  # (B, S, P)
            for part in range(3)
        )
        halves = (even * odd).sum(2, keepdim=True)
        reliability = (2 * halves / (1 + halves.abs())).clamp(LEAST_RELIABILITY, 1)  # (B, S, 1)
        return F.normalize((whole * (self.share.view(-1, 1) * reliability).sqrt()).flatten(1), dim=1)

    def _bands(self, images: torch.Tensor, part: int) -> torch.Tensor:
        counted = self.weights[part]
        images = images * counted
        mean = images.sum((2, 3), keepdim=True) / counted.sum()
        images = images / mean.clamp(min=1e-12)
        smoothed = self.rows @ images @ self.columns.mT / self.sums[part].clamp(min=1e-6)  # (B, S, H, W)
        roots = smoothed.clamp(min=0).sqrt()
        inside = self.weights[0]
        coarsest = roots[:, -1:] * inside
        coarsest = coarsest - coarsest.sum((2, 3), keepdim=True) / inside.sum()
        return torch.cat([roots[:, :-1] - roots[:, 1:], coarsest], dim=1) * inside


def _gaussian(size: int, sigma: float) -> torch.Tensor:
    places = torch.arange(size, dtype=torch.float32)
    return torch.exp(-0.5 * ((places[:, None] - places) / sigma) ** 2)


def _centred(vectors: torch.Tensor) -> torch.Tensor:
    return vectors - vectors.mean(-1, keepdim=True)
