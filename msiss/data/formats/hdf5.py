"""Untrusted HDF5 files: references to other files are refused, and memory is reserved before reading.

An HDF5 file can include the bytes of other files: by external links, by external storage, by virtual datasets, and by
links or filters of plugins of the library. All objects of a file are checked before any value is read, and all values
are read through the classes of this module.
"""

import math
import mmap
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from msiss.data.formats.budget import Budget

if TYPE_CHECKING:
    import h5py

# Settings: AnnData files have a few hundred objects, at most ten levels of groups, and short attributes.
MOST_OBJECTS, DEEPEST, LARGEST_ATTRIBUTE = 100_000, 100, 10_000
# Reading one chunk takes a few microseconds, even if it is not stored.
MOST_CHUNKS = 2_000_000
# A chunk is unpacked as a whole, and cached if it fits into the cache.
LARGEST_CHUNK = 128 * 2**20
# Built-in filters of the library or h5py that programs use: deflate, shuffle, Fletcher32, LZF.
_FILTERS = {1, 2, 3, 32000}
# Variable-length text is in global heaps, which begin with a signature, a version and their size.
_HEAP = re.compile(rb"GCOL\x01\x00\x00\x00(.{8})", re.DOTALL)
_MOST_HEAPS = 1_000_000
_TEXTS = 64 * 2**20  # bytes of a block of texts
_OBJECT = 64  # bytes of a Python string beside its characters
_ONE_FILE = "Write everything into one file."


class Unusable(Exception):
    """A problem of the file, and what to do about it."""

    def __init__(self, found: str, action: str = "") -> None:
        super().__init__(found)
        self.action = action


class Hdf5:
    """An HDF5 file, opened for reading.

    Parameters
    ----------
    path : Path
    budget : Budget
        Budget for all values that are read.

    Raises
    ------
    Unusable
        If the file refers to other files, or has a structure that no program needs.
    OSError
        If it cannot be opened as HDF5.
    """

    def __init__(self, path: Path, budget: Budget) -> None:
        import h5py

        self._path, self.budget = path, budget
        self._file = h5py.File(path, "r", rdcc_nbytes=LARGEST_CHUNK)
        try:
            _look_through(self._file)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def root(self) -> "Folder":
        """The root group."""
        return Folder(self, self._file)

    def wrapped(self, found: Any) -> "Folder | Values":
        """Return the wrapper of an object of the file."""
        import h5py

        if isinstance(found, h5py.Dataset):
            return Values(self, found)
        if isinstance(found, h5py.Group):
            return Folder(self, found)
        raise Unusable(f"{_short(found.name)} is neither a group nor a dataset.")

    def follow(self, reference: Any) -> "Folder | Values":
        """Return the target of an object reference, which may be unnamed."""
        found = self._file[reference]
        _look_through(found)
        return self.wrapped(found)

    @cached_property
    def longest_text(self) -> int:
        """Upper limit of the bytes of a text: the size of the largest heap for texts, or of the file."""
        size = self._path.stat().st_size
        longest = 4096
        with self._path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            for number, heap in enumerate(_HEAP.finditer(content)):
                longest = max(longest, int.from_bytes(heap[1], "little"))
                if number >= _MOST_HEAPS:
                    return size
        return min(longest, size)


class _Object:
    """The common base of groups and datasets."""

    def __init__(self, file: Hdf5, found: Any) -> None:
        self.file, self._found = file, found

    def attribute(self, name: str) -> Any:
        """Return an attribute if it is a number, a text, a reference or a short array; None otherwise."""
        if name not in self._found.attrs:
            return None
        attribute = self._found.attrs.get_id(name)
        shape = attribute.shape
        if shape is None or len(shape) > 1 or math.prod(shape) * attribute.dtype.itemsize > LARGEST_ATTRIBUTE:
            return None
        if attribute.dtype.hasobject and shape:
            return None
        with self.file.budget.reserve_temporarily(
            self.file.longest_text if attribute.dtype.hasobject else 0, f"The attribute {name}"
        ):
            return self._found.attrs[name]


class Folder(_Object):
    """A group."""

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __getitem__(self, name: str) -> "Folder | Values":
        return self.file.wrapped(self._found[name])

    def folder(self, name: str) -> "Folder | None":
        """Return a group in this one, or None."""
        if name not in self:
            return None
        found = self[name]
        return found if isinstance(found, Folder) else None

    def values(self, name: str) -> "Values":
        """Return a dataset in this group.

        Raises
        ------
        Unusable
            If there is no dataset of this name.
        """
        if name in self:
            found = self[name]
            if isinstance(found, Values):
                return found
        raise Unusable(f"{_short(self._found.name)} holds no array {_short(name)}.")


