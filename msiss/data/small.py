"""Small files of users: lists of m/z, tables of classes, recipes."""

from pathlib import Path

from msiss.errors import DataError

LARGEST = 64 * 2**20  # bytes; the size of a list of a million ions with names


def read_small(path: Path) -> bytes:
    """Return the content of such a file.

    Raises
    ------
    DataError
        If it is larger than `LARGEST`.
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise DataError(f"{path.name} is larger than {LARGEST >> 20} MB. Check that it is the right file.")
    return data
