"""Untrusted zarr folders, of versions 2 and 3: only what is known is decoded, and memory is reserved before reading.

The description of every array is checked before the library zarr opens it: its codecs, of which some of others could
decode Python objects, the type of its values, and the number and the size of its chunks. The classes have the interface
of those in `msiss.data.formats.hdf5`, so that tables are read by the same code.
"""

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from msiss.data.formats.budget import Budget
from msiss.data.formats.hdf5 import MOST_CHUNKS, Folder, Unusable, Values

GROUP, ARRAY, ATTRIBUTES, DESCRIPTION = ".zgroup", ".zarray", ".zattrs", "zarr.json"  # the last one is of version 3
CODECS = {
    *("bytes", "transpose", "blosc", "gzip", "zstd", "zlib", "lz4", "crc32c", "sharding_indexed", "vlen-utf8"),
    *("shuffle", "delta"),
}
LARGEST_CHUNK = 2**30  # bytes; it is unpacked as a whole
LARGEST_DESCRIPTION = 64 * 2**20  # bytes; that of a large SpatialData folder repeats those of all its arrays
MOST_MEMBERS = 100_000  # of a group
_TEXT = object


def is_zarr(path: Path) -> bool:
    """Whether a path is a zarr folder, by its description."""
    return any((path / name).is_file() for name in (GROUP, ARRAY, DESCRIPTION))


class Store:
    """A zarr folder, opened for reading.

    Parameters
    ----------
    path : Path
    budget : Budget
        Budget for all values that are read.
    top : str, optional
        Path of the group in it that is taken as its root.
    """

    def __init__(self, path: Path, budget: Budget, top: "Path | None" = None) -> None:
        self.path, self.budget, self._top = path, budget, top or path

    @property
    def root(self) -> "ZarrFolder":
        """The root group.

        Raises
        ------
        Unusable
            If it is no group.
        """
        found = self.opened(self._top)
        if not isinstance(found, ZarrFolder):
            raise Unusable("It is a single array.")
        return found

    def opened(self, path: Path) -> "ZarrFolder | ZarrValues":
        """Return the group or the array in a folder."""
        if (path / DESCRIPTION).is_file():
            about = described(path / DESCRIPTION)
            attributes = about.get("attributes")
            array = about.get("node_type") == "array"
        elif (path / ARRAY).is_file() or (path / GROUP).is_file():
            array = (path / ARRAY).is_file()
            about = described(path / ARRAY) if array else {}
            attributes = described(path / ATTRIBUTES) if (path / ATTRIBUTES).is_file() else {}
        else:
            raise Unusable(f"{path.name[:60]} is neither a group nor an array.", "Copy or download the folder again.")
        attributes = attributes if isinstance(attributes, dict) else {}
        return ZarrValues(self, path, attributes, about) if array else ZarrFolder(self, path, attributes)


class ZarrFolder(Folder):
    """A group."""

    def __init__(self, store: Store, path: Path, attributes: Mapping[str, Any]) -> None:
        self.file, self.path, self.attributes = store, path, attributes  # type: ignore[assignment]

    def attribute(self, name: str) -> Any:
        """Return an attribute, or None."""
        return self.attributes.get(name)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._place(name) is not None

    def __iter__(self) -> Iterator[str]:
        for number, other in enumerate(sorted(self.path.iterdir())):
            if number > MOST_MEMBERS:
                raise Unusable(f"{self.path.name[:60]} holds more than {MOST_MEMBERS:,} arrays.")
            if is_zarr(other):
                yield other.name

    def __getitem__(self, name: str) -> "Folder | Values":
        place = self._place(name)
        if place is None:
            raise Unusable(f"{self.path.name[:60]} holds no {name[:60]}.")
        return self.file.opened(place)  # type: ignore[attr-defined]

    def values(self, name: str) -> Values:
        """Return an array in this group, as that of HDF5 does."""
        found = self[name]
        if not isinstance(found, Values):
            raise Unusable(f"{self.path.name[:60]} holds no array {name[:60]}.")
        return found

    def _place(self, name: str) -> Path | None:
        parts = Path(name).parts
        place = self.path.joinpath(*parts)
        return place if parts and not {"..", "/"} & set(parts) and is_zarr(place) else None


