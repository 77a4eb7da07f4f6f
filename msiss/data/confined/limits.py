"""How much of the computer a child may use that looks at foreign files, and the reasons.

Memory is counted twice. What the child holds for itself is limited by the size of the files, as `Budget` limits what is
unpacked of them, but for pieces that no budget knows of. Its address space holds mapped files as well, which take no
memory: those that it reads, and those that it writes, which are no larger than the free disk.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from msiss.data.formats.budget import LEAST, MOST_TIMES, SHARE, memory

# Python with pyimzML, numba and SciPy, and an import of 34,840 spectra (the bladder, compiling its kernels, 2 cores),
# hold 0.34 GB of their own in 0.85 GB of addresses; libraries reserve more on computers with more cores.
BASE, BASE_ADDRESSES = 10**9, 4 * 10**9
# Of a byte that is unpacked, such as a pixel of a picture, 4 become an ion image, and as much again is a copy of that
# while it is cropped or sorted.
COPIES = 8
# Processor seconds for any file, such as for compiling the kernels (5 s) and reading the bladder (7 s), and bytes a
# second: XML is read at 30 MB/s, arrays at 500 MB/s, text tables at 10 MB/s, all on a quick processor.
SECONDS, SPEED = 120, 1e6
PATIENCE = 10  # times the processor seconds by the clock: for busy computers and slow disks
NETWORK_HOURS = 12  # a data set of METASPACE of any size
SMALL_FILES = 10**9  # that a child writes which is not asked for a data set: what it keeps of an imzML header
FREE = 10**8  # bytes of the disk that a data set leaves free


@dataclass(frozen=True)
class Limits:
    """How much a child may use.

    Attributes
    ----------
    data, addresses : int
        Bytes of memory of its own, and of addresses.
    processor, clock : int
        Seconds of computing, and by the clock.
    file : int
        Bytes of the largest file that it writes.
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
