"""Findings about the consistency of the .ibd file and the arrays declared in the header."""

import os
from collections.abc import Iterator

import numpy as np

from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats.budget import Budget, most_unpacked
from msiss.data.formats.imzml.extents import ZLIB_RATIO, Extents, room
from msiss.data.formats.imzml.file import ArrayLayout, ImzmlFile
from msiss.data.formats.imzml.remedies import CONVERT, COPY_AGAIN
from msiss.words import count

MOST_AT_ONCE = 8  # threads that read spectra


def layout_rows(file: ImzmlFile) -> Iterator[HealthRow]:
    """Yield the rows about the arrays and the size of the .ibd file; later rows rely on earlier ones."""
    for name, layout in (("m/z", file.mz), ("intensity", file.intensity)):
        yield from _encoding(name, layout)
    yield from _array_lengths(file)
    yield from _array_places(file)


def _encoding(name: str, layout: ArrayLayout) -> Iterator[HealthRow]:
    if layout.dtype is None:
        yield HealthRow(
            f"{name} type",
            "stop",
            f"The header gives no single number type for the {name} arrays that msiss reads (16-, 32- or 64-bit "
            "floats; 8-, 16-, 32- or 64-bit integers).",
            "",
            "Export the data again with 32-bit or 64-bit floats.",
        )
    elif layout.compression not in ("none", "zlib"):
        yield HealthRow(
            f"{name} type",
            "stop",
            f"The {name} arrays are compressed ({layout.compression}), which msiss does not read.",
            "",
            "Export the data again without compression.",
        )
    else:
        packed = "zlib-compressed" if layout.compression == "zlib" else "not compressed"
        yield HealthRow(f"{name} type", "pass", f"The {name} arrays are {layout.dtype.name}, {packed}.")


def _array_lengths(file: ImzmlFile) -> Iterator[HealthRow]:
    mz, intensity = file.mz, file.intensity
    for name, layout in (("m/z", mz), ("intensity", intensity)):
        wrong = (layout.lengths < 0) | (layout.lengths > ZLIB_RATIO * file.ibd_path.stat().st_size)
        if wrong.any():
            first = int(np.argmax(wrong))
            yield HealthRow(
                "array lengths",
                "stop",
                f"The {name} array of {file.place(first)} has the impossible length {layout.lengths[first]:,}.",
                "The program that wrote the header gave a wrong number.",
                CONVERT,
            )
    size = file.ibd_path.stat().st_size
    whole = int(intensity.sizes.sum())
    if whole > most_unpacked(size):
        yield HealthRow(
            "array lengths",
            "stop",
            f"All spectra together have {whole / 1e6:,.1f} MB of values, {file.ibd_path.name} has {size / 1e6:,.1f}.",
            "The header is damaged or made to do harm: it gives the same bytes to many spectra.",
            CONVERT,
        )
    try:  # per thread one spectrum, with m/z and intensities in double precision, packed and unpacked
        at_once = 32 * min(MOST_AT_ONCE, os.cpu_count() or 1) * int(intensity.lengths.max())
        Budget(file.ibd_path.name).reserve(at_once, "The longest spectra")
    except DataStop as error:
        yield error.row
    yield from _unequal(file)
    if not mz.lengths.any():
        yield HealthRow("spectra", "stop", "All spectra are empty.", "There is nothing to make images of.", CONVERT)
    for name, layout in (("m/z", mz), ("intensity", intensity)):
        yield from _contradictions(file, name, layout)
    yield HealthRow("array lengths", "pass", f"{len(file):,} spectra, {int(mz.lengths.sum()):,} values.")


def _unequal(file: ImzmlFile) -> Iterator[HealthRow]:
    """Yield a stop where a spectrum does not have one intensity for each m/z, or shares only a part of the m/z."""
    mz, intensity = file.mz, file.intensity
    held = mz.lengths > 0
    different = mz.lengths != intensity.lengths
    if held.any() and (mz.offsets[held] == mz.offsets[np.argmax(held)]).all():
        longest, lengths = int(mz.lengths.max()), np.minimum(intensity.lengths, _written(file, intensity))
        different |= held & ((mz.lengths != longest) | (lengths != longest))
        if not different.any():
            return
        first = int(np.argmax(different))
        yield HealthRow(
            "array lengths",
            "stop",
            f"All spectra share one list of {longest:,} m/z, as in continuous mode, but "
            f"{count(int(different.sum()), 'spectrum')} of another length, the first is {file.place(first)} with "
            f"{lengths[first]:,} intensities.",
            "It is unknown which m/z these intensities belong to. The program that wrote the file put spectra of "
            "different lengths into continuous mode.",
            "Export the data again in processed mode, or with the same m/z for all spectra.",
        )
    elif different.any():
        first, number = int(np.argmax(different)), int(different.sum())
        yield HealthRow(
            "array lengths",
            "stop",
            f"{count(number, 'spectrum')} {'has' if number == 1 else 'have'} not as many m/z as intensities, the first "
            f"is {file.place(first)}: {mz.lengths[first]:,} m/z, {intensity.lengths[first]:,} intensities.",
            "It is unknown which of them belong together. The program that wrote the file gave a wrong length.",
            "Export the data again, with another program if the lengths are still wrong.",
        )


