"""AnnData files, .h5ad: a table of pixels x ions in HDF5, as METASPACE's converter writes it.

Read by way of h5py, in the encodings of anndata 0.6 to 0.12 (anndata.readthedocs.io, "On-disk format"): X dense or
sparse by rows or columns, obs and var as groups of columns or as one compound array, columns of numbers, text or
categories, with or without missing values.

Coordinates come from obs (ion_image_pixel_x and ion_image_pixel_y, x and y) or else obsm["spatial"]; m/z from a column
of var or else from the names of the ions.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from msiss.data.axis import MZ, NUMBER, Axis
from msiss.data.findings import DataStop, HealthRow, count
from msiss.data.formats import columns
from msiss.data.formats.assemble import assemble
from msiss.data.formats.h5ad_columns import Frame, Unusable, read_array, refuse_links, text
from msiss.data.formats.scatter import Canvas, find_places, one_plane
from msiss.data.ion_images import IonImages, Polarity
from msiss.data.progress import Progress, ignore

if TYPE_CHECKING:
    import h5py

# Intensities that are made dense at a time: 16 MB.
_PIECE = 4_000_000
# Before the HDF5 library is given up; reading coordinates and names of a million pixels takes a few.
_SECONDS = 60
_ROOT = Path(__file__).parents[3]
_SAVE_AGAIN = "Check that it was copied whole, and write it again."
_Piece = tuple[slice, slice, np.ndarray]


def load(path: Path, *, progress: Progress = ignore) -> tuple[IonImages, list[HealthRow]]:
    """Return the ion images in an AnnData file and what was found.

    Raises
    ------
    DataStop
        Where the file is damaged, or lacks intensities or coordinates.
    """
    import h5py

    _try_out(path)
    stopped = False

    def tell(fraction: float, text: str) -> None:
        nonlocal stopped
        stopped = True  # unless this returns
        progress(fraction, text)
        stopped = False

    try:
        with h5py.File(path, "r") as file:
            return _load(file, path.name, tell)
    except DataStop:
        raise
    except Unusable as error:
        raise DataStop(HealthRow("table", "stop", f"{error}", "", error.action or _SAVE_AGAIN), path.name) from error
    except Exception as error:  # h5py raises a dozen kinds for damaged files
        if stopped:
            raise
        row = HealthRow("file", "stop", f"The HDF5 file cannot be read: {error}.", "It may be damaged.", _SAVE_AGAIN)
        raise DataStop(row, path.name) from error


def probe(path: Path) -> None:
    """Read what of an AnnData file is not intensities, and a first piece of those; for `_try_out`."""
    import h5py

    with h5py.File(path, "r") as file:
        _coordinates(file, Frame(file, "obs"), path.name)
        ions = Frame(file, "var")
        _mz(ions)
        _names(ions)
        _metaspace(file)
        matrix = _matrix(file)[0]
        next(_pieces(matrix, _shape(matrix)), None)


def _try_out(path: Path) -> None:
    """Probe the file in a process of its own: on some damaged files the HDF5 library crashes or never comes back."""
    code = "import sys, pathlib; from msiss.data.formats.h5ad import probe; probe(pathlib.Path(sys.argv[1]))"
    command = [sys.executable, "-c", code, str(path.resolve())]
    try:
        done = subprocess.run(command, cwd=_ROOT, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        crashed = True
    else:
        crashed = done.returncode < 0  # by a signal; an exception comes again here and is put into words
    if crashed:
        found = "The HDF5 library cannot cope with the file."
        raise DataStop(HealthRow("file", "stop", found, "It is damaged.", _SAVE_AGAIN), path.name)


def _load(file: "h5py.File", name: str, progress: Progress) -> tuple[IonImages, list[HealthRow]]:
    refuse_links(file)
    if "obs" not in file or "var" not in file:
        found = f"This HDF5 file is not AnnData: it holds {', '.join(list(file)[:5]) or 'nothing'}, not obs and var."
        raise Unusable(found, "Write it with anndata, or save the images as .npz (arrays images and mz).")
    pixels, ions = Frame(file, "obs"), Frame(file, "var")
    matrix, rows = _matrix(file)
    shape = _shape(matrix)
    if shape != (len(pixels), len(ions)):
        there = f"{count(len(pixels), 'pixel')} and {count(len(ions), 'ion')}"
        raise Unusable(f"X has the shape {shape}, but there are {there}.")
    x, y = _coordinates(file, pixels, name)
    places = find_places(x, y, name)
    canvas = Canvas(places, len(ions), name)
    for where, which, intensities in _pieces(matrix, shape):
        canvas.add(where, which, intensities)
        done = (where.stop / max(1, shape[0])) * (which.stop / max(1, shape[1]))
        progress(0.9 * done, "Reading the intensities")
    mz, axis, more = _mz(ions)
    names, annotations = _names(ions)
    images, last = assemble(
        canvas.finish(), mz, name=name, axis=axis, names=names, annotations=annotations, **_metaspace(file)
    )
    return images, [*rows, *more, *places.rows, *last]


def _matrix(file: "h5py.File") -> tuple[Any, list[HealthRow]]:
    """Return the dataset or group of the intensities."""
    if "X" in file and file["X"].attrs.get("encoding-type") != "null":
        return file["X"], []
    layers = list(file.get("layers", ()))
    if len(layers) != 1:
        found = f"X is empty and there are {count(len(layers), 'layer')}{': ' if layers else ''}{', '.join(layers)}."
        raise Unusable(found, "Copy the layer of the intensities to X and write the file again.")
    found = f"X is empty; the intensities are those of the layer {layers[0]}."
    return file["layers"][layers[0]], [HealthRow("table", "pass", found)]


def _shape(matrix: Any) -> tuple[int, ...]:
    shape = getattr(matrix, "shape", None)
    if shape is None:
        shape = matrix.attrs.get("shape", matrix.attrs.get("h5sparse_shape"))  # the latter before anndata 0.7
    if shape is None or len(shape) != 2:
        raise Unusable("X is not a table of pixels and ions.")
    return tuple(int(length) for length in shape)


def _pieces(matrix: Any, shape: tuple[int, ...]) -> Iterator[_Piece]:
    """Yield pixels, ions and their intensities, dense, a few megabytes at a time."""
    if hasattr(matrix, "shape"):
        if matrix.dtype.kind not in "fiub" or matrix.external or matrix.is_virtual:
            raise Unusable(f"X holds {matrix.dtype.name}, not numbers, or lies in another file.")
        chunk = matrix.chunks[0] if matrix.chunks else 1
        step = max(1, _PIECE // max(1, shape[1]) // chunk) * chunk
        for start in range(0, shape[0], step):
            stop = min(start + step, shape[0])
            yield slice(start, stop), slice(0, shape[1]), matrix[start:stop]
        return
    kind = text(matrix.attrs.get("encoding-type", matrix.attrs.get("h5sparse_format", "")))
    if kind not in ("csr_matrix", "csc_matrix", "csr", "csc"):
        raise Unusable(f"X has the encoding {kind or 'unknown'}.", "Write it as a dense, CSR or CSC matrix.")
    by_rows = kind.startswith("csr")
    for lines, block in _sparse(matrix, *(shape if by_rows else shape[::-1])):
        yield (lines, slice(0, shape[1]), block) if by_rows else (slice(0, shape[0]), lines, block.T)


def _sparse(matrix: Any, number: int, width: int) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield the compressed lines (rows of CSR, columns of CSC) and their values, dense, piece by piece."""
    starts = read_array(matrix["indptr"]).astype(np.int64)
    values, positions = matrix["data"], matrix["indices"]
    if len(starts) != number + 1 or (np.diff(starts) < 0).any() or starts[0] != 0:
        raise Unusable("The sparse table is damaged: its rows do not follow each other.")
    if starts[-1] > min(len(values), len(positions)) or values.dtype.kind not in "fiub":
        raise Unusable(f"The sparse table is cut off: {len(values):,} of {starts[-1]:,} values are there.")
    step = max(1, _PIECE // max(1, width))
    for start in range(0, number, step):
        stop = min(start + step, number)
        inside = slice(starts[start], starts[stop])
        position = positions[inside].astype(np.int64)
        if len(position) and not 0 <= position.min() <= position.max() < width:
            raise Unusable("The sparse table is damaged: a value lies outside it.")
        block = np.zeros((stop - start, width), dtype=np.float32)
        line = np.repeat(np.arange(stop - start), np.diff(starts[start : stop + 1]))
        with np.errstate(over="ignore"):  # what does not fit into 32 bits becomes infinite and is counted
            np.add.at(block, (line, position), values[inside].astype(np.float32))
        yield slice(start, stop), block


def _coordinates(file: "h5py.File", pixels: Frame, name: str) -> tuple[np.ndarray, np.ndarray]:
    found = columns.find_places(pixels.columns)
    if found is not None:
        x, y = (pixels.numbers(column) for column in found)
        plane = columns.find(pixels.columns, columns.PLANES)
        if plane is not None:
            one_plane(pixels.numbers(plane), name)
        return x, y
    for key in ("spatial", "X_spatial"):
        if key in file.get("obsm", ()):
            if hasattr(file["obsm"][key], "shape"):
                table = read_array(file["obsm"][key]).astype(np.float64)
            else:
                frame = Frame(file["obsm"], key)
                table = np.stack([frame.numbers(column) for column in frame.columns], axis=1)
            if table.ndim != 2 or table.shape[0] != len(pixels) or table.shape[1] not in (2, 3):
                raise Unusable(f'obsm["{key}"] has the shape {table.shape}, not ({len(pixels)}, 2).')
            if table.shape[1] == 3:
                one_plane(table[:, 2], name)
            return table[:, 0], table[:, 1]
    found_columns = ", ".join(pixels.columns[:5]) or "no columns"
    raise Unusable(
        f'The pixels have no coordinates: obs has {found_columns}, and there is no obsm["spatial"].',
        "Add the columns x and y to obs and write the file again.",
    )


def _mz(ions: Frame) -> tuple[np.ndarray, Axis, list[HealthRow]]:
    column = columns.find(ions.columns, columns.MZ)
    if column is not None:
        mz = ions.numbers(column)
        wrong = ~(np.isfinite(mz) & (mz > 0))
        if wrong.any():
            found = f"{count(int(wrong.sum()), 'ion')} without an m/z, such as {ions.index[int(wrong.argmax())]}."
            raise Unusable(found, "Give each ion its m/z in the column mz of var, or remove it.")
        return mz, MZ, []
    named = [columns.mz_in(name) or 0.0 for name in ions.index]
    if all(named) and not columns.are_counted(named):
        return np.array(named), MZ, []
    found = "The file does not say which m/z the images belong to: var has no column mz."
    meaning = "The images are numbered from 1, and these numbers stand where the m/z would."
    row = HealthRow("m/z", "warning", found, meaning, "Add a column mz to var and write the file again.")
    return np.arange(1.0, len(ions) + 1), NUMBER, [row]


def _names(ions: Frame) -> tuple[list[str], dict[str, list[str]]]:
    """Return the names of the ions and what else is known about them."""
    annotations = {}
    for key, wanted in (("formula", columns.FORMULA), ("adduct", columns.ADDUCT), ("class", columns.CLASS)):
        column = columns.find(ions.columns, wanted)
        if column is not None:
            annotations[key] = [_short(entry) for entry in ions.texts(column)]
    column = columns.find(ions.columns, columns.NAMES)
    names = [_short(entry) for entry in ions.texts(column)] if column is not None else [""] * len(ions)
    index = ["" if columns.number(name) is not None or columns.mz_in(name) else name for name in ions.index]
    return [name or other for name, other in zip(names, index, strict=True)], annotations


def _short(entry: str) -> str:
    """Return the names of a list in JSON, as METASPACE's converter writes it, in short; other text as it is."""
    if entry.startswith("["):
        try:
            entries = json.loads(entry)
        except ValueError:
            return entry
        return columns.isomers(entries) if isinstance(entries, list) else entry
    return entry


def _metaspace(file: "h5py.File") -> dict[str, Any]:
    """Return polarity and pixel size where METASPACE's converter wrote them."""
    more: dict[str, Any] = {}
    polarity: dict[str, Polarity] = {"positive": "positive", "negative": "negative"}
    try:
        about = file["uns"]["metaspace"]
        more["polarity"] = polarity.get(text(about["polarity"][()]).lower(), "unknown")
        size = about["metadata"]["MS_Analysis"]["Pixel_Size"]
        height, width = float(size["Yaxis"][()]), float(size["Xaxis"][()])
        if 0 < height < np.inf and 0 < width < np.inf:
            more["pixel_size"] = (height, width)
    except (KeyError, TypeError, ValueError):
        pass  # neither is needed
    return more