class Values(_Object):
    """A dataset.

    Attributes
    ----------
    shape : tuple of int
    dtype : numpy dtype
    """

    def __init__(self, file: Hdf5, found: "h5py.Dataset") -> None:
        _refuse_elsewhere(found.id, found.name)
        super().__init__(file, found)
        if found.shape is None:
            raise Unusable(f"{_short(found.name)} is empty.")
        self.shape, self.dtype, self.chunks = found.shape, found.dtype, found.chunks
        if self.chunks:
            pieces = math.prod(-(-length // chunk) for length, chunk in zip(self.shape, self.chunks, strict=True))
            if pieces > MOST_CHUNKS or self.chunk_size > LARGEST_CHUNK:
                cut = f"{_short(found.name)} is cut into {pieces:,} chunks of {self.chunk_size / 1e6:,.1f} MB."
                raise Unusable(cut, "Write it in chunks of about 1 MB.")

    def __len__(self) -> int:
        return int(self.shape[0]) if self.shape else 1

    @property
    def fields(self) -> list[str]:
        """Names of the columns of a compound dataset, else none."""
        return list(self.dtype.names or ())

    def read(self, field: str | None = None) -> np.ndarray:
        """Return all values, of one field of a compound dataset.

        Raises
        ------
        Unusable
            If the values are neither numbers nor text.
        DataStop
            If there is not enough memory.
        """
        dtype = self.dtype if field is None else self.dtype[field]
        source = self._found if field is None else self._found.fields(field)
        what = _short(self._found.name)
        with self.file.budget.reserve_temporarily(self.chunk_size, what):
            if dtype.kind in "fiubS":
                self.file.budget.unpack(math.prod(self.shape) * max(1, dtype.itemsize), what)
                return np.asarray(source[()])
            if not _is_text(dtype) or len(self.shape) > 1:
                raise Unusable(f"{what} holds neither numbers nor text, but {str(dtype)[:40]}.")
            if not self.shape:
                self.file.budget.unpack(self.file.longest_text, what)
                return np.asarray(source[()], dtype=object)
            return self._texts(source, what)

    @property
    def chunk_size(self) -> int:
        """Bytes of a chunk, which is unpacked as a whole."""
        return math.prod(self.chunks or ()) * self.dtype.itemsize if self.chunks else 0

    def part(self, *where: slice) -> np.ndarray:
        """Return some of the numbers; the caller must have reserved the memory for them and a chunk."""
        return np.asarray(self._found[where])

    def _texts(self, source: Any, what: str) -> np.ndarray:
        """Return variable-length texts, which may share storage, in blocks whose memory is reserved."""
        number = len(self)
        self.file.budget.unpack(_OBJECT * number, what)
        texts = np.empty(number, dtype=object)
        step = max(1, _TEXTS // self.file.longest_text)
        for start in range(0, number, step):
            piece = source[start : start + step]
            self.file.budget.unpack(sum(map(len, piece)), what)
            texts[start : start + step] = piece
        return texts


def _look_through(top: Any) -> None:
    """Refuse references to other files, in this object and all objects in it.

    Raises
    ------
    Unusable
        If there is one; the message names the first.
    """
    import h5py

    seen = set()
    waiting: list[tuple[Any, bytes, int]] = [(top.id, b".", 0)]
    while waiting:
        parent, name, depth = waiting.pop()
        found = h5py.h5o.open(parent, name)
        place = h5py.h5o.get_info(found).addr
        if place in seen:  # hard links may form cycles
            continue
        seen.add(place)
        shown = name.decode("utf-8", errors="replace")
        if isinstance(found, h5py.h5d.DatasetID):
            _refuse_elsewhere(found, shown)
        elif isinstance(found, h5py.h5g.GroupID):
            if depth > DEEPEST:
                raise Unusable(f"More than {DEEPEST} groups lie in one another.", _ONE_FILE)
            most = MOST_OBJECTS - len(seen) - len(waiting)
            waiting += [(found, link, depth + 1) for link in _links(found, most)]


def _links(group: Any, most: int) -> list[bytes]:
    """Return the names of the members of a group, without soft links, whose targets have other names in the file."""
    import h5py

    names: list[bytes] = []
    elsewhere: list[bytes] = []

    def look(name: bytes, link: Any) -> bool | None:
        if link.type != h5py.h5l.TYPE_SOFT:
            (names if link.type == h5py.h5l.TYPE_HARD else elsewhere).append(name)
        return True if elsewhere or len(names) > most else None  # stops the iteration

    group.links.iterate(look, info=True)
    if elsewhere:
        raise Unusable(f"{_short(elsewhere[0].decode('utf-8', errors='replace'))} lies in another file.", _ONE_FILE)
    if len(names) > most:
        raise Unusable(
            f"The file holds more than {MOST_OBJECTS:,} objects.", "Leave out what is no part of the images."
        )
    return names


def _refuse_elsewhere(dataset: Any, name: str) -> None:
    """Refuse a dataset, given by its low-level object, whose values are in other files, without reading them."""
    import h5py

    made = dataset.get_create_plist()
    if made.get_external_count() or made.get_layout() == h5py.h5d.VIRTUAL:
        raise Unusable(f"{_short(name)} lies in another file.", _ONE_FILE)
    for number in range(made.get_nfilters()):
        code = made.get_filter(number)[0]
        if code not in _FILTERS:
            raise Unusable(
                f"{_short(name)} is compressed by a method that msiss does not read (HDF5 filter {code}).",
                "Write it with gzip, LZF or no compression.",
            )


def _is_text(dtype: np.dtype) -> bool:
    import h5py

    return h5py.check_string_dtype(dtype) is not None


def _short(name: str | None) -> str:
    return (name or "An object")[:60]
