"""The memory budget for the parts of one file."""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msiss.data.findings import DataStop, HealthRow

# Largest ratio of unpacked to stored size, unless the unpacked size is below this number of bytes. Deflate compresses
# by a factor of up to 1032 (https://zlib.net/zlib_tech.html); images of counts with 99 % empty pixels, the sparsest of
# practical use, by about 90.
MOST_TIMES, LEAST = 200, 512 * 10**6
# Reading needs memory beside the ion images: for the input, and for other programs.
SHARE = 2
FREE = 10**8  # bytes of a disk that remain free


class Budget:
    """Counts the memory for all parts of a file; it is reserved before each part is read or made.

    A damaged or malicious file may declare any sizes. There are two limits on the sums over all parts: the unpacked
    data are at most `MOST_TIMES` the size of the file, or `LEAST` if that is more; the unpacked data and all that is
    made of them, such as the ion images, are at most half of the memory of the computer.

    Parameters
    ----------
    name : str
        Name of the file for messages.
    *files : Path
        The files that are read; `found` adds more.
    """

    def __init__(self, name: str, *files: Path) -> None:
        self.name = name
        self._on_disk = 0
        self._unpacked = self._held = 0
        self._memory = memory() // SHARE
        self.found(*files)

    def found(self, *files: Path) -> None:
        """Add further files that belong to the opened one."""
        self._on_disk += sum(file.stat().st_size for file in files if file.is_file())

    def unpack(self, size: int, what: str) -> None:
        """Reserve `size` bytes for an unpacked part of the file.

        Parameters
        ----------
        size : int
            As declared by the file, or as counted.
        what : str
            Description of the part, for the message.

        Raises
        ------
        DataStop
            If it exceeds the budget.
        """
        most = most_unpacked(self._on_disk)
        if self._unpacked + size > most:
            found = (
                f"{what} would unpack to {_gigabytes(size)}, all of it to {_gigabytes(self._unpacked + size)} or more; "
                f"of a file of {_gigabytes(self._on_disk)} at most {_gigabytes(most)} are unpacked."
            )
            action = "If it really holds that much, save it without compression."
            raise self._stop(found, "The file is damaged or made to do harm.", action)
        self.reserve(size, what)
        self._unpacked += size

    def reserve(self, size: int, what: str) -> None:
        """Reserve `size` bytes for data that are made from the file.

        Raises
        ------
        DataStop
            If it exceeds the budget.
        """
        if self._held + size > self._memory:
            found = (
                f"{what} would take {_gigabytes(size)} of memory, all of it {_gigabytes(self._held + size)}; half of "
                f"this computer's memory is {_gigabytes(self._memory)}."
            )
            raise self._stop(found, "", "Export fewer ions or a part of the section.")
        self._held += size

    def images(self, shape: tuple[int, ...], *, itemsize: int = 4) -> None:
        """Reserve the memory for ion images of this shape.

        Raises
        ------
        DataStop
            If there is not enough memory.
        """
        self.reserve(itemsize * math.prod(map(int, shape)), " x ".join(f"{length:,}" for length in shape) + " numbers")

    @contextmanager
    def reserve_temporarily(self, size: int, what: str) -> Iterator[None]:
        """Reserve `size` bytes of unpacked data within a context.

        Raises
        ------
        DataStop
            If it exceeds the budget.
        """
        self.unpack(size, what)
        try:
            yield
        finally:
            self._unpacked -= size
            self._held -= size

    @contextmanager
    def released_afterwards(self) -> Iterator[None]:
        """Release all reservations within a context at its end."""
        before = self._unpacked, self._held
        try:
            yield
        finally:
            self._unpacked, self._held = before

    def _stop(self, found: str, meaning: str, action: str) -> DataStop:
        return DataStop(HealthRow("memory", "stop", found, meaning, action), self.name)


def most_unpacked(on_disk: int) -> int:
    """Return how many bytes may be unpacked from a file of this size."""
    return max(MOST_TIMES * on_disk, LEAST)


def memory() -> int:
    """Return the memory of the computer in bytes; 16 GB if it is unknown."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows
        return 16 * 10**9


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 10**9 else f"{size / 1e6:,.1f} MB"
