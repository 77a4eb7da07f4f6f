"""Regions of the section from files of other programs: pictures of labels, AnnData and GeoJSON."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError
from pydantic import BaseModel, ConfigDict

from msiss.data import column_names
from msiss.data.areas import LONGEST_NAME, Area
from msiss.data.formats.budget import Budget
from msiss.data.formats.h5ad_regions import pixels_and_columns
from msiss.data.formats.npy import read_npy
from msiss.data.formats.tiff import numbers, open_tiff
from msiss.data.masks import FORMATS, encode_mask
from msiss.errors import DataError

ENDINGS = ("png", "tif", "tiff", "bmp", "npy", "h5ad", "geojson", "json")
MOST_AREAS = 100  # of one file; more are single cells or noise, not regions of a tissue
MOST_TIMES = 64  # how many times as large as the section, per side, a picture of labels may be
_FEWEST, _MOST_VALUES = 2, 50  # values of a column of AnnData that is taken for regions
_MOST_CORNERS = 20_000  # of one area


class Layer(BaseModel):
    """The regions that one file, or one column of it, draws on the section.

    Attributes
    ----------
    name : str
        Name of the column; empty if the file has only one layer.
    areas : tuple of Area
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    areas: tuple[Area, ...]


def read_areas(path: Path, shape: tuple[int, int]) -> tuple[Layer, ...]:
    """Read regions from a file.

    - A picture or .npy array of labels, where 0 (or black) is outside, and each other number or colour is a region. It
      has the size of the section, or is a whole number of times as large or as small per side; of a larger one, the
      middle of each pixel counts.
    - AnnData (.h5ad): each column of obs with a few categories.
    - GeoJSON, such as from QuPath: polygons in pixels of the section, whose upper left corner is (0, 0).

    Parameters
    ----------
    path : Path
    shape : tuple of two int
        Height and width of the section in pixels.

    Raises
    ------
    DataError
        If the file cannot be read, fits no section of this size, or holds no regions.
    """
    ending = path.suffix.lower().removeprefix(".")
    if ending == "h5ad":
        layers = _of_anndata(path, shape)
    elif ending in ("geojson", "json"):
        layers = (Layer(name="", areas=tuple(_of_geojson(path, shape))),)
    else:
        layers = (Layer(name="", areas=tuple(_of_labels(path, _fitted(path, _labels(path), shape)))),)
    if not any(layer.areas for layer in layers):
        raise DataError(f"{path.name} holds no region on the section: all of it is 0, black or outside.")
    return layers


def _labels(path: Path) -> np.ndarray:
    """Return the labels of a picture or array, shape (h, w) or, of colours, (h, w, 3)."""
    try:
        budget = Budget(path.name, path)
        if path.suffix.lower() == ".npy":
            found = read_npy(path, budget)
        elif path.suffix.lower() in (".tif", ".tiff"):
            with open_tiff(path, budget) as file:
                found = np.squeeze(numbers(file, budget))
        else:
            found = _picture(path, budget)
    except DataError:
        raise
    except Exception as error:  # tifffile and the codecs raise many types for damaged files
        raise DataError(
            f"{path.name} cannot be read as a picture of regions. Save it as PNG or TIFF, one number or colour per "
            "region."
        ) from error
    colours = found.ndim == 3 and found.shape[2] in (3, 4)
    if found.dtype.kind not in "iufb" or not (found.ndim == 2 or colours):
        raise DataError(f"{path.name} has the shape {found.shape}; one picture of labels has rows and columns only.")
    return found[..., :3] if colours else found


def _picture(path: Path, budget: Budget) -> np.ndarray:
    try:
        with Image.open(path, formats=FORMATS) as picture:
            budget.unpack(4 * picture.width * picture.height, f"{picture.width:,} x {picture.height:,} pixels")
            plain = picture.mode in ("1", "L", "P", "I", "I;16", "I;16B", "F")
            return np.asarray(picture if plain else picture.convert("RGB"))
    except UnidentifiedImageError as error:
        raise DataError(f"{path.name} is no picture. Save it as PNG or TIFF.") from error


