"""Stacks of ion images in NumPy files.

``.npz``
    ``images`` or ``cube`` (N, H, W), ``mz`` (N,) in Th; optional ``mask`` (H, W), not 0 where a spectrum was measured;
    ``labels`` (N,), known classes as numbers or text; ``names`` (N,), text. Instead of the images spectra (P, N), with
    ``coords`` (P, 2), the column and the row of each pixel. Other programs' names of these arrays are known as well.
``.npy``
    (N, H, W), with the m/z in ``args.txt`` beside it if msi_visual wrote them. Or an object array, see
    `msiss.data.formats.benchmark`.

Other orders of the axes are recognised, see `msiss.data.formats.axes`. Pixels that are NaN in all images count as not
measured.
"""

import json
import re
import uuid
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from msiss.data.axis import AXES, MZ, RAMAN, WAVELENGTH, WAVENUMBER
from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats import MZ_FILES, benchmark
from msiss.data.formats.axes import FIRST
from msiss.data.formats.budget import Budget
from msiss.data.formats.npy import Npz, open_npz, read_npy
from msiss.data.formats.placed import place
from msiss.data.formats.stack import SAVE_AS, Stack, Unusable, classes, finished
from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress, ignore
from msiss.data.recipe import AS_READ, ReadConfig
from msiss.data.small import read_small
from msiss.data.stored_images import Meta
from msiss.errors import DataError

META = "msiss"  # the array of an .npz file with everything else, as JSON
# Names of the images or spectra, of the m/z, and of the coordinates of pixels.
DOCUMENTED = ("images", "cube")
CUBES = (*DOCUMENTED, "data", "X", "spectra", "intensities", "intensity", "ion_images", "stack", "arr_0")
MZS = ("mz", "mzs", "m_z", "m/z", "mass", "masses", "mz_values", "mass_list")
COORDINATES = ("coords", "coordinates", "xy", "positions")
# Names of the positions on another axis than m/z.
AXIS_KEYS = {
    "raman_shift": RAMAN,
    "shift": RAMAN,
    "wavenumber": WAVENUMBER,
    "wavenumbers": WAVENUMBER,
    "wavelength": WAVELENGTH,
    "wavelengths": WAVELENGTH,
}
_ARGUMENTS = re.compile(rb"\bmzs=(?:array\()?\[([-+0-9.eE,\s]*)\]")  # as Python prints them


def load(
    path: Path,
    *,
    config: ReadConfig = AS_READ,
    progress: Progress = ignore,  # noqa: ARG001 - it is quick
) -> tuple[IonImages, list[HealthRow]]:
    """Return the ion images in an .npz or .npy file, in one of the layouts of this module, and the findings.

    Integers are converted. Invalid intensities are read as 0, and ions without signal are left out.

    Raises
    ------
    DataStop
        If the file cannot be used.
    """
    budget = Budget(path.name, path)
    try:
        stack = _read_npz(path, budget) if path.suffix.lower() == ".npz" else _read_npy(path, budget)
        images = finished(stack, config)
    except Unusable as error:
        raise DataStop(error.row, path.name) from error
    except (DataError, OSError, MemoryError):
        raise
    except Exception as error:  # the JSON may have any form
        row = HealthRow("file", "stop", f"The file cannot be read: {error}.", "", f"It may be damaged. {SAVE_AS}")
        raise DataStop(row, path.name) from error
    return images, stack.rows


def _read_npz(path: Path, budget: Budget) -> Stack:
    with open_npz(path, budget) as file:
        key = next((name for name in CUBES if name in file), None)
        if key is None:
            raise Unusable("images", f"It holds {_some(file)}, but no array named images.")
        mzs = next((name for name in MZS if name in file), "mz")
        parts = {name: file[name] for name in (mzs, "mask", "labels", "names", *AXIS_KEYS) if name in file}
        other = next((name for name in AXIS_KEYS if name in parts and mzs not in parts), None)
        positions = parts.get(other or mzs)
        stack = Stack(
            budget=budget,
            images=file[key],
            mz=None if positions is None else np.asarray(positions, dtype=np.float64),
            axis=AXIS_KEYS[other] if other else MZ,
            mask=parts["mask"] != 0 if "mask" in parts else None,
            labels=classes(parts["labels"], budget) if "labels" in parts else None,
            names=_texts(parts["names"], budget) if "names" in parts else (),
        )
        if stack.images.ndim == 2:
            _place(stack, file)
        stack.documented = key in DOCUMENTED
        if META in file:
            stack.axes = FIRST
            _take_meta(stack, json.loads(_texts(file[META], budget)[0]), file)
        return stack


