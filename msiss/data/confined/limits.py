"""Limits on the resources of a child that parses untrusted files, and their reasons.

Memory has two limits. That on private memory depends on the size of the files, as does the `Budget` for unpacked data,
with a margin for memory that no budget counts. That on address space includes memory-mapped files, which need no
memory: those that are read, and those that are written, which are at most as large as the free disk.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from msiss.data.formats.budget import FREE, LEAST, MOST_TIMES, SHARE, memory

# Python with pyimzML, numba and SciPy, and an import of 34,840 spectra (the bladder, compiling its kernels, 2 cores),
# have 0.34 GB of private memory in 0.85 GB of address space; libraries reserve more on computers with more cores.
BASE, BASE_ADDRESSES = 10**9, 4 * 10**9
# An unpacked byte, such as a pixel of an image, becomes 4 bytes of an ion image, and again 4 in a copy while it is
# cropped or sorted.
COPIES = 8
# Processor seconds for any file, such as for compiling the kernels (5 s) and reading the bladder (7 s), and bytes a
# second: XML is read at 30 MB/s, arrays at 500 MB/s, text tables at 10 MB/s, all on a quick processor.
SECONDS, SPEED = 120, 1e6
PATIENCE = 10  # ratio of elapsed to processor time, for busy computers and slow disks
NETWORK_HOURS = 12  # a data set of METASPACE of any size
SMALL_FILES = 10**9  # written by a child that does not make a data set, such as the index of an imzML header


@dataclass(frozen=True)
class Limits:
    """Limits on the resources of a child.

    Attributes
    ----------
    data, addresses : int
        Bytes of private memory, and of address space.
    processor, clock : int
        Seconds of processor time, and of elapsed time.
    file : int
        Bytes of the largest file that it may write.
    """

    data: int
    addresses: int
    processor: int
    clock: int
    file: int


def limits(size: int, writes: Path | None = None, *, network: bool = False) -> Limits:
    """Return the limits of a child that reads files of `size` bytes and writes a data set into the folder `writes`."""
    free = max(0, shutil.disk_usage(writes).free - FREE) if writes is not None else 0
    share = memory() // SHARE
    data = BASE + (share if network else min(share, COPIES * max(MOST_TIMES * size, LEAST)))
    processor = int(SECONDS + size / SPEED) * (PATIENCE if network else 1)
    return Limits(
        data=data,
        addresses=data + BASE_ADDRESSES + 2 * size + 2 * free,
        processor=processor,
        clock=NETWORK_HOURS * 3600 if network else PATIENCE * processor,
        file=free if writes is not None else SMALL_FILES,
    )
