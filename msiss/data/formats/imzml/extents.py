"""Which bytes of the .ibd file belong to which array."""

from dataclasses import dataclass

import numpy as np

from msiss.data.formats.imzml.file import ArrayLayout, ImzmlFile

# The largest compression ratio of zlib is 1032:1, see https://zlib.net/zlib_tech.html.
ZLIB_RATIO = 1032

# If the arrays cover less than this share of the .ibd file, the header may belong to other data.
LEAST_USED = 0.9


@dataclass(frozen=True, eq=False)
class Extents:
    """The arrays of a file in the order of their bytes; spectra may share an array.

    Attributes
    ----------
    starts, stops : ndarray of shape (k,), int64
        First byte of each array, and the first one after it.
    size : int
        Bytes of the .ibd file.
    others : int
        Bytes of arrays that are not read.
    """

    starts: np.ndarray
    stops: np.ndarray
    size: int
    others: int = 0

    @classmethod
    def of(cls, file: ImzmlFile) -> "Extents":
        """Return the extents of all arrays that have values."""
        size = file.ibd_path.stat().st_size
        layouts = file.layouts
        used = [layout.lengths > 0 for layout in layouts]
        start = np.concatenate([layout.offsets[some] for layout, some in zip(layouts, used, strict=True)])
        length = np.concatenate([_stored(file, layout)[some] for layout, some in zip(layouts, used, strict=True)])
        stop = start + length
        if (np.diff(start) < 0).any():
            order = np.lexsort((stop, start))
            start, stop = start[order], stop[order]
        different = np.append(True, (np.diff(start) != 0) | (np.diff(stop) != 0))[: len(start)]
        return cls(start[different], stop[different], size, file.declared.get("other arrays", 0))

    @property
    def used(self) -> int:
        """Number of bytes of the UUID and of all arrays."""
        return 16 + int((self.stops - self.starts).sum()) + self.others

    @property
    def last(self) -> int:
        """First byte after the last array."""
        return int(self.stops.max(initial=16))

    @property
    def fill_the_file(self) -> bool:
        """Whether all arrays lie in the file and leave little of it over."""
        return self.last <= self.size and self.used >= LEAST_USED * self.size

    @property
    def overlapping(self) -> np.ndarray:
        """Which arrays begin before the one before them ends, shape (k,), bool."""
        return np.append(False, self.starts[1:] < self.stops[:-1])[: len(self.starts)]


def room(file: ImzmlFile, layout: ArrayLayout) -> np.ndarray:
    """Return the bytes from the start of each array of a layout to the next array or the end, shape (n,).

    0 for spectra without values.
    """
    held = [other.offsets[other.lengths > 0] for other in file.layouts]
    starts = np.sort(np.concatenate([*held, [file.ibd_path.stat().st_size]]), kind="stable")  # fast, as both ascend
    after = starts[np.minimum(np.searchsorted(starts, layout.offsets, side="right"), len(starts) - 1)]
    return np.where(layout.lengths > 0, after - layout.offsets, 0)


def _stored(file: ImzmlFile, layout: ArrayLayout) -> np.ndarray:
    """Return how many bytes each array takes in the .ibd file, shape (n,); compressed ones end before the next."""
    if layout.compression == "none":
        return layout.sizes
    most = room(file, layout)
    return np.where(layout.encoded > 0, np.minimum(layout.encoded, most), most)
