"""Untrusted TIFF files: declared sizes are checked before tifffile reads them.

The list of pages is parsed once by the specification of the format (TIFF revision 6.0, and BigTIFF of libtiff), so that
its length, the size of the metadata and the compression are known before tifffile reads any of it.
"""

import math
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import numpy as np

from msiss.data.formats.budget import Budget

MOST_PAGES, MOST_TAGS = 50_000, 4096  # tifffile needs a few kilobytes per page
# Bytes of each type of value, by its code.
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_DESCRIPTION, _COMPRESSION = 270, 259
# Lossless compressions: none, LZW, deflate (two codes), PackBits and Zstandard; lossy codecs are refused.
_PACKINGS = {1, 5, 8, 32946, 32773, 50000}
_PYTHON = 10  # ratio of the memory of a Python list of numbers to their bytes


class NotRead(ValueError):
    """A TIFF file is damaged, or uses features that msiss does not support."""


@contextmanager
def open_tiff(source: Path | BytesIO, budget: Budget) -> Iterator[Any]:
    """Open a TIFF file with tifffile after a check of its pages.

    Yields
    ------
    tifffile.TiffFile

    Raises
    ------
    NotRead
        If it is damaged.
    DataStop
        If it is too large.
    """
    import tifffile

    if isinstance(source, Path):
        with source.open("rb") as file:
            _look_through(file, source.stat().st_size, budget)
    else:
        _look_through(source, source.getbuffer().nbytes, budget)
        source.seek(0)
    with tifffile.TiffFile(source) as opened:
        yield opened


def numbers(opened: Any, budget: Budget, place: int = 0) -> np.ndarray:
    """Return the numbers of a series of pages of a `tifffile.TiffFile`, the first one by default.

    Raises
    ------
    DataStop
        If they exceed the budget.
    """
    series = opened.series[place]
    bytes_each = series.dtype.itemsize + (0 if series.dtype == np.float32 else 4)  # finally in single precision
    budget.unpack(
        math.prod(map(int, series.shape)) * bytes_each,
        " x ".join(f"{length:,}" for length in series.shape[:5]) + " numbers",
    )
    tile = math.prod(map(int, series.keyframe.chunks)) * series.dtype.itemsize
    with budget.reserve_temporarily(4 * tile, "A tile of it"):
        return np.asarray(series.asarray(maxworkers=2))


def _look_through(file: IO[bytes], size: int, budget: Budget) -> None:
    """Parse the list of pages.

    Raises
    ------
    NotRead, DataStop
        If it is damaged, does not end, or is too large.
    """
    start = file.read(16)
    order = {b"II": "<", b"MM": ">"}.get(start[:2])
    version = struct.unpack_from(f"{order}H", start, 2)[0] if order and len(start) >= 8 else None
    if version not in (42, 43) or (version == 43 and len(start) < 16):
        raise NotRead("it is no TIFF")
    big = version == 43
    place = struct.unpack_from(f"{order}Q" if big else f"{order}I", start, 8 if big else 4)[0]
    number, tag, offset = (
        (f"{order}Q", f"{order}HHQQ", f"{order}Q") if big else (f"{order}H", f"{order}HHII", f"{order}I")
    )
    seen: set[int] = set()
    while place:
        if place in seen or len(seen) >= MOST_PAGES:
            raise NotRead(f"its list of pages does not end, or has more than {MOST_PAGES:,}")
        seen.add(place)
        file.seek(place)
        tags = _unpack(number, file.read(struct.calcsize(number)))[0]
        if tags > MOST_TAGS:
            raise NotRead(f"a page has {tags:,} entries")
        entries = file.read(tags * struct.calcsize(tag))
        if len(entries) < tags * struct.calcsize(tag):
            raise NotRead("it is cut off")
        place = _unpack(offset, file.read(struct.calcsize(offset)))[0]
        long = 0
        for code, kind, count, value in struct.iter_unpack(tag, entries):
            length = count * _SIZES.get(kind, 1)
            if length > size:
                raise NotRead("what a page says about itself is larger than the file")
            if length > struct.calcsize(offset):
                long += length
            if code == _COMPRESSION and kind == 3:  # a short value is in the first two bytes
                packing = struct.unpack_from(f"{order}H", struct.pack(offset, value))[0]
                if packing not in _PACKINGS:
                    raise NotRead(f"its pages are packed in a way that msiss does not read (compression {packing})")
            if code == _DESCRIPTION and len(seen) == 1 and length > struct.calcsize(offset):
                back = file.tell()
                file.seek(value)
                if b"<!" in file.read(length).replace(b"<!--", b""):
                    raise NotRead("its description declares XML entities")
                file.seek(back)
        budget.unpack(_PYTHON * long, "What its pages say about themselves")


def _unpack(form: str, data: bytes) -> tuple[int, ...]:
    try:
        return struct.unpack(form, data)
    except struct.error as error:
        raise NotRead("it is cut off") from error
