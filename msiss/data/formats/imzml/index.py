"""Cache of the headers of imzML files on disk, so that their XML is parsed only once.

The key of an index is a SHA-256 of the bytes of the .imzML file, so that copies and uploads of a file share it, and a
changed file does not.
"""

import contextlib
import hashlib
import json
import os
import shutil
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from msiss.data.formats.imzml.file import ArrayLayout, ImzmlFile
from msiss.data.formats.imzml.spectrum_kinds import SpectrumKind
from msiss.home import index_folder

VERSION = 6  # to be incremented when other fields are read from the header
MOST_BYTES = 2_000_000_000  # of all indices; the least recently used are deleted first
PIECE, HASHED_AT_ONCE = 2**21, 2  # bytes of a header that one thread hashes, and threads

_LAYOUTS = ("mz", "intensity", "mobility_array")
_ARRAYS = ("coordinates", "kind", "mobility", "windows", "stage")
_PARTS = ("offsets", "lengths", "encoded")


def fingerprint(path: Path) -> str:
    """Return the key of the index of a file: the SHA-256 of those of its pieces, which are hashed side by side."""

    def digest(start: int) -> bytes:
        with path.open("rb") as file:
            file.seek(start)
            return hashlib.sha256(file.read(PIECE)).digest()

    with ThreadPoolExecutor(HASHED_AT_ONCE) as pool:
        digests = b"".join(pool.map(digest, range(0, path.stat().st_size, PIECE)))
    return f"{hashlib.sha256(digests).hexdigest()}-{VERSION}"


def load(name: str, path: Path, ibd_path: Path) -> ImzmlFile | None:
    """Return the cached header of `path`, or None."""
    kept = index_folder() / f"{name}.npz"
    try:
        with kept.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
            meta = json.loads(str(arrays["meta"]))
            values: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in meta.items()}
            values |= {name: _layout(meta[name], arrays, name) for name in _LAYOUTS if meta[name]}
            values |= {name: arrays[name] for name in _ARRAYS if name in arrays}
            values["kinds"] = tuple(SpectrumKind(**kind) for kind in meta["kinds"])
            file = ImzmlFile(path=path, ibd_path=ibd_path, **values)
        os.utime(kept)
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile):  # missing or damaged: the XML is parsed
        return None
    return file


def store(name: str, file: ImzmlFile) -> None:
    """Store a header in the cache, unless the disk is full."""
    meta: dict[str, Any] = {}
    arrays: dict[str, Any] = {}
    for field in fields(file):
        value = getattr(file, field.name)
        if isinstance(value, ArrayLayout):
            meta[field.name] = {"dtype": value.dtype and value.dtype.str, "compression": value.compression}
            arrays |= {f"{field.name}_{part}": getattr(value, part) for part in _PARTS}
        elif isinstance(value, np.ndarray):
            arrays[field.name] = value
        elif not isinstance(value, Path):
            meta[field.name] = value
    meta["kinds"] = [asdict(kind) for kind in file.kinds]
    folder = index_folder()
    unfinished = folder / f".{uuid.uuid4().hex}.npz"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(unfinished, meta=np.array(json.dumps(meta)), **arrays)
        unfinished.replace(folder / f"{name}.npz")
        _tidy(folder)
    except OSError:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


def keep(file: Path) -> None:
    """Copy an index that another process has written into the cache, under its name, unless the disk is full."""
    folder = index_folder()
    unfinished = folder / f".{uuid.uuid4().hex}.npz"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, unfinished)
        unfinished.replace(folder / file.name)
        _tidy(folder)
    except OSError:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _layout(meta: dict[str, Any], arrays: Any, name: str) -> ArrayLayout:
    return ArrayLayout(
        **{part: arrays[f"{name}_{part}"] for part in _PARTS},
        dtype=np.dtype(meta["dtype"]) if meta["dtype"] else None,
        compression=meta["compression"],
    )


def _tidy(folder: Path) -> None:
    total = 0
    for kept in sorted(folder.glob("*.npz"), key=lambda file: file.stat().st_mtime, reverse=True):
        total += kept.stat().st_size
        if total > MOST_BYTES:
            kept.unlink(missing_ok=True)
