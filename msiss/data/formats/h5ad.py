"""AnnData files, .h5ad: a table of pixels x ions in HDF5, such as from the converter of METASPACE.

Read with h5py, in the encodings of anndata 0.6 to 0.12 (anndata.readthedocs.io, "On-disk format"): X dense or
sparse by rows or columns, obs and var as groups of columns or as one compound array, columns of numbers, text or
categories, with or without missing values.

Coordinates come from obs (ion_image_pixel_x and ion_image_pixel_y, x and y) or else obsm["spatial"]; m/z from a column
of var or else from the names of the ions.
"""

import contextlib
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Protocol, get_args

import numpy as np

from msiss.data import column_names
from msiss.data.axis import MZ, NUMBER, Axis
from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats import metaspace_metadata
from msiss.data.formats.assemble import assemble
from msiss.data.formats.budget import Budget
from msiss.data.formats.h5ad_columns import Frame, text
from msiss.data.formats.hdf5 import Folder, Hdf5, Unusable, Values
from msiss.data.formats.scatter import Canvas, Places, find_places, one_plane
from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress, Watched, ignore
from msiss.data.recipe import AS_READ, ReadConfig
from msiss.data.stored_images import Polarity
from msiss.words import count

# Number of intensities per dense block: 16 MB.
_PIECE = 4_000_000
_SAVE_AGAIN = "Check that it was copied whole, and write it again."
_Piece = tuple[slice, slice, np.ndarray]


def load(
    path: Path,
    *,
    config: ReadConfig = AS_READ,  # noqa: ARG001 - the file leaves nothing open
    progress: Progress = ignore,
) -> tuple[IonImages, list[HealthRow]]:
    """Return the ion images in an AnnData file and the findings.

    Raises
    ------
    DataStop
        If the file is damaged, or lacks intensities or coordinates.
    """
    watched = Watched(progress)
    with opened(path, lambda: watched.stopped) as file:
        return read_table(file, path.name, watched)


@contextlib.contextmanager
def opened(path: Path, stopped: Callable[[], bool] = lambda: False) -> Iterator[Hdf5]:
    """Open an AnnData file; what is wrong with it becomes a `DataStop`, but not an error while `stopped` is true."""
    try:
        with Hdf5(path, Budget(path.name, path)) as file:
            yield file
    except DataStop:
        raise
    except Unusable as error:
        raise DataStop(HealthRow("table", "stop", f"{error}", "", error.action or _SAVE_AGAIN), path.name) from error
    except Exception as error:  # h5py raises many types for damaged files
        if stopped():
            raise
        row = HealthRow("file", "stop", f"The HDF5 file cannot be read: {error}.", "It may be damaged.", _SAVE_AGAIN)
        raise DataStop(row, path.name) from error


class Source(Protocol):
    """A file with a table in it, in HDF5 or zarr."""

    budget: Budget

    @property
    def root(self) -> Folder:
        """The group with obs, var and X."""


def read_table(file: Source, name: str, progress: Progress) -> tuple[IonImages, list[HealthRow]]:
    """Return the ion images in the table of an open file and the findings.

    Raises
    ------
    Unusable, DataStop
        If it is damaged, or lacks intensities or coordinates.
    """
    root = file.root
    if "obs" not in root or "var" not in root:
        found = f"This HDF5 file is not AnnData: it holds {', '.join(list(root)[:5]) or 'nothing'}, not obs and var."
        raise Unusable(found, "Write it with anndata, or save the images as .npz (arrays images and mz).")
    pixels, ions = Frame(root, "obs"), Frame(root, "var")
    matrix, rows = _matrix(root)
    shape = _shape(matrix)
    if shape != (len(pixels), len(ions)):
        there = f"{count(len(pixels), 'pixel')} and {count(len(ions), 'ion')}"
        raise Unusable(f"X has the shape {shape}, but there are {there}.")
    x, y = coordinates(root, pixels, name)
    places = find_places(x, y, name)
    canvas = Canvas(places, len(ions), file.budget)
    for where, which, intensities in _pieces(matrix, shape):
        canvas.add(where, which, intensities)
        done = (where.stop / max(1, shape[0])) * (which.stop / max(1, shape[1]))
        progress(0.9 * done, "Reading the intensities")
    mz, axis, more = _mz(ions)
    names, annotations = _names(ions)
    images, last = assemble(
        canvas.finish(),
        mz,
        name=name,
        axis=axis,
        names=names,
        annotations=annotations,
        **(_metaspace(root) | _own(root) | _places_in_file(pixels, places, x, y)),
    )
    return images, [*rows, *more, *places.rows, *last]


