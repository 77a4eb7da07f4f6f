"""What is right and wrong with an imzML file whose header can be read; import and health check share these rows."""

import hashlib
import uuid
from collections.abc import Iterator

import numpy as np

from msiss.data.findings import HealthRow, count
from msiss.data.formats.imzml_arrays import LARGEST_MZ, Statistics
from msiss.data.formats.imzml_damage import COPY_AGAIN
from msiss.data.formats.imzml_file import ArrayLayout, ImzmlFile
from msiss.data.intensities import intensity_row

# A box of pixels may be this many times larger than the number of spectra, plus a constant: scattered regions are
# usual, but one damaged coordinate must not make us allocate the memory for it.
LARGEST_EMPTINESS, ALWAYS_ALLOWED_PIXELS = 100, 1_000_000

# zlib cannot make data smaller than this by more: https://zlib.net/zlib_tech.html gives 1032:1.
ZLIB_RATIO = 1032

# Where less than this share of the .ibd file is referred to, the header may belong to other data.
LEAST_USED = 0.9


def header_rows(file: ImzmlFile) -> Iterator[HealthRow]:
    """Yield what the header, the size and the first bytes of the .ibd file tell; later rows rely on earlier ones."""
    yield from _identity(file)
    for name, layout in (("m/z", file.mz), ("intensity", file.intensity)):
        yield from _encoding(name, layout)
    yield from _array_lengths(file)
    yield from _array_places(file)
    yield from _grid(file)
    yield from _duplicates(file)
    yield from _kind(file)
    yield from _checksum(file)


def value_rows(file: ImzmlFile, statistics: Statistics) -> Iterator[HealthRow]:
    """Yield what one pass over all values told."""
    if statistics.wrong_mz:
        yield HealthRow(
            "m/z values",
            "stop",
            f"{count(statistics.wrong_mz, 'm/z value')} cannot be right (not a number, below 0 or above "
            f"{LARGEST_MZ:,.0f} Th), the first in {file.place(statistics.wrong_mz_spectrum)}.",
            "The .ibd file does not fit its header, or is damaged.",
            COPY_AGAIN,
        )
    elif statistics.lowest_mz <= statistics.highest_mz:
        yield HealthRow("m/z range", "pass", f"m/z {statistics.lowest_mz:.4f} to {statistics.highest_mz:.4f}.")
    if statistics.unsorted:
        yield HealthRow(
            "m/z order",
            "warning",
            f"The m/z do not ascend in {count(statistics.unsorted, 'spectrum')}.",
            "The ion images are not affected, but other programs may misread this file.",
        )
    yield intensity_row(not_numbers=statistics.not_numbers, negative=statistics.negative, total=statistics.values)
    if statistics.total == 0:
        yield HealthRow(
            "signal",
            "stop",
            "All intensities are 0.",
            "There is nothing to make images of.",
            "Check the export settings.",
        )
    elif statistics.empty:
        yield HealthRow(
            "empty spectra",
            "pass",
            f"{count(statistics.empty, 'spectrum')} of {len(file):,} hold no peak; their pixels are 0 in all images.",
        )


def match_rows(mz: np.ndarray, present: np.ndarray, statistics: Statistics, ppm: float) -> Iterator[HealthRow]:
    """Yield how the m/z list fits the data; `present` (N,) is True for ions with any signal."""
    if not present.any():
        yield HealthRow(
            "m/z list",
            "stop",
            f"None of the {len(mz):,} m/z of the list has any signal within {ppm:g} ppm.",
            f"The list runs from m/z {mz.min():.4f} to {mz.max():.4f}, the data from m/z {statistics.lowest_mz:.4f} to "
            f"{statistics.highest_mz:.4f}.",
            "Check that list and data belong together, or use a larger tolerance.",
        )
    elif not present.all():
        missing = mz[~present]
        shown = ", ".join(f"{value:.4f}" for value in missing[:5]) + (", ..." if len(missing) > 5 else "")
        yield HealthRow(
            "m/z list",
            "warning",
            f"{len(missing):,} of {len(mz):,} m/z have no signal within {ppm:g} ppm: {shown}.",
            "They are left out.",
            "A larger tolerance may find them.",
        )
    ordered = np.sort(mz[present])
    overlaps = int((ordered[1:] * (1 - ppm * 1e-6) <= ordered[:-1] * (1 + ppm * 1e-6)).sum())
    if overlaps:
        yield HealthRow(
            "m/z list",
            "warning",
            f"{count(overlaps, 'pair')} of neighbouring m/z lie within twice the tolerance of {ppm:g} ppm.",
            "Their images can share signal and then look more alike than they are.",
            "Use a smaller tolerance, or remove one of each.",
        )


def _identity(file: ImzmlFile) -> Iterator[HealthRow]:
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
    if found in (identity.bytes, identity.bytes_le):  # some programs write it as Windows stores it
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
    """Arrays must lie inside the .ibd file, after its UUID, and not halfway over one another."""
    size = file.ibd_path.stat().st_size
    starts, stops = [], []
    for name, layout in (("m/z", file.mz), ("intensity", file.intensity)):
        used = layout.lengths > 0
        start = layout.offsets[used]
        stop = start + (layout.sizes[used] if layout.compression == "none" else 1)
        outside = (start < 16) | (stop > size)
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
    start, stop = np.unique(np.stack([np.concatenate(starts), np.concatenate(stops)]), axis=1)
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


