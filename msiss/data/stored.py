"""A data set on disk: a folder with one .npy file per array, and everything else in ``meta.json``."""

import contextlib
import json
import os
import shutil
from collections.abc import Mapping
from mmap import mmap
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np

from msiss.durable import appear, replace_text, unfinished_name
from msiss.errors import DataError, reason

META = "meta.json"


def write(
    folder: Path, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any], *, scratch: Path | None = None
) -> None:
    """Write the new folder `folder`, which appears only once it is complete and on the disk.

    Parameters
    ----------
    folder : Path
    arrays, meta : mapping
        The content, by name.
    scratch : Path, optional
        A folder of files of exclusive use: an array that is memory-mapped from one of them is not copied.

    Raises
    ------
    DataError
        If `folder` exists, or cannot be written.
    """
    if folder.exists():
        raise DataError(f"{folder} exists already. Choose another name, or delete that data set first.")
    unfinished = unfinished_name(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished.mkdir()
        for name, array in arrays.items():
            _write_array(array, unfinished / f"{name}.npy", scratch)
        (unfinished / META).write_text(json.dumps(meta, indent=1), encoding="utf-8")
        appear(unfinished, folder)
    except OSError as error:
        raise DataError(
            f"The data set could not be saved to {folder}: {reason(error)}. "
            "Check the free space and the permissions of that folder, then import again."
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def read_meta(folder: Path) -> dict[str, Any]:
    """Return the content of ``meta.json``.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    try:
        meta = json.loads((folder / META).read_text(encoding="utf-8"))
    except OSError as error:
        raise damaged(folder, f"{META} cannot be read: {reason(error)}") from error
    except (ValueError, RecursionError) as error:
        raise damaged(folder, f"{META} is empty or not the text that msiss wrote") from error
    if not isinstance(meta, dict):
        raise damaged(folder, f"{META} is not the text that msiss wrote")
    return meta


def change_meta(folder: Path, changes: Mapping[str, Any]) -> None:
    """Replace values in ``meta.json`` atomically; other values are kept, also those unknown to this version.

    Raises
    ------
    DataError
        If it cannot be read or written.
    """
    try:
        replace_text(folder / META, json.dumps({**read_meta(folder), **changes}, indent=1))
    except OSError as error:
        raise DataError(f"{folder / META} cannot be written: {reason(error)}.") from error


def read_array(folder: Path, name: str, *, mapped: bool = False) -> np.ndarray | None:
    """Return the array `name`, memory-mapped if requested; None if the folder has none of that name.

    Raises
    ------
    DataError
        If its file is damaged.
    """
    path = folder / f"{name}.npy"
    if not path.exists():
        return None
    try:
        if mapped:
            return np.lib.format.open_memmap(path, mode="r")
        with path.open("rb") as file:
            return np.lib.format.read_array(file, allow_pickle=False)
    except (OSError, ValueError, EOFError, OverflowError, MemoryError, RecursionError, TokenError) as error:
        raise damaged(folder, f"{path.name} is cut off or holds something else") from error


def damaged(folder: Path, reason: str) -> DataError:
    """Return the error of a folder that cannot be opened as a data set."""
    return DataError(
        f"{folder} is not a data set of msiss, or it is damaged: {reason}. Import the data again, and delete this one."
    )


def _write_array(array: np.ndarray, path: Path, scratch: Path | None) -> None:
    """Write an array as .npy; one that is memory-mapped from a whole file in `scratch` is linked, not copied."""
    if scratch is not None and isinstance(array, np.memmap) and isinstance(array.base, mmap):
        file = Path(str(array.filename))
        with contextlib.suppress(OSError, ValueError):  # on another disk, or not an .npy file
            array.flush()
            there = np.lib.format.open_memmap(file, mode="r")
            whole = (there.shape, there.dtype) == (array.shape, array.dtype)
            if whole and file.resolve().is_relative_to(scratch.resolve()):
                os.link(file, path)
                return
    np.save(path, array)
