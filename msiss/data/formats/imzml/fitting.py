"""What the lengths, the places and the values of arrays say about how they are written, where a header is wrong.

Some programs write 64-bit numbers and declare 32-bit ones, whole numbers and declare fractions, or compressed arrays
and declare that they are not, or the reverse, so that every value would be misread.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from msiss.data.formats.imzml.extents import ZLIB_RATIO, room
from msiss.data.formats.imzml.file import ArrayLayout, ImzmlFile
from msiss.words import count

SIZES = (1, 2, 4, 8)  # bytes of a number
LOOKED_AT = 8  # arrays whose values are looked at
MOST_VALUES = 100_000  # of each of them
# What values are when they are read with their type. The bits of another type give any power of two.
LARGEST_MZ, SMALLEST_MZ = 1e6, -1.0
LARGEST_INTENSITY, SMALLEST_INTENSITY = 1e15, 1e-15
# The bits of fractions are whole numbers above these, and the bits of whole numbers are fractions below these, by the
# bytes of a number. Intensities of 1e-38 occur beside usual ones, so that all must be below; of two bytes, one.
LEAST_BITS, MOST_BITS = {2: 12_000, 4: 1e8, 8: 1e15}, {2: 1e-3, 4: 1e-30, 8: 1e-290}
NAMES = {"mz": "m/z", "intensity": "intensity", "mobility_array": "ion mobility"}


def fitted(file: ImzmlFile) -> ImzmlFile:
    """Return the file with what fits its arrays, and without m/z of spectra that have no intensities.

    A type other than the declared one is taken only if all arrays have the length of it, and values that make sense;
    it is a remark of the file then. Where nothing can be decided, the file is returned as it is.
    """
    file = _with_shared_axis(file)
    if not _possible(file):
        return file
    empty = (file.intensity.lengths == 0) & (file.mz.lengths > 0)  # measured pixels without a peak
    if empty.any():
        file = replace(file, mz=replace(file.mz, lengths=np.where(empty, 0, file.mz.lengths)))
    for name in NAMES:
        layout = getattr(file, name)
        if layout is None:
            continue
        compression = _compression(file, layout, is_mz=name == "mz")
        if compression != layout.compression:
            layout = replace(layout, compression=compression)
            said, are = ("not compressed", "are") if compression == "zlib" else ("zlib-compressed", "are not")
            remark = (
                f"The header says that the {NAMES[name]} arrays are {said}, but in {file.ibd_path.name} they {are}. "
                "They are read as they are there."
            )
            file = replace(file, remarks=(*file.remarks, remark), **{name: layout})
        dtype = _fitting(file, layout, is_mz=name == "mz")
        if dtype is not None and (layout.dtype is None or dtype != layout.dtype):  # None equals float64
            declared = "no number type" if layout.dtype is None else layout.dtype.name
            same = layout.dtype is not None and layout.dtype.itemsize == dtype.itemsize
            remark = (
                f"The header gives {declared} for the {NAMES[name]} arrays, but their "
                f"{'values' if same else 'length and places'} in {file.ibd_path.name} are those of {dtype.name}. "
                f"They are read as {dtype.name}."
            )
            file = replace(file, remarks=(*file.remarks, remark), **{name: replace(layout, dtype=dtype)})
    return file


def _with_shared_axis(file: ImzmlFile) -> ImzmlFile:
    """Return a file whose spectra all name the one list of m/z, which in continuous mode some may leave out."""
    mz, lengths = file.mz, file.intensity.lengths
    lacking, held = (mz.lengths == 0) & (lengths > 0), np.flatnonzero(mz.lengths)
    if file.mode != "continuous" or not lacking.any() or not len(held):
        return file
    first = held[0]
    if (mz.offsets[held] != mz.offsets[first]).any() or (lengths[lacking] != mz.lengths[first]).any():
        return file
    offsets, lengths, encoded = (
        np.where(lacking, values[first], values) for values in (mz.offsets, mz.lengths, mz.encoded)
    )
    remark = f"{count(int(lacking.sum()), 'spectrum')} without m/z in continuous mode: the one list of m/z is for all."
    shared = replace(mz, offsets=offsets, lengths=lengths, encoded=encoded)
    return replace(file, mz=shared, remarks=(*file.remarks, remark))


def _possible(file: ImzmlFile) -> bool:
    """Return whether all arrays can lie in the .ibd file at all; what is wrong otherwise is said by `layout_rows`."""
    size = file.ibd_path.stat().st_size
    return all(
        bool(
            ((layout.lengths >= 0) & (layout.lengths <= ZLIB_RATIO * size)).all()
            and ((layout.offsets >= 16) & (layout.offsets < size))[layout.lengths > 0].all()
        )
        for layout in file.layouts
    )


def _fitting(file: ImzmlFile, layout: ArrayLayout, *, is_mz: bool) -> np.dtype | None:
    """Return the number type that fits; None if it is the declared one, or cannot be found."""
    used = np.flatnonzero(layout.lengths)
    if not len(used) or layout.compression not in ("none", "zlib"):
        return None
    declared = layout.dtype
    size, sure = (_unpacked_size if layout.compression == "zlib" else _stored_size)(file, layout, used)
    kind = declared.kind if declared else "f"
    types = [
        np.dtype(f"<{one}{size}") for one in (kind, "i" if kind == "f" else "f") if size and (one, size) != ("f", 1)
    ]
    if declared and size == declared.itemsize:
        if size < 4 or not _bits_of_the_other(_some(file, layout, used, declared)):
            return None  # bits of small numbers make sense as either kind
        types.remove(declared)
    elif declared and not sure and _read_well(file, layout, used, declared, is_mz, smallest=0.0):
        return None  # the room may be that of an array that msiss does not know
    return next((one for one in types if _read_well(file, layout, used, one, is_mz)), None)


def _stored_size(file: ImzmlFile, layout: ArrayLayout, used: np.ndarray) -> tuple[int, bool]:
    """Return the bytes of a number by the declared lengths and the places of all arrays, and whether this is sure.

    0 bytes if they do not tell.
    """
    declared = layout.dtype.itemsize if layout.dtype else 0
    lengths, encoded = layout.lengths[used], layout.encoded[used]
    by_encoded = next((size for size in SIZES[1:] if (encoded == lengths * size).all()), 0)  # 1 is the number of values
    gaps = room(file, layout)[used]
    fit = [size for size in SIZES if (gaps >= lengths * size).all()]
    exact = next((size for size in fit if 2 * (gaps == lengths * size).sum() >= len(used)), 0)
    if exact and by_encoded not in (0, exact):
        return (exact if by_encoded == declared else 0), False
    size = exact or (by_encoded if by_encoded in fit else 0)
    return size, by_encoded == size or declared not in fit


def _compression(file: ImzmlFile, layout: ArrayLayout, *, is_mz: bool) -> str:
    """Return how arrays are compressed by their bytes; what is declared if these do not tell."""
    used = np.flatnonzero(layout.lengths)
    if not len(used) or layout.compression not in ("none", "zlib") or layout.dtype is None:
        return layout.compression
    unpacked = list(_unpacked(file, layout, _spread(used)))
    if layout.compression == "none":
        sizes = {len(data) / length for data, length in unpacked}
        return "zlib" if len(sizes) == 1 and sizes <= {float(size) for size in SIZES} else "none"
    plain = replace(layout, compression="none")
    stored = (room(file, layout)[used] >= plain.sizes[used]).all()
    wrong = stored and unpacked and not any(data for data, _ in unpacked)
    return "none" if wrong and _read_well(file, plain, used, layout.dtype, is_mz) else "zlib"


def _unpacked_size(file: ImzmlFile, layout: ArrayLayout, used: np.ndarray) -> tuple[int, bool]:
    """Return the bytes of a number in some compressed arrays, which is sure.

    0 bytes if they do not agree, or are too large to look at.
    """
    sizes = {len(data) / length for data, length in _unpacked(file, layout, _spread(used))}
    return next((size for size in SIZES if sizes == {size}), 0), True


def _unpacked(file: ImzmlFile, layout: ArrayLayout, spectra: np.ndarray) -> Iterator[tuple[bytes, int]]:
    """Yield the unpacked bytes and the number of values of some arrays that are not too large."""
    some = layout.of(spectra)
    places = zip(some.offsets.tolist(), some.lengths.tolist(), room(file, some).tolist(), strict=True)
    with file.ibd_path.open("rb") as ibd:
        for offset, length, gap in places:
            if length > MOST_VALUES:
                continue
            most = SIZES[-1] * length + 1  # one more than expected, to detect longer arrays
            ibd.seek(offset)
            packed = ibd.read(min(gap, 2 * most + 1000))
            try:
                yield zlib.decompressobj().decompress(packed, most), length
            except zlib.error:
                yield b"", length


def _read_well(
    file: ImzmlFile,
    layout: ArrayLayout,
    used: np.ndarray,
    dtype: np.dtype,
    is_mz: bool,
    smallest: float = SMALLEST_INTENSITY,
) -> bool:
    """Return whether some arrays have values that make sense if they are read with a number type."""
    some = list(_some(file, layout, used, dtype))
    if _halved(some) or _bits_of_the_other(some):
        return False
    return all(_makes_sense(values, is_mz, smallest) for values in some)


def _some(file: ImzmlFile, layout: ArrayLayout, used: np.ndarray, dtype: np.dtype) -> Iterator[np.ndarray]:
    """Yield values of some arrays, read with a number type."""
    if layout.compression == "zlib":
        for data, _ in _unpacked(file, layout, _spread(used)):
            yield np.frombuffer(data, dtype=dtype)
        return
    for spectrum in _spread(used).tolist():
        count, offset = min(int(layout.lengths[spectrum]), MOST_VALUES), int(layout.offsets[spectrum])
        yield np.fromfile(file.ibd_path, dtype=dtype, count=count, offset=offset)


def _spread(spectra: np.ndarray) -> np.ndarray:
    return spectra[np.unique(np.linspace(0, len(spectra) - 1, LOOKED_AT).astype(np.int64))]


def _makes_sense(values: np.ndarray, is_mz: bool, smallest: float) -> bool:
    """Return whether values can be ascending m/z, or intensities above the `smallest`."""
    with np.errstate(invalid="ignore", over="ignore"):
        values = values.astype(np.float64)
    if not len(values) or not np.isfinite(values).all():
        return False
    if is_mz:
        return bool((np.diff(values) >= 0).all() and values[0] >= SMALLEST_MZ and values[-1] <= LARGEST_MZ)
    size = np.abs(values[values != 0])
    usual = (size > smallest) & (size < LARGEST_INTENSITY)
    return bool(usual.all() and 2 * (values < 0).sum() <= len(values))


def _bits_of_the_other(arrays: Iterable[np.ndarray]) -> bool:
    """Return whether values of some bytes are the bits of whole numbers taken for fractions, or the reverse."""
    values = np.concatenate(list(arrays))
    with np.errstate(invalid="ignore"):
        size = np.abs(values[values != 0].astype(np.float64))
    if not len(size):
        return False
    bytes_of_one = values.dtype.itemsize
    if values.dtype.kind == "f":
        return bool((size.min() if bytes_of_one == 2 else size.max()) < MOST_BITS[bytes_of_one])
    return bool(size.min() > LEAST_BITS.get(bytes_of_one, np.inf))


def _halved(arrays: list[np.ndarray]) -> bool:
    """Return whether every other value is 0, as in whole numbers of which each half is taken for a number."""
    pairs = np.concatenate([values[: len(values) // 2 * 2] for values in arrays]).reshape(-1, 2) != 0
    some = pairs.any(axis=0)
    return len(pairs) > 3 and bool(some[0] != some[1])