def _written(file: ImzmlFile, layout: ArrayLayout) -> np.ndarray:
    """Return how many values each array has by its declared bytes, if its place agrees with them, shape (n,)."""
    if layout.compression != "none" or layout.dtype is None or (layout.encoded == layout.sizes).all():
        return layout.lengths
    whole = (layout.encoded > 0) & (layout.encoded % layout.dtype.itemsize == 0)
    agreed = whole & (layout.encoded == room(file, layout))
    return np.where(agreed, layout.encoded // layout.dtype.itemsize, layout.lengths)


def _contradictions(file: ImzmlFile, name: str, layout: ArrayLayout) -> Iterator[HealthRow]:
    """Yield a stop where the declared bytes of an array are not those of its values, and its place does not settle it.

    Some programs give the number of values again instead of the bytes, or 0.
    """
    if layout.compression != "none":
        return
    wrong = (layout.encoded > 0) & (layout.encoded != layout.sizes) & (layout.encoded != layout.lengths)
    if wrong.any():
        wrong &= room(file, layout) != layout.sizes
    if wrong.any():
        first = int(np.argmax(wrong))
        yield HealthRow(
            "array lengths",
            "stop",
            f"The header contradicts itself for the {name} array of {file.place(first)}: {layout.lengths[first]:,} "
            f"values of the declared number type are {layout.sizes[first]:,} bytes, but it gives "
            f"{layout.encoded[first]:,}.",
            "The number type or the lengths are wrong, so the values would be misread.",
            "Export the data again, with another program or as 32-bit floats without compression.",
        )


def _array_places(file: ImzmlFile) -> Iterator[HealthRow]:
    """Yield the row about offsets: arrays must be inside the .ibd file, after its UUID, without partial overlaps."""
    size = file.ibd_path.stat().st_size
    for name, layout in (("m/z", file.mz), ("intensity", file.intensity)):
        used = layout.lengths > 0
        start = layout.offsets[used]
        stop = start + (layout.sizes[used] if layout.compression == "none" else 1)
        early = start < 16
        if early.any():
            place = file.place(int(np.flatnonzero(used)[np.argmax(early)]))
            yield HealthRow(
                "ibd layout",
                "stop",
                f"The header places the {name} array of {place} at byte {start[early][0]:,} of {file.ibd_path.name}, "
                "but the first 16 bytes are those of the UUID.",
                "The offsets in the header are wrong, so the values would be misread.",
                "Export the data again, with another program if the offsets are still wrong.",
            )
        outside = (start > size) | (stop > size)  # a huge offset makes the stop overflow
        if outside.any():
            first = int(np.argmax(outside))
            yield HealthRow(
                "ibd size",
                "stop",
                f"{file.ibd_path.name} has {size:,} bytes, but the {name} array of "
                f"{file.place(int(np.flatnonzero(used)[first]))} lies at bytes {start[first]:,} to {stop[first]:,}; "
                f"{count(int(outside.sum()), 'array')} cannot be read.",
                "The .ibd file is cut off, most likely by an incomplete copy, or the header is damaged.",
                COPY_AGAIN,
            )
    extents = Extents.of(file)
    overlapping = extents.overlapping
    if overlapping.any():
        yield HealthRow(
            "ibd layout",
            "stop",
            f"The header places {count(int(overlapping.sum()), 'array')} over the end of another one, the first at "
            f"byte {extents.starts[overlapping][0]:,}.",
            "The number type, the lengths or the offsets in the header are wrong, so the values would be misread.",
            "Export the data again.",
        )
    yield from _shared(file, extents)
    if "zlib" in (file.mz.compression, file.intensity.compression):
        return
    used_bytes = extents.used
    if not extents.fill_the_file:
        yield HealthRow(
            "ibd layout",
            "warning",
            f"The header refers to {used_bytes:,} of the {size:,} bytes of {file.ibd_path.name}.",
            "Spectra may be missing from the header, or its number types be too small.",
            "If the images look wrong, export the data again.",
        )
    else:
        yield HealthRow("ibd layout", "pass", f"{file.ibd_path.name} has {size:,} bytes; {used_bytes:,} are used.")


def _shared(file: ImzmlFile, extents: Extents) -> Iterator[HealthRow]:
    """Yield a stop where intensities have the bytes of m/z, and a warning where they have those of another spectrum."""
    mz, intensity = file.mz, file.intensity
    different = sum(np.count_nonzero(layout.lengths) for layout in file.layouts)
    if file.shared_axis:
        different -= np.count_nonzero(mz.lengths) - 1
    if len(extents.starts) == different:
        return
    both = np.isin(intensity.offsets, np.unique(mz.offsets)) & (intensity.lengths > 0) & (mz.lengths > 0)
    if both.any():
        yield HealthRow(
            "ibd layout",
            "stop",
            f"The header gives the bytes of the intensities of {file.place(int(np.argmax(both)))} as m/z, too.",
            "The offsets in the header are wrong, so the values would be misread.",
            "Export the data again.",
        )
    held = np.flatnonzero(intensity.lengths)
    offsets, first = np.unique(intensity.offsets[held], return_index=True)
    if len(offsets) < len(held):
        again = np.setdiff1d(held, held[first], assume_unique=True)
        which = int(np.searchsorted(offsets, file.intensity.offsets[again[0]]))
        yield HealthRow(
            "ibd layout",
            "warning",
            f"The header gives the intensities of another spectrum to {count(len(again), 'spectrum')}: "
            f"{file.place(int(again[0]))} has those of {file.place(int(held[first[which]]))}.",
            "Pixels that were measured apart are never alike, so some offsets are probably wrong.",
            "If the images look wrong, export the data again.",
        )
