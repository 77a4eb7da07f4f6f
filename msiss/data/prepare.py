"""From measured intensities to the input images of the encoder: an ordered list of small functions.

Every step takes ion images of shape (N, H, W) and the mask (H, W) of the measured pixels, and returns new images.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from msiss.data.axis import MZ, Axis
from msiss.data.ion_images import IonImages
from msiss.errors import SettingError

Normalisation = Literal["none", "tic", "rms", "median", "reference"]
Transform = Literal["none", "square root", "log"]
Step = Callable[[np.ndarray, np.ndarray], np.ndarray]


# Relative distance within which an ion counts as the reference peak: wide enough for a value of few digits.
REFERENCE_TOLERANCE = 1e-4
MEAN_BLOCK = 64  # ion images that are cleaned at a time for the means of clusters


class PrepareConfig(BaseModel):
    """How ion images are prepared, in the order of the fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    normalisation: Normalisation = Field(
        "none",
        title="Normalisation",
        description="Divide each pixel's intensities by its total ion count (tic), root mean square (rms), median, or "
        "by the intensity of a reference peak.",
    )
    reference_mz: float = Field(
        0.0,
        ge=0,
        le=1e6,
        title="Reference peak (m/z)",
        description="The ion nearest to this m/z is the reference peak, such as an internal standard; used only where "
        "the normalisation is to a reference.",
    )
    hotspot_quantile: float = Field(
        0.999,
        ge=0.5,
        le=1,
        title="Hot-spot quantile",
        description="Intensities above this quantile of an ion image are set to it, "
        "so that one bright pixel does not hide the rest.",
    )
    median_filter: bool = Field(
        False,
        title="3 x 3 median filter",
        description="Replace each pixel by the median of itself and its neighbours on the tissue, which removes single "
        "bright and dark pixels.",
    )
    transform: Transform = Field(
        "none",
        title="Intensity transform",
        description="Square root evens out counting noise; log shows weak and strong parts of an image alike.",
    )
    side: int = Field(
        96,
        ge=32,
        le=256,
        title="Image side (px)",
        description="Side of the square images that are learned from, in pixels.",
    )


@dataclass(frozen=True, eq=False)
class Prepared:
    """Cleaned ion images, at their own resolution and as the input of an encoder.

    Attributes
    ----------
    images : ndarray of shape (N, side, side), float32
        Intensities in [0, 1]; 0 outside the mask.
    mask : ndarray of shape (side, side), bool
        True where the tissue section was measured; False in the padding.
    cleaned : ndarray of shape (N, H, W), float32
        The same ion images as measured, in [0, 1]; see `clean`.
    measured : ndarray of shape (H, W), bool
        True where a spectrum was measured.
    """

    images: np.ndarray
    mask: np.ndarray
    cleaned: np.ndarray
    measured: np.ndarray

    def __len__(self) -> int:
        """Return the number of ions."""
        return len(self.images)

    def __getitem__(self, ions: slice | np.ndarray) -> "Prepared":
        """Return some of the ions."""
        return replace(self, images=self.images[ions], cleaned=self.cleaned[ions])


def clean(images: IonImages, config: PrepareConfig) -> np.ndarray:
    """Return the ion images in [0, 1] at their own resolution.

    Parameters
    ----------
    images : IonImages
        N ion images of H x W pixels.
    config : PrepareConfig
        The settings; `side` has no effect here.

    Returns
    -------
    ndarray of shape (N, H, W), float32
    """
    cleaned = np.asarray(images.images, dtype=np.float32)
    for step in _steps(config, pixel_factors(images, config)):
        cleaned = step(cleaned, images.mask)
    return cleaned


def mean_images(images: IonImages, config: PrepareConfig, clusters: np.ndarray) -> dict[int, np.ndarray]:
    """Return the mean of the images of each cluster, by its number, without cleaning all of them at a time.

    Parameters
    ----------
    images : IonImages
        N ion images of H x W pixels.
    config : PrepareConfig
        The settings; `side` has no effect here.
    clusters : ndarray of shape (N,), int
        Cluster of each ion.

    Returns
    -------
    dict of int to ndarray of shape (H, W), float32
        In [0, 1], as every ion image is scaled to that first.
    """
    sums = {int(cluster): np.zeros(images.shape) for cluster in np.unique(clusters)}
    steps = _steps(config, pixel_factors(images, config))
    for start in range(0, len(images), MEAN_BLOCK):
        ions = slice(start, start + MEAN_BLOCK)
        cleaned = np.asarray(images.images[ions], dtype=np.float32)
        for step in steps:
            cleaned = step(cleaned, images.mask)
        for cluster, image in zip(clusters[ions].tolist(), cleaned, strict=True):
            sums[cluster] += image
    return {cluster: (total / (clusters == cluster).sum()).astype(np.float32) for cluster, total in sums.items()}


