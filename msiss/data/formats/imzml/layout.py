"""Findings about the consistency of the .ibd file and the arrays declared in the header."""

import hashlib
import os
import uuid
from collections.abc import Iterator

import numpy as np

from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats.budget import Budget, most_unpacked
from msiss.data.formats.imzml.damage import COPY_AGAIN
from msiss.data.formats.imzml.file import ArrayLayout, ImzmlFile
from msiss.words import count

# The largest compression ratio of zlib is 1032:1, see https://zlib.net/zlib_tech.html.
ZLIB_RATIO = 1032

MOST_AT_ONCE = 8  # threads that read spectra

# If the arrays cover less than this share of the .ibd file, the header may belong to other data.
LEAST_USED = 0.9


def layout_rows(file: ImzmlFile) -> Iterator[HealthRow]:
    """Yield the rows about the arrays and the size of the .ibd file; later rows rely on earlier ones."""
    for name, layout in (("m/z", file.mz), ("intensity", file.intensity)):
        yield from _encoding(name, layout)
    yield from _array_lengths(file)
    yield from _array_places(file)


def identity_rows(file: ImzmlFile) -> Iterator[HealthRow]:
    """Yield the rows about whether the .ibd file belongs to the header."""
    with file.ibd_path.open("rb") as ibd:
        found = ibd.read(16)
    try:
        identity = uuid.UUID(file.uuid)
    except ValueError:
        yield HealthRow(
            "identity",
            "warning",
            "The header gives no UUID, or not a valid one.",
            f"It cannot be checked that {file.ibd_path.name} belongs to it.",
        )
        return
    if found in (identity.bytes, identity.bytes_le):  # some programs write the byte order of Windows
        yield HealthRow("identity", "pass", f"{file.ibd_path.name} carries the UUID of the header, {identity}.")
    else:
        yield HealthRow(
            "identity",
            "stop",
            f"{file.ibd_path.name} belongs to another file: its first 16 bytes are {found.hex()}, the header's UUID is "
            f"{identity.hex}.",
            "Reading it would give wrong images.",
            "Find the .ibd file that was exported together with this .imzML file.",
        )


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
                "The header is damaged.",
                COPY_AGAIN,
            )
    size = file.ibd_path.stat().st_size
    whole = int(intensity.sizes.sum())
    if whole > most_unpacked(size):
        yield HealthRow(
            "array lengths",
            "stop",
            f"All spectra together have {whole / 1e6:,.1f} MB of values, {file.ibd_path.name} has {size / 1e6:,.1f}.",
            "The header is damaged or made to do harm: it gives the same bytes to many spectra.",
            COPY_AGAIN,
        )
    try:  # per thread one spectrum, with m/z and intensities in double precision, packed and unpacked
        at_once = 32 * min(MOST_AT_ONCE, os.cpu_count() or 1) * int(intensity.lengths.max())
        Budget(file.ibd_path.name).reserve(at_once, "The longest spectra")
    except DataStop as error:
        yield error.row
    different = mz.lengths != intensity.lengths
    if different.any():
        first = int(np.argmax(different))
        yield HealthRow(
            "array lengths",
            "stop",
            f"{count(int(different.sum()), 'spectrum')} do not have as many m/z as intensities, the first is "
            f"{file.place(first)}: {mz.lengths[first]:,} m/z, {intensity.lengths[first]:,} intensities.",
            "The header is damaged.",
            COPY_AGAIN,
        )
    if not mz.lengths.any():
        yield HealthRow("spectra", "stop", "All spectra are empty.", "There is nothing to make images of.", COPY_AGAIN)
    if mz.compression == intensity.compression == "none":
        declared = file.encoded_lengths
        wrong = (declared > 0) & (declared != mz.sizes) & (declared != intensity.sizes)
        if wrong.any():
            first = int(np.argmax(wrong))
            yield HealthRow(
                "array lengths",
                "stop",
                f"The header contradicts itself for {file.place(first)}: {mz.lengths[first]:,} values of the declared "
                f"number type are {mz.sizes[first]:,} or {intensity.sizes[first]:,} bytes, but it gives "
                f"{declared[first]:,}.",
                "The number type or the lengths are wrong, so the values would be misread.",
                "Export the data again.",
            )
    yield HealthRow("array lengths", "pass", f"{len(file):,} spectra, {int(mz.lengths.sum()):,} values.")


def _array_places(file: ImzmlFile) -> Iterator[HealthRow]:
    """Yield the row about offsets: arrays must be inside the .ibd file, after its UUID, without partial overlaps."""
    size = file.ibd_path.stat().st_size
    starts, stops = [], []
    for name, layout in (("m/z", file.mz), ("intensity", file.intensity)):
        used = layout.lengths > 0
        start = layout.offsets[used]
        stop = start + (layout.sizes[used] if layout.compression == "none" else 1)
        outside = (start < 16) | (start > size) | (stop > size)  # a huge offset makes the stop overflow
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
        starts.append(start)
        stops.append(stop)
    start, stop = np.concatenate(starts), np.concatenate(stops)
    order = np.lexsort((stop, start)) if (np.diff(start) < 0).any() else np.arange(len(start))
    start, stop = start[order], stop[order]
    different = np.append(True, (np.diff(start) != 0) | (np.diff(stop) != 0))  # spectra may share an array
    start, stop = start[different], stop[different]
    overlapping = start[1:] < stop[:-1]
    if overlapping.any():
        yield HealthRow(
            "ibd layout",
            "stop",
            f"The header places {count(int(overlapping.sum()), 'array')} over the end of another one, the first at "
            f"byte {start[1:][overlapping][0]:,}.",
            "The number type, the lengths or the offsets in the header are wrong, so the values would be misread.",
            "Export the data again.",
        )
    if "zlib" in (file.mz.compression, file.intensity.compression):
        return
    used_bytes = 16 + int((stop - start).sum())
    if used_bytes < LEAST_USED * size:
        yield HealthRow(
            "ibd layout",
            "warning",
            f"The header refers to {used_bytes:,} of the {size:,} bytes of {file.ibd_path.name}.",
            "Spectra may be missing from the header, or its number types be too small.",
            "If the images look wrong, export the data again.",
        )
    else:
        yield HealthRow("ibd layout", "pass", f"{file.ibd_path.name} has {size:,} bytes; {used_bytes:,} are used.")


def checksum_row(file: ImzmlFile, *, compute: bool) -> HealthRow:
    """Return the row about the checksum of the .ibd file; to `compute` it, the whole file is read."""
    if file.checksum is None:
        return HealthRow("checksum", "pass", "The header gives no checksum of the .ibd file.")
    function, expected = file.checksum
    name = file.ibd_path.name
    if not compute:
        return HealthRow("checksum", "pass", f"The header gives the {function} of {name}; it was not asked for.")
    with file.ibd_path.open("rb") as ibd:
        found = hashlib.file_digest(ibd, function).hexdigest()
    if found == expected.lower():
        return HealthRow("checksum", "pass", f"{name} is unchanged since it was written ({function}).")
    return HealthRow(
        "checksum",
        "warning",
        f"{name} does not have the checksum that the header gives ({function}).",
        "It was changed after it was written, or damaged; some values may be wrong.",
        COPY_AGAIN,
    )
