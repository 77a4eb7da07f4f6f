"""What is right and wrong with an imzML file whose header can be read; import and health check share these rows."""

from collections.abc import Iterator

import numpy as np

from msiss.data.findings import HealthRow, count
from msiss.data.formats.imzml_arrays import Statistics
from msiss.data.formats.imzml_damage import COPY_AGAIN
from msiss.data.formats.imzml_file import ImzmlFile
from msiss.data.formats.imzml_layout import layout_rows
from msiss.data.intensities import intensity_row
from msiss.data.kernels import LARGEST_MZ

# A box of pixels may be this many times larger than the number of spectra, plus a constant: scattered regions are
# usual, but one damaged coordinate must not make us allocate the memory for it.
LARGEST_EMPTINESS, ALWAYS_ALLOWED_PIXELS = 100, 1_000_000

# Above this share of pixels without a spectrum the user should know that the images are mostly empty.
LARGEST_MISSING = 0.95


def header_rows(file: ImzmlFile) -> Iterator[HealthRow]:
    """Yield what the header, the size and the first bytes of the .ibd file tell; later rows rely on earlier ones."""
    yield from layout_rows(file)
    yield from _grid(file)
    yield from _duplicates(file)
    yield from _kind(file)


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


def _grid(file: ImzmlFile) -> Iterator[HealthRow]:
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
    if missing > LARGEST_MISSING * height * width:
        yield HealthRow(
            "pixels",
            "warning",
            f"Only {height * width - missing:,} of the {width:,} x {height:,} pixels of the measured box ({box}) "
            "hold a spectrum.",
            "The images are mostly empty, and take memory and time for it.",
            "If one position is wrong or there are several regions, export each region as its own file.",
        )
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