def _matrix(root: Folder) -> tuple[Folder | Values, list[HealthRow]]:
    """Return the dataset or group of the intensities."""
    if "X" in root and root["X"].attribute("encoding-type") != "null":
        return root["X"], []
    folder = root.folder("layers")
    layers = list(folder or ())
    if folder is None or len(layers) != 1:
        shown = ", ".join(layers[:5])
        found = f"X is empty and there are {count(len(layers), 'layer')}{': ' if layers else ''}{shown}."
        raise Unusable(found, "Copy the layer of the intensities to X and write the file again.")
    found = f"X is empty; the intensities are those of the layer {layers[0]}."
    return folder[layers[0]], [HealthRow("table", "pass", found)]


def _shape(matrix: Folder | Values) -> tuple[int, ...]:
    if isinstance(matrix, Values):
        shape: Any = matrix.shape
    else:
        shape = matrix.attribute("shape")
        if shape is None:
            shape = matrix.attribute("h5sparse_shape")  # before anndata 0.7
    if shape is None or np.shape(shape) != (2,):
        raise Unusable("X is not a table of pixels and ions.")
    return tuple(int(length) for length in shape)


def _pieces(matrix: Folder | Values, shape: tuple[int, ...]) -> Iterator[_Piece]:
    """Yield pixels, ions and their intensities in dense blocks of a few megabytes."""
    if isinstance(matrix, Values):
        yield from _dense(matrix)
        return
    kind = text(matrix.attribute("encoding-type")) or text(matrix.attribute("h5sparse_format"))
    if kind not in ("csr_matrix", "csc_matrix", "csr", "csc"):
        raise Unusable(f"X has the encoding {kind[:40] or 'unknown'}.", "Write it as a dense, CSR or CSC matrix.")
    by_rows = kind.startswith("csr")
    for lines, block in _sparse(matrix, *(shape if by_rows else shape[::-1])):
        yield (lines, slice(0, shape[1]), block) if by_rows else (slice(0, shape[0]), lines, block.T)


