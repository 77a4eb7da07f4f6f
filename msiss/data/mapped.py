"""Large arrays in memory-mapped files."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from msiss.errors import DataError, reason

# Images of up to so many bytes are made in memory and written at once: the first writing to a mapped page is slow.
AT_ONCE = 2**26


def filled(folder: Path | None, name: str, shape: tuple[int, ...], fill: Callable[[np.ndarray], None]) -> np.ndarray:
    """Return an array as of `zeros`, after `fill` has written into it.

    Raises
    ------
    DataError
        If there is not enough space.
    """
    array = zeros(folder, name, shape)
    if not isinstance(array, np.memmap) or array.nbytes > AT_ONCE:
        fill(array)
        return array
    room = np.zeros(shape, dtype=np.float32)
    fill(room)
    with Path(str(array.filename)).open("r+b") as file:
        file.seek(array.offset)
        file.write(room.data)
    return array


def zeros(folder: Path | None, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return an array of zeros, float32, in a new file of `folder`, or in memory if there is no folder.

    The disk space is allocated at once, as writing to a mapped array on a full disk kills the process.

    Raises
    ------
    DataError
        If there is not enough space.
    """
    if folder is None:
        return np.zeros(shape, dtype=np.float32)
    path = folder / f"{name}.npy"
    try:
        array = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
        if hasattr(os, "posix_fallocate"):
            with path.open("r+b") as file:
                os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    except OSError as error:
        path.unlink(missing_ok=True)
        size = 4 * np.prod(shape, dtype=np.float64) / 1e9
        raise DataError(
            f"The ion images need {size:.2f} GB on the disk of {folder}: {reason(error)}. Free some space, "
            "or choose fewer ions."
        ) from error
    return array
