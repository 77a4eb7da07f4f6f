"""Selection of the pixels of the tissue: by threshold, polygons, a loaded mask and regions."""

import base64
import binascii
import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from msiss.data.formats.budget import Budget
from msiss.data.formats.npy import read_npy
from msiss.data.ion_images import IonImages
from msiss.data.recipe import MaskConfig
from msiss.errors import DataError, SettingError

# Quantile of the total ion count to which the threshold is relative; it excludes the few hot pixels.
BRIGHT_QUANTILE = 0.99
# Some of the other formats of Pillow start other programs.
FORMATS = ("PNG", "TIFF", "JPEG", "BMP", "GIF")


@dataclass(frozen=True, eq=False)
class Tissue:
    """The pixels of the tissue and their regions.

    Attributes
    ----------
    mask : ndarray of shape (H, W), bool
        True on the tissue.
    regions : ndarray of shape (H, W), int16
        Number of each pixel's region, from 1 in the order of `region_names`; 0 if it has none.
    region_names : tuple of str
        Names of the regions.
    """

    mask: np.ndarray
    regions: np.ndarray
    region_names: tuple[str, ...]


def tissue(images: IonImages, config: MaskConfig) -> Tissue:
    """Return which pixels of `images` are tissue, and their regions.

    These are the measured pixels above the threshold, on the loaded mask, inside the polygons to keep, if there are
    any, and outside the polygons to cut. In pixels where regions overlap, drawn regions replace those of `images`, and
    later ones earlier ones; polygons of the same name form one region. Finally, only the selected regions are kept.

    Raises
    ------
    SettingError
        If no pixel is left, the loaded mask has another size, or a selected region does not exist.
    """
    mask = images.mask.copy()
    if config.least_tic:
        total = total_ion_image(images)
        mask &= total >= config.least_tic * np.quantile(total[images.mask], BRIGHT_QUANTILE)
    if config.loaded:
        mask &= decode_mask(config.loaded, images.shape)
    inside = {role: [s for s in config.shapes if s.role == role] for role in ("keep", "cut", "region")}
    if inside["keep"]:
        mask &= np.any([polygon(shape.points, images.shape) for shape in inside["keep"]], axis=0)
    for shape in inside["cut"]:
        mask &= ~polygon(shape.points, images.shape)
    names = list(images.region_names)
    regions = np.zeros(images.shape, dtype=np.int16) if images.regions is None else images.regions.copy()
    for shape in inside["region"]:
        if shape.name not in names:
            names.append(shape.name)
        regions[polygon(shape.points, images.shape)] = names.index(shape.name) + 1
    if config.regions:
        unknown = [name for name in config.regions if name not in names]
        if unknown:
            raise SettingError(f'There is no region "{unknown[0]}". There is: {", ".join(names) or "none"}.')
        mask &= np.isin(regions, [names.index(name) + 1 for name in config.regions])
    if not mask.any():
        raise SettingError("No pixel is left. Lower the threshold, or change the polygons, so that they hold tissue.")
    return Tissue(mask, regions * mask, tuple(names))


def apply_mask(images: IonImages, config: MaskConfig) -> IonImages:
    """Return `images` with the pixels outside the tissue set to 0; the size of the images is unchanged."""
    found = tissue(images, config)
    if np.array_equal(found.mask, images.mask) and not found.region_names:
        return images
    return replace(
        images,
        images=np.where(found.mask, images.images, np.float32(0)),
        mask=found.mask,
        tic=None if images.tic is None else np.where(found.mask, images.tic, np.float32(0)),
        regions=found.regions if found.region_names else None,
        region_names=found.region_names,
    )


def total_ion_image(images: IonImages) -> np.ndarray:
    """Return the total ion count of each pixel (H, W): of the whole spectra if known, else the sum of the images."""
    return images.tic if images.tic is not None else images.images.sum(axis=0, dtype=np.float64)


def polygon(points: tuple[tuple[float, float], ...], shape: tuple[int, int]) -> np.ndarray:
    """Return which pixel centres lie inside a polygon, shape (H, W), by the even-odd rule.

    Parameters
    ----------
    points : tuple of (row, column)
        Corners in pixels; (0, 0) is the centre of the first pixel.
    shape : tuple of two int
        H and W.
    """
    rows, columns = np.arange(shape[0]), np.arange(shape[1])
    inside = np.zeros(shape, dtype=bool)
    for (row, column), (next_row, next_column) in zip(points, (*points[1:], points[0]), strict=True):
        crossed = np.flatnonzero((row > rows) != (next_row > rows))  # the rows whose horizontal ray crosses this edge
        crossing = column + (crossed - row) / (next_row - row) * (next_column - column) if len(crossed) else crossed
        inside[crossed] ^= columns < crossing[:, None]
    return inside


def encode_mask(mask: np.ndarray) -> str:
    """Return a mask (H, W) as text for a recipe: a PNG in base64."""
    file = io.BytesIO()
    Image.fromarray(np.where(mask, 255, 0).astype(np.uint8)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def decode_mask(text: str, shape: tuple[int, int] | None = None) -> np.ndarray:
    """Return the mask (H, W) that `encode_mask` turned into text.

    Raises
    ------
    SettingError
        If it is damaged, or not of the shape (H, W) that is given.
    """
    try:
        with Image.open(io.BytesIO(base64.b64decode(text, validate=True)), formats=("PNG",)) as picture:
            if shape is not None and picture.size != shape[::-1]:
                raise SettingError(
                    f"The mask of the recipe has {picture.size[1]} x {picture.size[0]} pixels (rows x columns), the "
                    f"ion images have {shape[0]} x {shape[1]}. It was made for other data: load the mask of these."
                )
            return np.asarray(picture.convert("L")) > 0
    except (binascii.Error, ValueError, OSError, Image.DecompressionBombError) as error:
        raise SettingError("The mask in the recipe is damaged. Load the mask again.") from error


def reencoded(text: str) -> str:
    """Return the mask of an untrusted recipe, decoded and encoded again; empty if there is none.

    Raises
    ------
    SettingError
        If it is damaged.
    """
    return encode_mask(decode_mask(text)) if text else ""


def load_mask(path: Path, shape: tuple[int, int]) -> str:
    """Read a mask from an image or an .npy file, not 0 on the tissue, as text for a recipe.

    Raises
    ------
    DataError
        If the file cannot be read, or has another size than the ion images.
    """
    try:
        if path.suffix.lower() == ".npy":
            mask = read_npy(path, Budget(path.name, path))
            _same_size(path, mask.shape, shape)
        else:
            mask = _picture(path, shape)
    except (OSError, ValueError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise DataError(f"{path.name} cannot be read as a mask. Save it as a PNG, white on the tissue.") from error
    return encode_mask(mask != 0)


def _picture(path: Path, shape: tuple[int, int]) -> np.ndarray:
    with Image.open(path, formats=FORMATS) as picture:
        _same_size(path, picture.size[::-1], shape)  # before it is decoded
        return np.asarray(picture.convert("L"))


def _same_size(path: Path, found: tuple[int, ...], shape: tuple[int, int]) -> None:
    if found != shape:
        raise DataError(
            f"{path.name} has {' x '.join(map(str, found))} pixels (rows x columns), the ion images have "
            f"{shape[0]} x {shape[1]}. Save the mask at that size, one of its pixels for each pixel of the images."
        )
