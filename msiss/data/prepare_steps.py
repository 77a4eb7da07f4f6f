"""The steps from measured intensities to the input images of the encoder.

Every step takes ion images of shape (N, H, W) and the mask (H, W) of the measured pixels, and returns new images.
"""

from typing import Literal

import numpy as np
from PIL import Image

Normalisation = Literal["none", "tic", "rms", "median", "reference"]


def normalising_factors(
    images: np.ndarray,
    mask: np.ndarray,
    *,
    method: Normalisation,
    tic: np.ndarray | None = None,
    reference: np.ndarray | None = None,
) -> np.ndarray | None:
    """Return the number by which each pixel is multiplied to be divided by a measure of its total signal.

    Parameters
    ----------
    images : ndarray of shape (N, H, W)
        Ion images.
    mask : ndarray of shape (H, W)
        True where a spectrum was measured.
    method : {"none", "tic", "rms", "median", "reference"}
        The measure: the total ion count, the root mean square over the ions, the median over the ions with signal in
        the pixel (most ions are absent from most pixels, so the plain median is often 0), or one ion's intensity.
    tic : ndarray of shape (H, W), optional
        Total ion count of the whole spectra, for the method "tic"; by default the sum over the images.
    reference : ndarray of shape (H, W), optional
        Image of the reference ion, for the method "reference".

    Returns
    -------
    ndarray of shape (H, W), float32, or None
        Relative to the median measure of all measured pixels with signal, so intensities keep their magnitude; 0 for
        pixels without signal, or without the reference ion. None for the method "none".
    """
    if method == "none":
        return None
    return pixel_factor(reference if reference is not None else _signal(images, method, tic), mask)


def multiply_pixels(
    images: np.ndarray,
    mask: np.ndarray,  # noqa: ARG001 - every step has both
    *,
    factors: np.ndarray | None,
) -> np.ndarray:
    """Return the images with each pixel multiplied by its factor (H, W); None changes nothing."""
    return images if factors is None else images * factors


