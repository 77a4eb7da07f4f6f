"""How much memory the parts of one file may take together."""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msiss.data.findings import DataStop, HealthRow

# What is unpacked is at most so many times what lies on the disk, or this many bytes if that is more. Deflate makes
# data up to 1032 times smaller (https://zlib.net/zlib_tech.html); images of counts of which 99 in 100 pixels are empty,
# the emptiest that are worth opening, become some 90 times smaller.
MOST_TIMES, LEAST = 200, 512 * 10**6
# Reading needs room beside the ion images: for what is being read, and for the rest of the computer.
SHARE = 2


class Budget:
    """Counts the bytes of all parts of what is opened, and is asked before each of them is read or made.

    Sizes stand in files, and a damaged or malicious one may claim any. There are two limits, on sums over all parts:
    what is unpacked from the file is at most `MOST_TIMES` its size on the disk, or `LEAST` if that is more; that and
    what is made of it, such as the ion images, is at most half of the computer's memory.

    Parameters
    ----------
    name : str
        Name of the file for messages.
    *files : Path
        The files that are read; `found` adds more of them.
    """

    def __init__(self, name: str, *files: Path) -> None:
        self.name = name
        self._on_disk = 0
        self._unpacked = self._held = 0
        self._memory = memory() // SHARE
        self.found(*files)

    def found(self, *files: Path) -> None:
        """Take into account that further files belong to what is opened."""
        self._on_disk += sum(file.stat().st_size for file in files if file.is_file())

    def unpack(self, size: int, what: str) -> None:
        """Reserve `size` bytes for a part of the file as it is when unpacked.

        Parameters
        ----------
        size : int
            As the file claims, or as counted.
        what : str
            What the part is, for the message.

        Raises
        ------
        DataStop
            If that is too much.
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
        """Reserve `size` bytes for what is made of the file.

        Raises
        ------
        DataStop
            If that is too much.
        """
        if self._held + size > self._memory:
            found = (
                f"{what} would take {_gigabytes(size)} of memory, all of it {_gigabytes(self._held + size)}; half of "
                f"this computer's memory is {_gigabytes(self._memory)}."
            )
            raise self._stop(found, "", "Export fewer ions or a part of the section.")
        self._held += size

    def images(self, shape: tuple[int, ...], *, itemsize: int = 4) -> None:
        """Reserve the room for ion images of this shape.

        Raises
        ------
        DataStop
            If there is not enough.
        """
        self.reserve(itemsize * math.prod(map(int, shape)), " x ".join(f"{length:,}" for length in shape) + " numbers")

    @contextmanager
    def reserve_temporarily(self, size: int, what: str) -> Iterator[None]:
        """Reserve `size` unpacked bytes for a while.

        Raises
        ------
        DataStop
            If that is too much.
        """
        self.unpack(size, what)
        try:
            yield
        finally:
            self._unpacked -= size
            self._held -= size

    @contextmanager
    def released_afterwards(self) -> Iterator[None]:
        """Give back at the end all that is reserved within."""
        before = self._unpacked, self._held
        try:
            yield
        finally:
            self._unpacked, self._held = before

    def _stop(self, found: str, meaning: str, action: str) -> DataStop:
        return DataStop(HealthRow("memory", "stop", found, meaning, action), self.name)


def most_unpacked(on_disk: int) -> int:
    """Return how many bytes may be unpacked of so many on the disk."""
    return max(MOST_TIMES * on_disk, LEAST)


def memory() -> int:
    """Return the memory of the computer in bytes; 16 GB where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows
        return 16 * 10**9


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 10**9 else f"{size / 1e6:,.1f} MB"
