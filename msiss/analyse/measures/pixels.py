"""Operations on masked images that the measures share: downsampling, smoothing, centring.

All are separable, so each takes two matrix products for a whole stack of ion images.
"""

import numpy as np

from msiss.analyse.parallel import one_blas_thread

# Of a Gaussian at its peak. Processors multiply numbers below 1e-38 much more slowly, and float32 does not
# see what is 1e-7 of a sum.
LEAST_WEIGHT = 1e-12


def measured(images: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the measured pixels of each image, scaled to mean 1, shape (M, P), float32; none is negative."""
    values = images[:, mask].astype(np.float32).clip(0)
    mean = values.mean(axis=1, keepdims=True)
    return values / np.where(mean > 0, mean, 1)


def shrink(images: np.ndarray, mask: np.ndarray, longest: int) -> tuple[np.ndarray, np.ndarray]:
    """Average pixels until the longer side has at most `longest` of them, and scale each image to mean 1.

    Parameters
    ----------
    images : ndarray of shape (M, H, W)
        Ion images, not negative.
    mask : ndarray of shape (H, W), bool
        True where a spectrum was measured; only these pixels count.
    longest : int
        In pixels; smaller images keep their size.

    Returns
    -------
    images : ndarray of shape (M, h, w), float32
        With mean 1 inside the mask; an image without signal stays 0. Zero outside the mask.
    mask : ndarray of shape (h, w), bool
        True where at least half of the area was measured.
    """
    height, width = mask.shape
    scale = min(1.0, longest / max(height, width))
    rows, columns = (_averages(size, max(1, round(size * scale))) for size in (height, width))
    share = rows @ mask.astype(np.float32) @ columns.T
    inside = share >= min(0.5, share.max()) - 1e-6  # the margin keeps pixels with exactly one half despite rounding
    small = _between(rows, np.where(mask, images, 0).astype(np.float32), columns)
    small = np.where(inside, small / np.where(inside, share, 1), 0)
    mean = small[:, inside].mean(axis=1)[:, None, None]
    return (small / np.where(mean > 0, mean, 1)).astype(np.float32), inside


def smooth(images: np.ndarray, mask: np.ndarray, sigma: float) -> np.ndarray:
    """Smooth images with a Gaussian, normalised by the weights of the measured pixels.

    Parameters
    ----------
    images : ndarray of shape (M, h, w), float32
    mask : ndarray of shape (h, w)
        Weight of each pixel; 0 for pixels that do not count.
    sigma : float
        In pixels.

    Returns
    -------
    ndarray of shape (M, h, w), float32
        0 if no pixel that counts is near.
    """
    return divided(*smooth_sums(images, mask, sigma))


def smooth_sums(images: np.ndarray, mask: np.ndarray, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the weighted sums (M, h, w) of the pixels that count around each, and the sums (h, w) of the weights.

    Parameters are those of `smooth`, which divides the one by the other.
    """
    rows, columns = (_gaussian(size, sigma) for size in mask.shape)
    return _between(rows, images * mask, columns), rows @ mask.astype(np.float32) @ columns.T


def divided(sums: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return weighted sums (M, h, w) over the sums of their weights (h, w); 0 where these are next to nothing."""
    return sums * np.where(weights > 1e-6, 1 / np.maximum(weights, 1e-6), 0)


def centred_unit(vectors: np.ndarray, *, made_of: np.ndarray | None = None) -> np.ndarray:
    """Subtract each vector's mean and scale it to length 1; a constant vector becomes 0.

    Parameters
    ----------
    vectors : ndarray of shape (M, P)
    made_of : ndarray of shape (M, P), optional
        Minuend, if the vectors are differences; its magnitude determines their rounding errors.

    Returns
    -------
    ndarray of shape (M, P), float32
    """
    centred = vectors - vectors.mean(axis=1, keepdims=True)
    lengths, size = (_lengths(some) for some in (centred, vectors if made_of is None else made_of))
    # The rounding errors of a constant vector must not be scaled up to a pattern.
    centred *= np.where(lengths > 1e-5 * size, 1 / np.where(lengths > 0, lengths, 1), 0)
    return centred.astype(np.float32, copy=False)


def _lengths(vectors: np.ndarray) -> np.ndarray:
    return np.sqrt(np.einsum("mp,mp->m", vectors, vectors))[:, None]


def _averages(size: int, fewer: int) -> np.ndarray:
    """Return the (fewer, size) matrix that averages `size` pixels into `fewer`, weighted by overlap."""
    edges = np.linspace(0, size, fewer + 1)
    pixels = np.arange(size)
    overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return (overlap.clip(0) * fewer / size).astype(np.float32)


def _gaussian(size: int, sigma: float) -> np.ndarray:
    offsets = np.subtract.outer(np.arange(size), np.arange(size))
    weights = np.exp(-0.5 * (offsets / sigma) ** 2)
    return np.where(weights > LEAST_WEIGHT, weights, 0).astype(np.float32)


def _between(rows: np.ndarray, images: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return ``rows @ images @ columns.T`` for a stack of images (M, H, W)."""
    with one_blas_thread():
        return rows @ images @ columns.T
