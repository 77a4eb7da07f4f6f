"""Arrays in the format .npy, from untrusted files and members of zip files (.npz).

The header is parsed as the text that NumPy writes, not as a Python expression, and memory is reserved before it is
allocated. The format is described at numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np

from msiss.data.formats.budget import Budget
from msiss.data.formats.numpy_pickle import NotPlain, array_of, decode, simple_type, size_of

_MAGIC = b"\x93NUMPY"
_LONGEST_HEADER = 10_000  # the limit of NumPy
_DESCRIPTION = re.compile(rb"""['"]descr['"] ?: ?['"]([^'"]*)['"]""")
_FORTRAN = re.compile(rb"""['"]fortran_order['"] ?: ?(True|False)""")
_SHAPE = re.compile(rb"""['"]shape['"] ?: ?\(([0-9L, ]*)\)""")
_LONGEST_SIDE = 20  # digits
_PIECE = 2**20
# Compression methods of NumPy; others may allocate memory as declared in their header.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def read_npy(path: Path, budget: Budget, *, objects: bool = False) -> np.ndarray:
    """Return the array in an .npy file.

    Parameters
    ----------
    path : Path
    budget : Budget
        Budget for the array.
    objects : bool
        Whether an array of arrays, numbers and text is allowed.

    Raises
    ------
    NotPlain
        If it has another content, is damaged, or truncated.
    DataStop
        If it is too large.
    OSError
        If it cannot be opened.
    """
    with path.open("rb") as file:
        return _read(file, path.stat().st_size, budget, path.name, objects=objects)


class Npz:
    """The arrays of an .npz file, each read on access.

    Parameters
    ----------
    archive : zipfile.ZipFile
    budget : Budget
        Budget for each array.
    """

    def __init__(self, archive: zipfile.ZipFile, budget: Budget) -> None:
        self._archive, self._budget = archive, budget
        self._members = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __getitem__(self, name: str) -> np.ndarray:
        """Return an array.

        Raises
        ------
        NotPlain
            If it is not an array of numbers or text, or is damaged.
        DataStop
            If it is too large.
        """
        member = self._members[name]
        if member.compress_type not in _METHODS:
            raise NotPlain(f"{member.filename} is compressed by a method that NumPy does not use")
        try:
            with self._archive.open(member) as file:
                return _read(file, member.file_size, self._budget, member.filename)
        except (zlib.error, zipfile.BadZipFile, RuntimeError, EOFError, OSError) as error:
            raise NotPlain(f"{member.filename} in it is damaged or locked ({error})") from error


@contextmanager
def open_npz(path: Path, budget: Budget) -> Iterator[Npz]:
    """Open an .npz file.

    Raises
    ------
    NotPlain
        If it is not a zip file.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise NotPlain(f"it is no zip file, or damaged ({error})") from error
    with archive:
        yield Npz(archive, budget)


def _read(file: IO[bytes], size: int, budget: Budget, name: str, *, objects: bool = False) -> np.ndarray:
    start = file.read(8)
    version = start[6:7]
    if start[:6] != _MAGIC or version not in (b"\1", b"\2", b"\3"):
        raise NotPlain(f"{name} is no array of NumPy")
    digits = 2 if version == b"\1" else 4
    length = int.from_bytes(file.read(digits), "little")
    if length > _LONGEST_HEADER:
        raise NotPlain(f"the header of {name} has {length:,} bytes")
    header = file.read(length)
    size -= len(start) + digits + length
    found = [pattern.search(header) for pattern in (_DESCRIPTION, _FORTRAN, _SHAPE)]
    if len(header) < length or None in found:
        raise NotPlain(f"the header of {name} is damaged, or does not describe an array of numbers or text")
    code, fortran, sides = (match[1].decode("latin-1") for match in found if match)
    if code in ("|O", "O") and objects:
        return decode(file, size, budget)
    dtype = simple_type(code)
    shape = tuple(_side(side, name) for side in sides.replace("L", "").split(",") if side.strip())
    needed = size_of(dtype, shape)
    if needed > size:
        raise NotPlain(f"{name} is cut off: {size:,} of {needed:,} bytes are there")
    budget.unpack(needed, name)
    return array_of(_exactly(file, needed, name), dtype, shape, fortran=fortran == "True")


def _side(text: str, name: str) -> int:
    if len(text) > _LONGEST_SIDE or not text.strip().isdecimal():
        raise NotPlain(f"the header of {name} gives an impossible shape")
    return int(text)


def _exactly(file: IO[bytes], needed: int, name: str) -> np.ndarray:
    """Return so many bytes, counted while reading, as the declared sizes of zip members may be wrong."""
    buffer = np.empty(needed, dtype=np.uint8)
    view = buffer.data
    while len(view):
        got = file.readinto(view[:_PIECE])  # type: ignore[attr-defined]
        if not got:
            raise NotPlain(f"{name} is cut off")
        view = view[got:]
    return buffer
