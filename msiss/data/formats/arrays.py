"""Stacks of ion images in NumPy files.

``.npz``
    ``images`` or ``cube`` (N, H, W), ``mz`` (N,) in Th; optional ``mask`` (H, W), not 0 where a spectrum was measured;
    ``labels`` (N,), known classes as numbers or text; ``names`` (N,), text. Instead of the images spectra (P, N), with
    ``coords`` (P, 2), the column and the row of each pixel. Other programs' names of these arrays are known as well.
``.npy``
    (N, H, W), with the m/z in ``args.txt`` beside it if msi_visual wrote them. Or the benchmark of Hu, Bindu & Laskin
    (Chem. Sci. 2022, 13, 90): an object array (N, 2) of grey images (H, W, 3) and labels, with ``mass_list.npy``
    (N, 3), polarity, m/z and class, and ``mask.npy`` (H, W), 1 *off* the tissue, optionally beside it.

Other orders of the axes are recognised, see `msiss.data.formats.axes`. Pixels that are NaN in all images count as not
measured.
"""

import json
import re
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from msiss.data.axis import AXES, MZ, NUMBER, RAMAN, WAVELENGTH, WAVENUMBER, Axis
from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats.axes import FIRST, order_of, three_axes
from msiss.data.formats.budget import Budget
from msiss.data.formats.npy import Npz, open_npz, read_npy
from msiss.data.formats.placed import place
from msiss.data.intensities import clean, intensity_row
from msiss.data.ion_images import UNLABELLED, IonImages
from msiss.data.progress import Progress, ignore
from msiss.data.recipe import AS_READ, ReadConfig
from msiss.data.small import read_small
from msiss.data.stored_images import Meta, Polarity
from msiss.errors import DataError
from msiss.words import count

META = "msiss"  # the array of an .npz file with everything else, as JSON
# Names of the images or spectra, of the m/z, and of the coordinates of pixels.
DOCUMENTED = ("images", "cube")
CUBES = (*DOCUMENTED, "data", "X", "spectra", "intensities", "intensity", "ion_images", "stack", "arr_0")
MZS = ("mz", "mzs", "m_z", "m/z", "masses", "mz_values", "mass_list")
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
SAVE_AS = "Save it again with numpy.savez(FILE, images=..., mz=...)."
_ARGUMENTS = re.compile(rb"\bmzs=(?:array\()?\[([-+0-9.eE,\s]*)\]")  # as Python prints them
_POLARITIES: dict[str, Polarity] = {"pos": "positive", "neg": "negative"}


@dataclass
class _Stack:
    """The content of a file, converted step by step to the form of IonImages; `rows` are the findings."""

    budget: Budget
    images: np.ndarray
    mz: np.ndarray | None = None
    mask: np.ndarray | None = None
    labels: np.ndarray | None = None
    names: tuple[str, ...] = ()
    polarity: Polarity = "unknown"
    axis: Axis = MZ
    more: dict[str, Any] = field(default_factory=dict)
    rows: list[HealthRow] = field(default_factory=list)
    axes: str = ""  # their order, if it is known
    documented: bool = False  # whether the images have the name of this module, with its order

    def note(self, check: str, found: str, meaning: str = "", action: str = "") -> None:
        self.rows.append(HealthRow(check, "warning" if meaning else "pass", found, meaning, action))


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
        _order(stack, config)
        _images(stack)
        _per_ion(stack)
        _pixels(stack)
    except _Unusable as error:
        raise DataStop(error.row, path.name) from error
    except (DataStop, OSError, MemoryError):
        raise
    except Exception as error:  # the JSON may have any form
        row = HealthRow("file", "stop", f"The file cannot be read: {error}.", "", f"It may be damaged. {SAVE_AS}")
        raise DataStop(row, path.name) from error
    assert stack.mz is not None
    assert stack.mask is not None
    images = IonImages(
        images=stack.images,
        mz=stack.mz,
        mask=stack.mask,
        names=stack.names,
        polarity=stack.polarity,
        labels=stack.labels,
        axis=stack.axis,
        **({"source": path.name} | stack.more),
    )
    present = images.images.any(axis=(1, 2))
    return (images if present.all() else images.subset(np.flatnonzero(present))), stack.rows