class ZarrValues(Values):
    """An array."""

    def __init__(self, store: Store, path: Path, attributes: Mapping[str, Any], about: Mapping[str, Any]) -> None:
        self.file, self.path, self.attributes = store, path, attributes  # type: ignore[assignment]
        self.shape, self.chunks, kind, codecs = _layout(about)
        name = path.name[:60]
        unknown = sorted(codecs - CODECS)
        if unknown:
            raise Unusable(
                f"{name} is packed by a method that msiss does not read ({unknown[0][:40]}).",
                "Write it with blosc, gzip, zstd or no compression.",
            )
        text = kind in ("|O", "string")
        if text and "vlen-utf8" not in codecs:
            raise Unusable(f"{name} holds neither numbers nor text.")
        try:
            self.dtype = np.dtype(_TEXT if text else _NAMES.get(kind, kind))
        except TypeError:
            raise Unusable(f"{name} holds neither numbers nor text, but {kind[:40]}.") from None
        if self.dtype.kind not in "fiubSUO" or self.dtype.fields:
            raise Unusable(f"{name} holds neither numbers nor text, but {kind[:40]}.")
        pieces = math.prod(-(-length // chunk) for length, chunk in zip(self.shape, self.chunks, strict=True))
        if pieces > MOST_CHUNKS or self.chunk_size > LARGEST_CHUNK:
            cut = f"{name} is cut into {pieces:,} chunks of {self.chunk_size / 1e6:,.1f} MB."
            raise Unusable(cut, "Write it in chunks of about 1 MB.")
        import zarr  # slow to import

        self._found = zarr.open_array(str(path), mode="r", zarr_format=2 if about.get("zarr_format") == 2 else 3)
        if (self._found.shape, self._found.dtype.kind in "fiub") != (self.shape, self.dtype.kind in "fiub"):
            raise Unusable(f"The description of {name} contradicts itself.")

    @property
    def fields(self) -> list[str]:
        """Names of the columns, of which a zarr array has none."""
        return []

    def attribute(self, name: str) -> Any:
        """Return an attribute, or None."""
        return self.attributes.get(name)

    def read(self, field: str | None = None) -> np.ndarray:  # noqa: ARG002 - there are none
        """Return all values, as those of HDF5 do."""
        what = self.path.name[:60]
        with self.file.budget.reserve_temporarily(self.chunk_size, what):
            self.file.budget.unpack(math.prod(self.shape) * max(1, self.dtype.itemsize), what)
            return np.asarray(self._found[...], dtype=self.dtype if self.dtype.kind in "OU" else None)


def described(path: Path) -> dict[str, Any]:
    """Return the content of a description.

    Raises
    ------
    Unusable
        If it is damaged or too long.
    """
    with path.open("rb") as file:
        text = file.read(LARGEST_DESCRIPTION + 1)
    try:
        found = json.loads(text) if len(text) <= LARGEST_DESCRIPTION else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Unusable(f"{path.parent.name[:60]}/{path.name} is damaged.", "Copy or download the folder again.")
    return found


# Names of the types of version 3 that NumPy does not know.
_NAMES = {"bool": "?"}


def _layout(about: Mapping[str, Any]) -> tuple[tuple[int, ...], tuple[int, ...], str, set[str]]:
    """Return shape, shape of the chunks, type and names of the codecs of an array."""
    try:
        shape = tuple(_length(side) for side in about["shape"])
        if about.get("zarr_format") == 2:
            chunks = about["chunks"]
            packing = [about.get("compressor"), *(about.get("filters") or ())]
            codecs = {str(one["id"]) for one in packing if one is not None}
            kind = str(about["dtype"])
        else:
            chunks = about["chunk_grid"]["configuration"]["chunk_shape"]
            codecs = _codecs(about["codecs"])
            kind = about["data_type"]
            if isinstance(kind, dict) and kind.get("name") == "fixed_length_utf32":
                kind = f"U{_length(kind['configuration']['length_bytes']) // 4}"
            kind = str(kind)
        chunks = tuple(max(1, _length(side)) for side in chunks)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise Unusable(f"The description of an array is damaged ({error!r:.80}).") from error
    if len(chunks) != len(shape):
        raise Unusable("The description of an array contradicts itself.")
    return shape, chunks, kind, codecs


def _length(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value < 2**48:
        raise ValueError(f"{value!r:.40} is no length")
    return value


def _codecs(listed: Any) -> set[str]:
    """Return the names of codecs, also of those in a shard."""
    found = set()
    for one in listed:
        name = one if isinstance(one, str) else str(one["name"])
        found.add(name.removeprefix("numcodecs."))
        inner = {} if isinstance(one, str) else one.get("configuration") or {}
        for key in ("codecs", "index_codecs"):
            found |= _codecs(inner.get(key) or ())
    return found
