"""Zarr folders: tables of SpatialData and AnnData, images of SpatialData and OME-NGFF, and stacks of plain arrays.

The table of pixels x ions is read as that of an .h5ad file. Of an image with several resolutions the first is read, and
the names of its channels are the m/z. The formats are described at spatialdata.scverse.org ("Design document"),
anndata.readthedocs.io ("On-disk format") and ngff.openmicroscopy.org.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from msiss.data.axis import MZ, NUMBER
from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats import h5ad
from msiss.data.formats.assemble import assemble
from msiss.data.formats.axes import order_of
from msiss.data.formats.budget import Budget
from msiss.data.formats.hdf5 import Unusable, Values
from msiss.data.formats.picture_mz import assemble_named, distinct, mz_of
from msiss.data.formats.tiff_names import UNITS
from msiss.data.formats.zarr_store import Store, ZarrFolder, ZarrValues
from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress, Watched, ignore
from msiss.data.recipe import AS_READ, ReadConfig
from msiss.words import listed

MZS = ("mz", "mzs", "m_z", "masses")
CUBES = ("images", "cube", "data", "intensities")
_MORE = "Copy or download the folder again."
_Loaded = tuple[IonImages, list[HealthRow]]


def load(path: Path, *, config: ReadConfig = AS_READ, progress: Progress = ignore) -> _Loaded:
    """Return the ion images in a zarr folder and the findings.

    Raises
    ------
    DataStop
        If it is damaged, holds no ion images, or several tables or images that could be meant.
    """
    watched = Watched(progress)
    try:
        budget = Budget(path.name)
        budget.found(*(file for file in path.rglob("*") if file.is_file()))
        return _load(Store(path, budget), path.name, config, watched)
    except (DataStop, OSError, MemoryError):
        raise
    except Unusable as error:
        raise DataStop(HealthRow("zarr", "stop", f"{error}", "", error.action or _MORE), path.name) from error
    except Exception as error:  # zarr raises many types for damaged folders
        if watched.stopped:
            raise
        row = HealthRow(
            "zarr", "stop", f"The zarr folder cannot be read: {str(error)[:200]}.", "It may be damaged.", _MORE
        )
        raise DataStop(row, path.name) from error


def _load(store: Store, name: str, config: ReadConfig, progress: Progress) -> _Loaded:
    top = store.opened(store.path)
    if isinstance(top, ZarrValues):
        return _cube(top, None, name, config)
    if "obs" in top and "var" in top:
        return h5ad.read_table(store, name, progress)
    if (image := _multiscale(top)) is not None:
        return _image(top, image, name, config, progress)
    tables = [one for key in ("tables", "table") for one in _members(top, key) if "obs" in one and "var" in one]
    if len(tables) > 1:
        raise _several(tables, store.path)
    images = [one for one in _members(top, "images") if _multiscale(one) is not None]
    if tables and not (len(images) == 1 and _is_bare(tables[0])):
        return h5ad.read_table(Store(store.path, store.budget, tables[0].path), name, progress)
    images = images or [one for one in _members(top, "") if _multiscale(one) is not None]  # as bioformats2raw writes
    if len(images) > 1:
        raise _several(images, store.path)
    if images:
        found = _multiscale(images[0])
        assert found is not None
        return _image(images[0], found, name, config, progress)
    key = next((key for key in CUBES if key in top), None)
    if key is not None:
        other = next((other for other in MZS if other in top), None)
        return _cube(top.values(key), None if other is None else top.values(other), name, config)
    held = f"It holds {', '.join(list(top)[:5]) or 'nothing'}, but no table of pixels and no image."
    raise Unusable(held, "Save a table of pixels and ions as .h5ad (AnnData), or the images as OME-TIFF.")


def _members(top: ZarrFolder, key: str) -> list[ZarrFolder]:
    """Return the groups in a group, which may be missing."""
    folder = top.folder(key) if key else top
    if folder is None:
        return []
    inside = (folder[name] for name in folder)
    itself = [folder] if "obs" in folder else []  # the only table of SpatialData before 0.1
    return [one for one in [*itself, *inside] if isinstance(one, ZarrFolder)]


def _is_bare(table: ZarrFolder) -> bool:
    """Whether a table has neither coordinates nor values of its own, as one of regions in an image."""
    try:
        h5ad.coordinates(table, h5ad.Frame(table, "obs"), "")
    except Unusable:
        return True
    return False


def _several(found: list[ZarrFolder], path: Path) -> Unusable:
    names = [one.path.relative_to(path).as_posix() for one in found]
    return Unusable(
        f"It holds several that could be meant: {listed(names[:5])}.",
        f"Choose the folder of one of them, such as {path.name}/{names[0]}.",
    )


def _multiscale(folder: ZarrFolder) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    """Return the description of an image with several resolutions, and what it says about channels."""
    about = folder.attribute("ome") or folder.attributes
    try:
        image = about["multiscales"][0]
        return image, about.get("omero") or {}
    except (KeyError, IndexError, TypeError, AttributeError):
        return None


def _image(
    folder: ZarrFolder,
    image: tuple[Mapping[str, Any], Mapping[str, Any]],
    name: str,
    config: ReadConfig,
    progress: Progress,
) -> _Loaded:
    about, omero = image
    try:
        path = str(about["datasets"][0]["path"])
        axes = [str(axis["name"] if isinstance(axis, dict) else axis).lower() for axis in about.get("axes") or "tczyx"]
        labels = [str(one.get("label", "")) for one in omero.get("channels") or ()]
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise Unusable("The description of the image is damaged.") from error
    values = folder.values(path)
    if len(values.shape) != len(axes) or not {"y", "x"} <= set(axes):
        raise Unusable(f"The image has the shape {values.shape} and the axes {', '.join(axes)[:60]}.")
    others = [
        axis for axis, length in zip(axes, values.shape, strict=True) if axis not in ("c", "y", "x") and length > 1
    ]
    if others:
        raise Unusable(f"The image has several {others[0][:20]}.", "Save one plane, a section, per file.")
    cube = _numbers(values)
    keep = [place for place, axis in enumerate(axes) if axis in ("c", "y", "x")]
    cube = cube.reshape([cube.shape[place] for place in keep])
    kept = [axes[place] for place in keep]
    if "c" not in kept:
        cube, kept = cube[None], ["c", *kept]
    cube = np.ascontiguousarray(cube.transpose([kept.index(axis) for axis in ("c", "y", "x")]))
    progress(1, f"Reading {name}")
    names = labels if len(labels) == len(cube) else [""] * len(cube)
    mz, rows = mz_of(names, config, file=name, what="page", labels=distinct(names))
    images, more = assemble_named(cube, mz, names, name=name, pixel_size=_pixel_size(about, axes))
    return images, rows + more


def _pixel_size(about: Mapping[str, Any], axes: list[str]) -> tuple[float, float] | None:
    """Return height and width of a pixel in micrometres, if the image says them."""
    try:
        steps = about["datasets"][0]["coordinateTransformations"]
        scale = next(step["scale"] for step in steps if step["type"] == "scale")
        units = {str(axis["name"]).lower(): str(axis.get("unit", "")) for axis in about["axes"]}
        height, width = (
            float(scale[axes.index(side)]) * UNITS.get({"micrometer": "µm"}.get(units[side], units[side]), 0)
            for side in ("y", "x")
        )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, StopIteration):
        return None
    return (height, width) if 0 < height < np.inf and 0 < width < np.inf else None


def _cube(values: Values, positions: Values | None, name: str, config: ReadConfig) -> _Loaded:
    if len(values.shape) != 3:
        raise Unusable(f"The array has the shape {values.shape}, not (ions, rows, columns).")
    mz = None if positions is None else positions.read().astype(np.float64)
    cube = _numbers(values)
    order, rows = order_of(cube, config.axes, name, ions=None if mz is None else mz.size)
    cube = np.ascontiguousarray(cube.transpose(order))
    if mz is not None and mz.shape != (len(cube),):
        raise Unusable(f"There are {len(cube):,} images, but the m/z have the shape {mz.shape}.")
    return _assembled(cube, mz, name, rows if mz is not None else [*rows, _unnamed()])


def _numbers(values: Values) -> np.ndarray:
    """Return all values of an array in single precision."""
    if values.dtype.kind not in "fiub":
        raise Unusable("The images are not numbers.")
    if values.dtype != np.float32:
        values.file.budget.reserve(4 * int(np.prod(values.shape, dtype=object)), "All images in single precision")
    with np.errstate(over="ignore"):  # values beyond 32-bit floats become infinite and are counted
        return values.read().astype(np.float32, copy=False)


def _assembled(cube: np.ndarray, mz: np.ndarray | None, name: str, rows: list[HealthRow]) -> _Loaded:
    axis = NUMBER if mz is None else MZ
    images, last = assemble(cube, np.arange(1.0, len(cube) + 1) if mz is None else mz, name=name, axis=axis)
    return images, [*rows, *last]


def _unnamed() -> HealthRow:
    found = "The folder does not say which m/z the images belong to."
    action = "Name the channels by their m/z."
    return HealthRow("m/z", "warning", found, "The images are numbered from 1, in place of an m/z.", action)