def _fitted(path: Path, labels: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return the label of each pixel of the section."""
    (high, wide), (height, width) = labels.shape[:2], shape
    for times in range(1, MOST_TIMES + 1):
        if (high, wide) == (height * times, width * times):
            return labels[times // 2 :: times, times // 2 :: times]
        if (high * times, wide * times) == (height, width):
            return labels.repeat(times, axis=0).repeat(times, axis=1)
    raise DataError(
        f"{path.name} has {high:,} x {wide:,} pixels (rows x columns), the section has {height:,} x {width:,}. Save it "
        "at that size, or a whole number of times as large."
    )


def _of_labels(path: Path, labels: np.ndarray) -> Iterator[Area]:
    if labels.ndim == 3:
        colours = labels.astype(np.int64)
        labels = (colours[..., 0] << 16) | (colours[..., 1] << 8) | colours[..., 2]
        values = _values(path, labels)
        names = [f"#{int(value):06x}" for value in values]
    else:
        values = _values(path, labels)
        names = [f"{value:g}" for value in values]
    for value, name in zip(values, names, strict=True):
        own = path.stem if len(values) == 1 else f"{path.stem} {name}"
        yield _area(path, own, labels == value)


def _values(path: Path, labels: np.ndarray) -> np.ndarray:
    found = np.unique(labels)
    found = found[np.isfinite(found) & (found != 0)]
    if len(found) > MOST_AREAS:
        raise DataError(
            f"{path.name} has {len(found):,} numbers or colours, so it is no picture of regions; at most {MOST_AREAS} "
            "are read. Save the labels themselves, without shading."
        )
    return found


def _area(path: Path, name: str, mask: np.ndarray) -> Area:
    return Area(name=_short(name), mask=encode_mask(mask), source=path.name)


def _short(name: object) -> str:
    return " ".join(str(name).split())[:LONGEST_NAME].strip() or "area"


def _of_anndata(path: Path, shape: tuple[int, int]) -> tuple[Layer, ...]:
    places, columns = pixels_and_columns(path, fewest=_FEWEST, most=_MOST_VALUES)
    if places.shape != shape:
        raise DataError(
            f"The pixels of {path.name} fill {places.shape[0]:,} x {places.shape[1]:,} places (rows x columns), the "
            f"section has {shape[0]:,} x {shape[1]:,}. Choose the file of this section."
        )
    layers = []
    for column, values in columns.items():
        areas = []
        for value in sorted(set(values) - {""}, key=_as_counted):
            mask = np.zeros(shape, dtype=bool)
            chosen = (np.array(values) == value) & (places.row >= 0)
            mask[places.row[chosen], places.column[chosen]] = True
            areas.append(_area(path, f"{column} {value}", mask))
        layers.append(Layer(name=_short(column), areas=tuple(areas)))
    if not layers:
        raise DataError(
            f"No column of obs in {path.name} names regions: one that does has {_FEWEST} to {_MOST_VALUES} different "
            "values."
        )
    return tuple(layers)


def _as_counted(value: str) -> tuple[float, str]:
    """Return a key that sorts "10" after "9"."""
    number = column_names.number(value)
    return (math.inf if number is None or math.isnan(number) else number), value


def _of_geojson(path: Path, shape: tuple[int, int]) -> Iterator[Area]:
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path.name} is no GeoJSON: it cannot be read as JSON.") from error
    features = content.get("features", [content]) if isinstance(content, dict) else content
    if not isinstance(features, list):
        raise DataError(f"{path.name} is no GeoJSON: it holds no features.")
    areas: dict[str, list[tuple[Any, ...]]] = {}  # polygons of one name are one region
    try:
        for feature in features:
            for polygon in _polygons(feature.get("geometry") or {}):
                rings = tuple(_ring(ring) for ring in polygon)
                areas.setdefault(_name_of(feature, path), []).append(rings)
    except (AttributeError, TypeError, ValueError, LookupError) as error:
        raise DataError(f"{path.name} is no GeoJSON that msiss reads: a polygon in it is damaged.") from error
    if len(areas) > MOST_AREAS:
        raise DataError(f"{path.name} names {len(areas):,} regions; at most {MOST_AREAS} are read.")
    for name, polygons in areas.items():
        area = Area(name=name, polygons=tuple(polygons), source=path.name)
        if area.pixels(shape).any():
            yield area


def _polygons(geometry: dict[str, Any]) -> list[Any]:
    """Return the polygons of a geometry, each as a list of rings: itself and its holes."""
    if geometry.get("type") == "Polygon":
        return [geometry["coordinates"]]
    return list(geometry["coordinates"]) if geometry.get("type") == "MultiPolygon" else []


def _ring(ring: Any) -> tuple[tuple[float, float], ...]:
    """Return the corners (row, column) of a ring, from x and y that count from the corner of the first pixel."""
    corners = [(float(point[1]) - 0.5, float(point[0]) - 0.5) for point in ring]
    if corners[0] == corners[-1]:
        corners.pop()
    if not 3 <= len(corners) <= _MOST_CORNERS or not np.isfinite(corners).all():
        raise ValueError("not a ring")
    return tuple(corners)


def _name_of(feature: dict[str, Any], path: Path) -> str:
    about = feature.get("properties") or {}
    kind = about.get("classification") or {}
    return _short(about.get("name") or (kind.get("name") if isinstance(kind, dict) else "") or path.stem)
