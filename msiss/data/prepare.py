"""From measured intensities to the input images of the encoder: which steps are made, in which order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from msiss.data.axis import MZ, Axis
from msiss.data.ion_images import IonImages
from msiss.data.prepare_steps import (
    Normalisation,
    apply_mask,
    clip_hot_spots,
    filter_median,
    multiply_pixels,
    normalising_factors,
    resize_with_padding,
    scale_to_unit,
    take_log,
    take_square_root,
)
from msiss.errors import SettingError

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


def clean(images: IonImages, config: PrepareConfig, ions: np.ndarray | None = None) -> np.ndarray:
    """Return the ion images in [0, 1] at their own resolution.

    Parameters
    ----------
    images : IonImages
        N ion images of H x W pixels.
    config : PrepareConfig
        The settings; `side` has no effect here.
    ions : ndarray of shape (n,), int, optional
        The ions to return, in this order; by default all.

    Returns
    -------
    ndarray of shape (N, H, W) or (n, H, W), float32
    """
    if ions is not None and not len(ions):
        return np.zeros((0, *images.shape), dtype=np.float32)
    chosen = images.images if ions is None else images.images[ions]
    return _cleaned(chosen, images.mask, _steps(config, pixel_factors(images, config)))


def _cleaned(images: np.ndarray, mask: np.ndarray, steps: Sequence[Step]) -> np.ndarray:
    cleaned = np.asarray(images, dtype=np.float32)
    for step in steps:
        cleaned = step(cleaned, mask)
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
        Cluster of each ion, from 0; ions with a negative one are left out.

    Returns
    -------
    dict of int to ndarray of shape (H, W), float32
        In [0, 1], as every ion image is scaled to that first.
    """
    counted = np.flatnonzero(clusters >= 0)
    sums = {cluster: np.zeros(images.shape) for cluster in np.unique(clusters[counted]).tolist()}
    steps = _steps(config, pixel_factors(images, config))
    for start in range(0, len(counted), MEAN_BLOCK):
        ions = counted[start : start + MEAN_BLOCK]
        cleaned = _cleaned(images.images[ions], images.mask, steps)
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

    See `normalising_factors`.
    """
    reference = _reference(images, config.reference_mz) if config.normalisation == "reference" else None
    return normalising_factors(
        images.images, images.mask, method=config.normalisation, tic=images.tic, reference=reference
    )


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
