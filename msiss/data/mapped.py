"""Large arrays in memory-mapped files."""

import os
from pathlib import Path

import numpy as np

from msiss.errors import DataError, reason


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