class _Unusable(Exception):
    def __init__(self, check: str, found: str, meaning: str = "") -> None:
        super().__init__(found)
        self.row = HealthRow(check, "stop", found, meaning, SAVE_AS)


def _read_npz(path: Path, budget: Budget) -> _Stack:
    with open_npz(path, budget) as file:
        key = next((name for name in CUBES if name in file), None)
        if key is None:
            raise _Unusable("images", f"It holds {_some(file)}, but no array named images.")
        mzs = next((name for name in MZS if name in file), "mz")
        parts = {name: file[name] for name in (mzs, "mask", "labels", "names", *AXIS_KEYS) if name in file}
        other = next((name for name in AXIS_KEYS if name in parts and mzs not in parts), None)
        positions = parts.get(other or mzs)
        stack = _Stack(
            budget=budget,
            images=file[key],
            mz=None if positions is None else np.asarray(positions, dtype=np.float64),
            axis=AXIS_KEYS[other] if other else MZ,
            mask=parts["mask"] != 0 if "mask" in parts else None,
            labels=_labels(parts["labels"], budget) if "labels" in parts else None,
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


def _take_meta(stack: _Stack, written: Any, file: Npz) -> None:
    """Add the fields that `write_stack` wrote."""
    try:
        meta = Meta.model_validate({**written, "fingerprint": ""})
    except (TypeError, ValidationError) as error:
        raise _Unusable("file", f"What {META} in it says about the images is damaged.") from error
    stack.names, stack.polarity = meta.names, meta.polarity
    stack.axis = AXES.get(meta.axis.name, meta.axis)
    stack.more = {
        "pixel_size": meta.pixel_size,
        "source": meta.source,
        "annotations": meta.annotations,
        "region_names": meta.region_names,
        "recipe": meta.recipe,
        "about": meta.about,
    } | {name: file[name] for name in ("tic", "regions", "picture") if name in file}


def _place(stack: _Stack, file: Npz) -> None:
    """Turn spectra into images, if the file holds the coordinates of the pixels."""
    key = next((name for name in COORDINATES if name in file), None)
    if key is None and not ("x" in file and "y" in file):
        return
    coordinates = file[key] if key else np.column_stack([file["x"].ravel(), file["y"].ravel()])
    try:
        stack.images, rows = place(stack.images, coordinates, stack.budget.name, stack.budget)
    except ValueError as error:
        shapes = f"{stack.images.shape} and {coordinates.shape}"
        meaning = "There must be a row for each pixel, and its column and row."
        raise _Unusable("coordinates", f"Spectra and coordinates have the shapes {shapes}.", meaning) from error
    stack.axes = FIRST
    stack.rows += rows


def _read_npy(path: Path, budget: Budget) -> _Stack:
    array = read_npy(path, budget, objects=True)
    if array.dtype != object:
        mz = _mz_beside(path)
        return _Stack(budget=budget, images=array, mz=mz if mz is not None and len(mz) in array.shape else None)
    if array.ndim != 2 or array.shape[1] != 2 or not len(array):
        raise _Unusable("images", f"An object array of the shape {array.shape} is not a list of (image, label).")
    pictures = _pictures(array[:, 0], budget)
    labels = _labels(_plain_labels(array[:, 1], budget), budget)
    stack = _Stack(budget=budget, images=pictures, labels=labels, axes=FIRST)
    masses, off_tissue = path.with_name("mass_list.npy"), path.with_name("mask.npy")
    budget.found(masses, off_tissue)
    if masses.is_file():
        table = read_npy(masses, budget)
        if table.ndim == 2 and table.shape[1] > 1 and len(table) == len(pictures):
            stack.mz = table[:, 1].astype(np.float64)
            signs = {str(sign)[:3].lower() for sign in table[:, 0]}
            stack.polarity = _POLARITIES.get(signs.pop(), "unknown") if len(signs) == 1 else "mixed"
        else:
            rows = len(table) if table.ndim else 0
            stack.note("m/z", f"mass_list.npy has {rows:,} rows for {len(pictures):,} images.", "It is not used.")
    if off_tissue.is_file():
        stack.mask = read_npy(off_tissue, budget) == 0
        if stack.mask.shape != pictures.shape[1:]:
            stack.note("mask", f"mask.npy has the shape {stack.mask.shape}, not that of the images.", "It is not used.")
            stack.mask = None
    return stack


def _mz_beside(path: Path) -> np.ndarray | None:
    """Return the m/z in the file args.txt that msi_visual writes beside its arrays, if it is there."""
    try:
        found = _ARGUMENTS.search(read_small(path.with_name("args.txt")))
        return None if found is None else np.array([float(text) for text in found[1].split(b",")])
    except (OSError, DataError, ValueError):  # it is another file
        return None


def _pictures(entries: np.ndarray, budget: Budget) -> np.ndarray:
    """Return the grey images (N, H, W) in an array of arrays, which may share memory."""
    first = entries[0]
    for entry in entries:
        if not isinstance(entry, np.ndarray) or entry.shape != first.shape or entry.dtype.kind not in "fiub":
            raise _Unusable("images", "The pictures are not all arrays of numbers of one size.")
    if first.ndim not in (2, 3) or 0 in first.shape:
        raise _Unusable("images", f"The pictures have the shape {first.shape}, not (rows, columns).")
    grey = [entry if entry.ndim == 2 else entry[..., 0] for entry in entries]
    size = sum(entry.size for entry in grey) * max(entry.itemsize for entry in grey)
    budget.unpack(size, f"{len(grey):,} pictures")
    if not all(entry.ndim == 2 or (entry == entry[..., :1]).all() for entry in entries):
        raise _Unusable("images", "The pictures are coloured.", "Colours cannot be turned back into intensities.")
    return np.stack(grey)


def _plain_labels(entries: np.ndarray, budget: Budget) -> np.ndarray:
    """Return the labels in an array of numbers and texts, which may share memory."""
    if any(isinstance(entry, np.ndarray) for entry in entries):
        raise _Unusable("labels", "A label is an array, not a number or a text.")
    longest = max((len(entry) for entry in entries if isinstance(entry, str | bytes)), default=1)
    budget.reserve(4 * longest * len(entries), "The labels")
    return np.array(entries.tolist())


def _order(stack: _Stack, config: ReadConfig) -> None:
    """Bring the axes into the order (ions, rows, columns), and take the m/z of a list for images that have none."""
    images = stack.images = three_axes(stack.images)
    if images.ndim != 3 or images.dtype.kind not in "fiub" or 0 in images.shape:
        return  # refused later
    known = stack.mz is not None
    listed = [] if known or len(config.mz_list) not in images.shape else [ion.mz for ion in config.mz_list]
    if not stack.axes:
        number = next((len(one) for one in (stack.mz, stack.labels, stack.names or None) if one is not None), None)
        mask = None if stack.mask is None else stack.mask.shape
        fits = number == len(images) and mask in (None, images.shape[1:])
        axes = config.axes or (FIRST if stack.documented and fits else "")
        order, rows = order_of(images, axes, stack.budget.name, ions=number or len(listed) or None, mask=mask)
        stack.images = images = images.transpose(order)
        stack.rows += rows
    if len(listed) == len(images):
        stack.mz = np.array(listed)
        found = f"The file has no m/z; its {count(len(listed), 'image')} and the list are as many."
        stack.rows.append(HealthRow("m/z", "note", found, "The images have the m/z of the list, in its order."))


def _images(stack: _Stack) -> None:
    images = stack.images
    if images.ndim != 3 or images.dtype.kind not in "fiub" or 0 in images.shape or images[0].size == 1:
        raise _Unusable(
            "images",
            f"The array has the shape {images.shape} and the type {images.dtype.name}.",
            "A stack of ion images has the shape (ions, rows, columns), two pixels or more, and holds numbers. "
            "Spectra of the shape (pixels, ions) need the array coords beside them, with column and row of each pixel.",
        )
    if images.dtype != np.float32 or not images.flags.c_contiguous:
        stack.budget.unpack(4 * images.size, "All images in single precision")
    with np.errstate(over="ignore"):  # values beyond 32-bit floats become infinite and are counted
        stack.images = np.ascontiguousarray(images, dtype=np.float32)
    stack.note("images", "{:,} ion images of {:,} rows x {:,} columns.".format(*images.shape))


def _per_ion(stack: _Stack) -> None:
    number = len(stack.images)
    for name, values in (("mz", stack.mz), ("labels", stack.labels), ("names", stack.names or None)):
        if values is not None and np.shape(values) != (number,):
            shape = np.shape(values)
            raise _Unusable(name, f"There are {number:,} images, but {name} has the shape {shape}.")
    if stack.mz is None:
        stack.mz, stack.axis = np.arange(1.0, number + 1), NUMBER
        stack.names = stack.names or tuple(f"image {index}" for index in range(1, number + 1))
        meaning = "The images are numbered from 1, in place of an m/z."
        stack.note("m/z", "The file does not say which m/z the images belong to.", meaning, SAVE_AS)
        return
    wrong = ~(np.isfinite(stack.mz) & (stack.mz > 0))
    if wrong.any():
        first = int(wrong.argmax())
        raise _Unusable(
            "m/z",
            f"{count(int(wrong.sum()), 'm/z value')} cannot be right: number {first + 1} is {stack.mz[first]}.",
        )
    stack.note(stack.axis.name, f"{stack.axis.text(stack.mz.min())} to {stack.axis.text(stack.mz.max())}.")


def _pixels(stack: _Stack) -> None:
    images = stack.images
    measured = ~np.isnan(images).all(axis=0)
    if stack.mask is not None and stack.mask.shape != measured.shape:
        raise _Unusable("mask", f"The mask has the shape {stack.mask.shape}, the images have {measured.shape}.")
    mask = stack.mask = measured if stack.mask is None else measured & stack.mask
    images[:, ~measured] = 0
    not_numbers, negative = clean(images)
    stack.rows.append(intensity_row(not_numbers=not_numbers, negative=negative, total=images.size))
    total, outside = (float(part.sum(dtype=np.float64)) for part in (images, images[:, ~mask]))
    if outside:
        meaning = "It is set to 0. If that is not what you want, check that the mask is 1 where measured."
        stack.note("mask", f"{outside / total:.0%} of the signal lies outside the mask.", meaning)
    images[:, ~mask] = 0
    present = images.any(axis=(1, 2))
    if not present.any():
        raise _Unusable("signal", "All intensities in the mask are 0.", "There is nothing to look at.")
    stack.note("pixels", f"{count(int(mask.sum()), 'pixel')} measured, {int((~mask).sum()):,} masked.")
    if not present.all():
        names = stack.names or tuple(f"{mz:.4f}" for mz in stack.mz)  # type: ignore[union-attr]
        first = ", ".join(names[ion] for ion in np.flatnonzero(~present)[:5])
        stack.note("ions", f"{count(int((~present).sum()), 'ion')} without signal, such as {first}.", "Left out.")


def _labels(values: np.ndarray, budget: Budget) -> np.ndarray:
    """Return classes as int64; texts by their index in sorted order, missing numbers as `UNLABELLED`."""
    if values.dtype.kind not in "iufb":
        budget.reserve(4 * values.nbytes, "The labels")
        return np.unique(values.astype(str), return_inverse=True)[1].astype(np.int64)
    numbers = values.astype(np.float64)
    return np.where((numbers >= 0) & (numbers < 2**53), numbers, UNLABELLED).astype(np.int64)


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