def _dense(matrix: Values) -> Iterator[_Piece]:
    """Yield the blocks of a dense table, aligned to chunks, so that each chunk is unpacked once."""
    if matrix.dtype.kind not in "fiub":
        raise Unusable(f"X holds {matrix.dtype.name[:40]}, not numbers.")
    height, width = matrix.shape
    high, wide = matrix.chunks or (1, max(1, min(width, _PIECE)))
    wide *= max(1, _PIECE // (high * wide))
    high *= max(1, _PIECE // (high * min(wide, max(1, width))))
    size = min(high, height) * min(wide, width) * (matrix.dtype.itemsize + 4)
    with matrix.file.budget.reserve_temporarily(matrix.chunk_size + size, "A piece of the intensities"):
        for top in range(0, height, high):
            for left in range(0, width, wide):
                where = slice(top, min(top + high, height)), slice(left, min(left + wide, width))
                yield *where, matrix.part(*where)


def _sparse(matrix: Folder, number: int, width: int) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield blocks of the compressed dimension (rows of CSR, columns of CSC) and their dense values."""
    values, positions = matrix.values("data"), matrix.values("indices")
    starts = matrix.values("indptr").read().astype(np.int64)
    if starts.shape != (number + 1,) or (np.diff(starts) < 0).any() or starts[0] != 0:
        raise Unusable("The sparse table is damaged: its rows do not follow each other.")
    if len(values.shape) != 1 or len(positions.shape) != 1 or starts[-1] > min(len(values), len(positions)):
        raise Unusable(f"The sparse table is cut off: {len(values):,} of {starts[-1]:,} values are there.")
    if values.dtype.kind not in "fiub" or positions.dtype.kind not in "iu":
        raise Unusable(f"X holds {values.dtype.name[:40]} at {positions.dtype.name[:40]}, not numbers.")
    if number and (np.diff(starts) > width).any():
        raise Unusable("The sparse table is damaged: a row holds more values than there are columns.")
    step = max(1, _PIECE // max(1, width))
    most = min(step, number) * width * (values.dtype.itemsize + positions.dtype.itemsize + 36)
    with matrix.file.budget.reserve_temporarily(
        values.chunk_size + positions.chunk_size + most, "A piece of the intensities"
    ):
        for start in range(0, number, step):
            stop = min(start + step, number)
            inside = slice(starts[start], starts[stop])
            position = positions.part(inside).astype(np.int64)
            if len(position) and not 0 <= position.min() <= position.max() < width:
                raise Unusable("The sparse table is damaged: a value lies outside it.")
            block = np.zeros((stop - start, width), dtype=np.float32)
            line = np.repeat(np.arange(stop - start), np.diff(starts[start : stop + 1]))
            with np.errstate(over="ignore"):  # values beyond 32-bit floats become infinite and are counted
                np.add.at(block, (line, position), values.part(inside).astype(np.float32))
            yield slice(start, stop), block


def coordinates(root: Folder, pixels: Frame, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y of the pixels.

    Raises
    ------
    Unusable, DataStop
        If there are none, or they are of several planes.
    """
    found = column_names.find_places(pixels.columns)
    if found is not None:
        x, y = (pixels.numbers(column) for column in found)
        plane = column_names.find(pixels.columns, column_names.PLANES)
        if plane is not None:
            one_plane(x, y, pixels.numbers(plane), name)
        return x, y
    placed = root.folder("obsm")
    for key in ("spatial", "X_spatial"):
        if placed is not None and key in placed:
            entry = placed[key]
            if isinstance(entry, Values):
                table = entry.read().astype(np.float64)
            else:
                frame = Frame(placed, key)
                table = np.stack([frame.numbers(column) for column in frame.columns[:4]], axis=1)
            if table.ndim != 2 or table.shape[0] != len(pixels) or table.shape[1] not in (2, 3):
                raise Unusable(f'obsm["{key}"] has the shape {table.shape}, not ({len(pixels)}, 2).')
            if table.shape[1] == 3:
                one_plane(table[:, 0], table[:, 1], table[:, 2], name)
            return table[:, 0], table[:, 1]
    found_columns = ", ".join(pixels.columns[:5]) or "no columns"
    raise Unusable(
        f'The pixels have no coordinates: obs has {found_columns}, and there is no obsm["spatial"].',
        "Add the columns x and y to obs and write the file again.",
    )


def _places_in_file(pixels: Frame, places: Places, x: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
    """Return `positions` and `stage`, which msiss writes beside the places in the images; else `x` and `y`."""
    written = {
        names: np.stack([pixels.numbers(name) for name in names])
        for names in (column_names.IN_FILE, column_names.ON_STAGE)
        if set(names) <= set(pixels.columns)
    }
    there = written.get(column_names.IN_FILE)
    fields = places.in_file(*((x, y) if there is None or not np.isfinite(there).all() else there))
    stage = written.get(column_names.ON_STAGE)
    return fields if stage is None else fields | {"stage": places.image(*stage)}


def _mz(ions: Frame) -> tuple[np.ndarray, Axis, list[HealthRow]]:
    column = column_names.find(ions.columns, column_names.COLUMNS["mz"])
    if column is not None:
        mz = ions.numbers(column)
        wrong = ~(np.isfinite(mz) & (mz > 0))
        if wrong.any():
            found = f"{count(int(wrong.sum()), 'ion')} without an m/z, such as {ions.index[int(wrong.argmax())]}."
            raise Unusable(found, "Give each ion its m/z in the column mz of var, or remove it.")
        return mz, MZ, []
    named = [column_names.mz_in(name) or 0.0 for name in ions.index]
    if all(named) and not column_names.are_counted(named):
        return np.array(named), MZ, []
    found = "The file does not say which m/z the images belong to: var has no column mz."
    meaning = "The images are numbered from 1, and these numbers stand where the m/z would."
    row = HealthRow("m/z", "warning", found, meaning, "Add a column mz to var and write the file again.")
    return np.arange(1.0, len(ions) + 1), NUMBER, [row]


def _names(ions: Frame) -> tuple[list[str], dict[str, list[str]]]:
    """Return the names and annotations of the ions."""
    found = column_names.find_fields(ions.columns, ("name", "formula", "adduct", "class"))
    known = {field: _shortened(ions.texts(column)) for field, column in found.items()}
    names = known.pop("name", [""] * len(ions))
    index = ["" if column_names.number(name) is not None or column_names.mz_in(name) else name for name in ions.index]
    return [name or other for name, other in zip(names, index, strict=True)], known


def _shortened(entries: list[str]) -> list[str]:
    short = {entry: _short(entry) for entry in set(entries)}  # categories repeat
    return [short[entry] for entry in entries]


def _short(entry: str) -> str:
    """Return a JSON list of names, as the converter of METASPACE writes it, in short form; other text unchanged."""
    if entry.startswith("["):
        try:
            entries = json.loads(entry)
        except (ValueError, RecursionError):
            return entry
        return column_names.isomers(entries) if isinstance(entries, list) else entry
    return entry


def _metaspace(root: Folder) -> dict[str, Any]:
    """Return what the converter of METASPACE wrote about the measurement."""
    polarities: dict[str, Polarity] = {"positive": "positive", "negative": "negative"}
    find = partial(_value, root, "uns", "metaspace")
    known = {
        "polarity": polarities.get(str(find("polarity")).lower()),
        "pixel_size": metaspace_metadata.pixel_size(partial(find, "metadata")),
        "about": metaspace_metadata.measurement(partial(find, "metadata")),
    }
    return {name: value for name, value in known.items() if value}


def _own(root: Folder) -> dict[str, Any]:
    """Return what msiss wrote about the measurement."""
    find = partial(_value, root, "uns", "msiss")
    more: dict[str, Any] = {}
    if (polarity := find("polarity")) in get_args(Polarity):
        more["polarity"] = polarity
    with contextlib.suppress(TypeError, ValueError):
        height, width = (float(find(f"pixel_{side}_um")) for side in ("height", "width"))  # type: ignore[arg-type]
        if 0 < height < np.inf and 0 < width < np.inf:
            more["pixel_size"] = (height, width)
    with contextlib.suppress(TypeError, ValueError, RecursionError):
        said = json.loads(find("about"))  # type: ignore[arg-type]
        if isinstance(said, dict):
            more["about"] = said
    return more


def _value(root: Folder, *keys: str) -> object:
    """Return the text or the number at a path of keys; None if there is none."""
    folder: Folder | None = root
    for key in keys[:-1]:
        folder = folder.folder(key) if folder is not None else None
    if folder is None or keys[-1] not in folder:
        return None
    with contextlib.suppress(Unusable):  # it is optional
        values = folder.values(keys[-1])
        if not values.shape:
            value = values.read()[()]
            return text(value) if isinstance(value, bytes | str) else value
    return None