def prepare(images: IonImages, config: PrepareConfig) -> Prepared:
    """Clean the ion images, then fit them into squares of `config.side` pixels.

    The images are scaled to [0, 1] again at the end, because averaging pixels lowers the maximum.
    """
    cleaned = clean(images, config)
    resized, mask = resize_with_padding(cleaned, images.mask, config.side, pixel_size=images.pixel_size)
    return Prepared(scale_to_unit(resized, mask), mask, cleaned, images.mask)


def describe(config: PrepareConfig, axis: Axis = MZ) -> str:
    """Return a short description of the preparation, to show beside an image."""
    words = [describe_normalisation(config, axis), f"clipped at the {config.hotspot_quantile:.5g} quantile"]
    if config.median_filter:
        words.append("3 × 3 median")
    if config.transform != "none":
        words.append(config.transform)
    return ", ".join(words)


def describe_normalisation(config: PrepareConfig, axis: Axis = MZ) -> str:
    """Return by what each pixel was divided, such as "TIC-normalised"."""
    normalisations = {
        "none": "not normalised",
        "tic": "TIC-normalised",
        "rms": "RMS-normalised",
        "median": "median-normalised",
        "reference": f"normalised to {axis.text(config.reference_mz)}",
    }
    return normalisations[config.normalisation]


def pixel_factors(images: IonImages, config: PrepareConfig) -> np.ndarray | None:
    """Return the number by which each pixel is multiplied to be normalised, (H, W), float32; None for no normalisation.

    See `normalise_pixels`.
    """
    if config.normalisation == "none":
        return None
    reference = _reference(images, config.reference_mz) if config.normalisation == "reference" else None
    return _factors(images.images, images.mask, config.normalisation, images.tic, reference)


def _steps(config: PrepareConfig, factors: np.ndarray | None) -> list[Step]:
    """Return the steps after `pixel_factors`; each ion image passes through them by itself."""
    steps: list[Step] = [
        partial(multiply_pixels, factors=factors),
        partial(clip_hot_spots, quantile=config.hotspot_quantile),
    ]
    if config.median_filter:
        steps.append(filter_median)
    if config.transform != "none":
        steps.append({"square root": take_square_root, "log": take_log}[config.transform])
    return [*steps, apply_mask, scale_to_unit]


def _reference(images: IonImages, mz: float) -> np.ndarray:
    """Return the image (H, W) of the ion at `mz`."""
    nearest = int(np.abs(images.mz - mz).argmin())
    if abs(images.mz[nearest] - mz) > REFERENCE_TOLERANCE * mz:
        raise SettingError(
            f"No ion of this data set lies at the reference peak {images.axis.text(mz)}; the nearest is "
            f"{images.axis.text(images.mz[nearest])}. Choose an ion of the data set as the reference."
        )
    return images.images[nearest]


def normalise_pixels(
    images: np.ndarray,
    mask: np.ndarray,
    *,
    method: Normalisation,
    tic: np.ndarray | None = None,
    reference: np.ndarray | None = None,
) -> np.ndarray:
    """Divide the intensities of each pixel by a measure of its total signal.

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
    ndarray of shape (N, H, W), float32
        Relative to the median measure of all measured pixels with signal, so intensities keep their magnitude.
        Pixels without signal, or without the reference ion, become 0.
    """
    factors = None if method == "none" else _factors(images, mask, method, tic, reference)
    return multiply_pixels(images, mask, factors=factors)


def multiply_pixels(
    images: np.ndarray,
    mask: np.ndarray,  # noqa: ARG001 - every step has both
    *,
    factors: np.ndarray | None,
) -> np.ndarray:
    """Return the images with each pixel multiplied by its factor (H, W); None changes nothing."""
    return images if factors is None else images * factors


def _factors(
    images: np.ndarray,
    mask: np.ndarray,
    method: Normalisation,
    tic: np.ndarray | None,
    reference: np.ndarray | None,
) -> np.ndarray:
    return pixel_factor(reference if reference is not None else _signal(images, method, tic), mask)


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