def _some(file: Npz) -> str:
    names = [name[:40] for name in file]
    return ", ".join(names[:5]) + (f" and {len(names) - 5:,} more" if len(names) > 5 else "") or "nothing"


def _texts(array: np.ndarray, budget: Budget) -> tuple[str, ...]:
    budget.reserve(array.nbytes, "The text in it")
    return tuple(str(text) for text in array.ravel())


def _take_meta(stack: Stack, written: Any, file: Npz) -> None:
    """Add the fields that `write_stack` wrote."""
    try:
        meta = Meta.model_validate({**written, "fingerprint": ""})
    except (TypeError, ValidationError) as error:
        raise Unusable("file", f"What {META} in it says about the images is damaged.") from error
    stack.names, stack.polarity = meta.names, meta.polarity
    stack.axis = AXES.get(meta.axis.name, meta.axis)
    stack.more = {
        "pixel_size": meta.pixel_size,
        "source": meta.source,
        "annotations": meta.annotations,
        "region_names": meta.region_names,
        "recipe": meta.recipe,
        "about": meta.about,
    } | {name: file[name] for name in ("tic", "regions", "positions", "stage", "picture") if name in file}


def _place(stack: Stack, file: Npz) -> None:
    """Turn spectra into images, if the file holds the coordinates of the pixels."""
    key = next((name for name in COORDINATES if name in file), None)
    if key is None and not ("x" in file and "y" in file):
        return
    coordinates = file[key] if key else np.column_stack([file["x"].ravel(), file["y"].ravel()])
    try:
        stack.images, stack.more, rows = place(stack.images, coordinates, stack.budget.name, stack.budget)
    except ValueError as error:
        shapes = f"{stack.images.shape} and {coordinates.shape}"
        meaning = "There must be a row for each pixel, and its column and row."
        raise Unusable("coordinates", f"Spectra and coordinates have the shapes {shapes}.", meaning) from error
    stack.axes = FIRST
    stack.rows += rows


def _read_npy(path: Path, budget: Budget) -> Stack:
    array = read_npy(path, budget, objects=True)
    if array.dtype != object:
        mz = _mz_beside(path, budget)
        return Stack(budget=budget, images=array, mz=mz if mz is not None and len(mz) in array.shape else None)
    return benchmark.read(array, path, budget)


def _mz_beside(path: Path, budget: Budget) -> np.ndarray | None:
    """Return the m/z beside an array, in a file mz.npy or in the args.txt that msi_visual writes; None without them."""
    for listed in map(path.with_name, MZ_FILES):
        budget.found(listed)
        if listed.is_file() and listed != path:
            mz = read_npy(listed, budget)
            return mz.astype(np.float64) if mz.ndim == 1 and mz.dtype.kind in "fiu" else None
    try:
        found = _ARGUMENTS.search(read_small(path.with_name("args.txt")))
        return None if found is None else np.array([float(text) for text in found[1].split(b",")])
    except (OSError, DataError, ValueError):  # it is another file
        return None


def write_stack(images: IonImages, path: Path) -> None:
    """Write a data set as one compressed .npz file, from which `load` restores it exactly.

    Raises
    ------
    DataError
        If it cannot be written; no incomplete file remains.
    """
    arrays = {name: array for name, array in vars(images).items() if isinstance(array, np.ndarray)}
    meta = {
        "names": list(images.names),
        "polarity": images.polarity,
        "pixel_size": images.pixel_size,
        "source": images.source,
        "axis": asdict(images.axis),
        "annotations": dict(images.annotations),
        "region_names": list(images.region_names),
        "recipe": images.recipe,
        "about": dict(images.about),
    }
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        with unfinished.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays, **{META: np.array(json.dumps(meta))})
        unfinished.replace(path)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror or error}. Check the free space there.") from error
    finally:
        unfinished.unlink(missing_ok=True)