def _grid(file: ImzmlFile) -> Iterator[HealthRow]:
    layers = np.unique(file.coordinates[:, 2])
    if len(layers) > 1:
        yield HealthRow(
            "pixels",
            "stop",
            f"The file holds {len(layers):,} layers (z = {layers[0]} to {layers[-1]}).",
            "msiss reads one section at a time.",
            "Export each layer as its own imzML file.",
        )
    (left, top), (right, bottom) = (
        [int(value) for value in edge(file.coordinates[:, :2], axis=0)] for edge in (np.min, np.max)
    )
    width, height = right - left + 1, bottom - top + 1
    box = f"x = {left} to {right}, y = {top} to {bottom}"
    if width * height > LARGEST_EMPTINESS * len(file) + ALWAYS_ALLOWED_PIXELS:
        yield HealthRow(
            "pixels",
            "stop",
            f"The {count(len(file), 'spectrum')} are spread over {width:,} x {height:,} pixels ({box}).",
            "A coordinate is wrong, or the positions are micrometres instead of pixels.",
            "Correct the positions, or export each region as its own file.",
        )
    if width * height == 1:
        yield HealthRow(
            "pixels",
            "stop",
            "All spectra lie in a single pixel.",
            "One pixel has no spatial pattern.",
            "Choose an imaging data set.",
        )
    if left < 1 or top < 1:
        yield HealthRow(
            "pixels",
            "warning",
            f"The positions do not count from 1 as the standard says ({box}).",
            "The images are cropped to the measured pixels, so nothing is lost.",
        )
    declared = file.declared
    if right > declared.get("x", right) or bottom > declared.get("y", bottom):
        yield HealthRow(
            "pixels",
            "warning",
            f"The header declares {declared.get('x')} x {declared.get('y')} pixels, but there are spectra at {box}.",
            "The positions of the spectra are used.",
            "If the images look wrong, check the export.",
        )
    if declared.get("spectra", len(file)) != len(file):
        yield HealthRow(
            "spectra",
            "warning",
            f"The header announces {count(declared['spectra'], 'spectrum')}, but lists {len(file):,}.",
            "The file may be incomplete.",
            COPY_AGAIN,
        )
    missing = int((file.spectra_per_pixel == 0).sum())
    yield HealthRow(
        "pixels",
        "pass",
        f"{height:,} rows x {width:,} columns, {count(height * width - missing, 'pixel')} measured"
        + (f", {missing:,} not measured and masked." if missing else "."),
    )


def _duplicates(file: ImzmlFile) -> Iterator[HealthRow]:
    repeated = int((file.spectra_per_pixel > 1).sum())
    if repeated:
        values, times = np.unique(file.pixels, return_counts=True)
        first = int(np.argmax(file.pixels == values[times > 1][0]))
        yield HealthRow(
            "duplicates",
            "warning",
            f"{count(repeated, 'pixel')} {'has' if repeated == 1 else 'have'} several spectra, the first is "
            f"x={file.coordinates[first, 0]}, y={file.coordinates[first, 1]}.",
            "Their mean is used.",
            "If each spectrum should have its own pixel, the positions are wrong: export the data again.",
        )


def _kind(file: ImzmlFile) -> Iterator[HealthRow]:
    if file.mode == "continuous" and not file.shared_axis:
        yield HealthRow(
            "mode",
            "warning",
            "The header says continuous mode, but the spectra have m/z arrays of their own.",
            "They are read as processed mode.",
        )
    else:
        shared = "share one m/z axis" if file.shared_axis else "have their own m/z"
        yield HealthRow("mode", "pass", f"Declared as {file.mode}; the spectra {shared}.")
    for remark in file.remarks:
        yield HealthRow("header", "warning", remark)
    yield HealthRow("spectrum type", "pass", f"The header says {file.spectrum_type}.")
    yield HealthRow("polarity", "pass", f"The header says {file.polarity}.")
    size = file.pixel_size
    found = "not given" if size is None else f"{size[0]:g} x {size[1]:g} micrometres (height x width)"
    yield HealthRow("pixel size", "pass", f"Pixel size: {found}.")


def _checksum(file: ImzmlFile) -> Iterator[HealthRow]:
    if file.checksum is None:
        return
    function, expected = file.checksum
    with file.ibd_path.open("rb") as ibd:
        found = hashlib.file_digest(ibd, function).hexdigest()
    if found == expected.lower():
        yield HealthRow("checksum", "pass", f"{file.ibd_path.name} is unchanged since it was written ({function}).")
    else:
        yield HealthRow(
            "checksum",
            "warning",
            f"{file.ibd_path.name} does not have the checksum that the header gives ({function}).",
            "It was changed after it was written, or damaged; some values may be wrong.",
            COPY_AGAIN,
        )