def pixel_factor(signal: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return by what each pixel's intensities are multiplied to normalise them to a signal, shape (H, W), float32.

    Parameters
    ----------
    signal : ndarray of shape (H, W)
        Such as the total ion count.
    mask : ndarray of shape (H, W)
        True where a spectrum was measured.

    Returns
    -------
    ndarray of shape (H, W), float32
        The median signal of the measured pixels with signal, over the signal; 0 in pixels without.
    """
    signal = signal * mask.astype(np.float64)
    typical = np.median(signal[signal > 0]) if (signal > 0).any() else 1.0
    return np.divide(typical, signal, out=np.zeros_like(signal), where=signal > 0).astype(np.float32)


def _signal(images: np.ndarray, method: Normalisation, tic: np.ndarray | None) -> np.ndarray:
    if method == "tic":
        return images.sum(axis=0, dtype=np.float64) if tic is None else tic.astype(np.float64)
    if method == "rms":
        return np.sqrt(np.square(images, dtype=np.float64).mean(axis=0))
    ordered = np.sort(images, axis=0)  # (N, H, W), the zeros of each pixel first
    zeros = (ordered == 0).sum(axis=0)  # (H, W)
    last = len(images) - 1
    lower, upper = (zeros + last) // 2, (zeros + last + 1) // 2  # the middle of the non-zero ions: one, or two of them
    middle = [np.take_along_axis(ordered, np.minimum(at, last)[None], axis=0)[0] for at in (lower, upper)]
    return (middle[0].astype(np.float64) + middle[1]) / 2


def clip_hot_spots(images: np.ndarray, mask: np.ndarray, *, quantile: float) -> np.ndarray:
    """Set intensities above a quantile of their ion image to that quantile.

    The quantile is over the measured pixels with signal of the ion: over all pixels, an ion that is present in fewer
    than ``1 - quantile`` of them would be clipped to 0.
    """
    clipped = np.empty_like(images, dtype=np.float32)
    for ion, image in enumerate(images):
        found = image[mask & (image > 0)]
        clipped[ion] = np.minimum(image, np.quantile(found, quantile)) if found.size else image
    return clipped


def filter_median(images: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the median of each pixel and its eight neighbours, ignoring those outside the mask or the image.

    For an even number of values it is the lower median, so that the result is always a measured intensity.
    """
    height, width = mask.shape
    filtered = np.zeros_like(images, dtype=np.float32)
    inside = np.zeros((height + 2, width + 2), dtype=np.float32)
    shifts = [(row, column) for row in range(3) for column in range(3)]
    known = np.zeros((height + 2, width + 2), dtype=bool)
    known[1:-1, 1:-1] = mask
    neighbours = np.stack([known[r : r + height, c : c + width] for r, c in shifts])
    middle = np.maximum(neighbours.sum(axis=0) - 1, 0)[None] // 2
    for ion, image in enumerate(images):
        inside[1:-1, 1:-1] = image
        around = np.stack([inside[r : r + height, c : c + width] for r, c in shifts])
        around[~neighbours] = np.inf  # sorted after the values that count
        filtered[ion] = np.take_along_axis(np.sort(around, axis=0), middle, axis=0)[0]
    return np.where(mask, filtered, np.float32(0))


def take_log(images: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return log(1 + x / m), with m the median of the ion over the pixels with signal.

    Relative to m, the result does not depend on the unit of the intensities; well below m it is linear, so that noise
    near 0 is not amplified.
    """
    logs = np.zeros_like(images, dtype=np.float32)
    for ion, image in enumerate(images):
        found = image[mask & (image > 0)]
        if found.size:
            logs[ion] = np.log1p(image / np.median(found))
    return logs


def take_square_root(images: np.ndarray, mask: np.ndarray) -> np.ndarray:  # noqa: ARG001 - every step has both
    """Return the square roots, which stabilise the variance of counting (Poisson) noise."""
    return np.sqrt(images)


def apply_mask(images: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Set the pixels outside the mask to 0."""
    return images * mask


def scale_to_unit(images: np.ndarray, mask: np.ndarray) -> np.ndarray:  # noqa: ARG001 - every step has both
    """Divide each image by its maximum; an image of zeros is unchanged."""
    largest = images.max(axis=(1, 2), keepdims=True)  # (N, 1, 1)
    return np.divide(images, largest, out=np.zeros_like(images), where=largest > 0)


def resize_with_padding(
    images: np.ndarray, mask: np.ndarray, side: int, *, pixel_size: tuple[float, float] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Resize the images to fit into squares, centred, with the aspect ratio preserved and padded with 0.

    Pixels are averaged with a triangle filter (Pillow's bilinear filter, whose support scales with the reduction). Its
    weights are not negative, and so the intensities remain so.

    Parameters
    ----------
    images : ndarray of shape (N, H, W), float32
        Ion images.
    mask : ndarray of shape (H, W)
        True where a spectrum was measured. It is resized like an image.
    side : int
        Side of the squares in pixels.
    pixel_size : tuple of two float, optional
        Height and width of a pixel; by default pixels are square.

    Returns
    -------
    images : ndarray of shape (N, side, side), float32
    mask : ndarray of shape (side, side), bool
        True where at least half of the weight is on measured pixels.
    """
    pixel_height, pixel_width = pixel_size or (1.0, 1.0)
    extent = np.array([mask.shape[0] * pixel_height, mask.shape[1] * pixel_width])
    height, width = np.maximum(1, np.round(extent * (side / extent.max()))).astype(int).tolist()
    top, left = (side - height) // 2, (side - width) // 2
    inside = (slice(top, top + height), slice(left, left + width))

    weight = _resize(mask, height, width)
    new_mask = np.zeros((side, side), dtype=bool)
    # If measured pixels are sparse, no weight reaches one half: then the threshold is half of the largest.
    new_mask[inside] = weight >= 0.5 * weight.max()
    resized = np.zeros((len(images), side, side), dtype=np.float32)
    for ion, image in enumerate(images):
        resized[ion][inside] = _resize(image, height, width)
    return resized * new_mask, new_mask


def _resize(image: np.ndarray, height: int, width: int) -> np.ndarray:
    picture = Image.fromarray(image.astype(np.float32))
    return np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR))
