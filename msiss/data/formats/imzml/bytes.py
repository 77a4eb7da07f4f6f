"""The bytes of some spectra of an .ibd file, read in few large blocks, in the form for the kernels."""

import zlib
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats.imzml.file import ArrayLayout, ImzmlFile

SMALL_GAP = 2**16  # bytes between two arrays that are read as well, which is faster than another reading
_DIRECT = (np.dtype("<f4"), np.dtype("<f8"))  # number types that the kernels read directly


class Spectra:
    """Reads spectra of one file; not thread-safe, as its buffers are reused.

    Attributes
    ----------
    mz_like, intensity_like, mobility_like : ndarray of shape (0,)
        Empty arrays of the number types that `read` returns; None for mobilities that are not read.
    """

    def __init__(self, file: ImzmlFile, *, with_mobility: bool = False) -> None:
        self._file = file
        self._mobility = [file.mobility_array] if with_mobility and file.mobility_array is not None else []
        self._ibd = file.ibd_path.open("rb", buffering=0)
        self._size = file.ibd_path.stat().st_size
        self._buffer = np.empty(0, dtype=np.uint8)
        layouts = (file.mz, file.intensity, *self._mobility)
        self._direct = all(layout.compression == "none" and layout.dtype in _DIRECT for layout in layouts)
        self.mz_like, self.intensity_like, *more = (
            np.empty(0, dtype=layout.dtype if self._direct else np.float64) for layout in layouts
        )
        self.mobility_like = more[0] if more else None

    @cached_property
    def _ends(self) -> np.ndarray:
        """Offsets of all arrays and the end of the file, ascending: upper limits of the end of compressed arrays."""
        return np.unique(np.concatenate([*(layout.offsets for layout in self._file.layouts), [self._size]]))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._ibd.close()

    def read(self, spectra: np.ndarray, *, with_mz: bool) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
        """Return bytes and the offsets of the arrays of the spectra in them, in the form for the kernels.

        The bytes are valid until the next call. Without `with_mz`, the offsets of the m/z are those of the intensities.
        The offsets of mobilities come last, if they are read.
        """
        layouts = (*([self._file.mz] if with_mz else []), self._file.intensity, *self._mobility)
        starts = [layout.offsets[spectra] for layout in layouts]
        lengths = self._file.intensity.lengths[spectra]
        if self._direct:
            sizes = [layout.sizes[spectra] for layout in layouts]
            data, places = self._gather(np.concatenate(starts), np.concatenate(sizes))
        else:
            data, places = self._unpacked(layouts, spectra)
        starts = np.split(places, len(layouts))
        own, more = (starts[:-1], starts[-1:]) if self._mobility else (starts, [])
        return data, (spectra, own[0], own[-1], lengths, *more)

    def one(self, spectrum: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the m/z and intensities of one spectrum as they are in the file, float64."""
        data, (_, *places, lengths) = self.read(np.array([spectrum]), with_mz=True)
        arrays = []
        for like, starts in zip((self.mz_like, self.intensity_like), places, strict=True):
            values = np.frombuffer(data, dtype=like.dtype, count=int(lengths[0]), offset=int(starts[0]))
            with np.errstate(invalid="ignore"):
                arrays.append(values.astype(np.float64))
        return arrays[0], arrays[1]

    def _gather(self, starts: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Read arrays at any offsets, nearby ones together; return the bytes and the offset of each array in them."""
        order = np.argsort(starts, kind="stable")
        stops = np.maximum.accumulate((starts + sizes)[order])
        far = np.flatnonzero(starts[order][1:] > stops[:-1] + SMALL_GAP) + 1
        firsts, lasts = np.concatenate([[0], far]), np.concatenate([far - 1, [len(order) - 1]])
        begins, ends = starts[order][firsts], stops[lasts]
        offsets = np.concatenate([[0], np.cumsum(ends - begins)])
        if offsets[-1] > len(self._buffer):
            self._buffer = np.empty(int(offsets[-1] * 1.25), dtype=np.uint8)
        view = self._buffer.data
        for begin, end, offset in zip(begins.tolist(), ends.tolist(), offsets.tolist(), strict=False):
            self._ibd.seek(begin)
            self._fill(view[offset : offset + end - begin])
        places = np.empty(len(starts), dtype=np.int64)
        run = np.repeat(np.arange(len(begins)), lasts - firsts + 1)
        places[order] = starts[order] - begins[run] + offsets[run]
        return self._buffer, places

    def _fill(self, buffer: memoryview) -> None:
        while len(buffer):
            got = self._ibd.readinto(buffer)
            if not got:
                raise _cut_off(self._file.path)
            buffer = buffer[got:]

    def _unpacked(self, layouts: tuple[ArrayLayout, ...], spectra: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Decompress the arrays and convert them to 64-bit floats."""
        lengths = np.concatenate([layout.lengths[spectra] for layout in layouts])
        places = np.concatenate([[0], np.cumsum(lengths)]) * 8
        values = np.empty(int(lengths.sum()))
        which = [(layout, int(spectrum)) for layout in layouts for spectrum in spectra]
        with np.errstate(invalid="ignore"):
            for (layout, spectrum), place, length in zip(which, places.tolist(), lengths.tolist(), strict=False):
                assert layout.dtype is not None
                array = np.frombuffer(self._bytes(layout, spectrum), dtype=layout.dtype, count=length)
                values[place // 8 : place // 8 + length] = array
        return values.view(np.uint8), places[:-1]

    def _bytes(self, layout: ArrayLayout, spectrum: int) -> bytes:
        """Return the bytes of one array; compressed ones end at the latest at the next array."""
        start, size = int(layout.offsets[spectrum]), int(layout.sizes[spectrum])
        if not size:
            return b""
        self._ibd.seek(start)
        if layout.compression == "none":
            buffer = bytearray(size)
            self._fill(memoryview(buffer))
            return bytes(buffer)
        end = int(self._ends[np.searchsorted(self._ends, start, side="right")])
        packed = self._ibd.read(min(end - start, size + size // 100 + 1000))  # the most that zlib can expand data
        try:
            found = zlib.decompressobj().decompress(packed, size + 1)  # one more than expected, to detect longer arrays
        except zlib.error:
            found = b""
        if len(found) != size:
            raise DataStop(
                HealthRow(
                    "compression",
                    "stop",
                    f"The zlib-compressed data of {self._file.place(spectrum)} cannot be decompressed to "
                    f"{layout.lengths[spectrum]:,} values.",
                    "The .ibd file is damaged, or is not compressed as the header says.",
                    "Copy both files again, or export them without compression.",
                ),
                self._file.path.name,
            )
        return found


def _cut_off(path: Path) -> DataStop:
    row = HealthRow("ibd size", "stop", "The .ibd file became shorter while it was read.", "", "Copy it again.")
    return DataStop(row, path.name)
