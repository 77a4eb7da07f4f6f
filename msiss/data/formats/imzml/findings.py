"""Findings about an imzML file with a readable header, for imports and the health check."""

from collections.abc import Iterator
from itertools import chain

import numpy as np

from msiss.data.findings import HealthRow
from msiss.data.formats.image_findings import hot_pixels_row, pixel_size_row
from msiss.data.formats.imzml.file import ImzmlFile
from msiss.data.formats.imzml.grid import grid_rows, number_row
from msiss.data.formats.imzml.identity import identity_rows
from msiss.data.formats.imzml.layout import layout_rows
from msiss.data.formats.imzml.mobility import mobility_row
from msiss.data.formats.imzml.remedies import COPY_AGAIN
from msiss.data.formats.imzml.statistics import Statistics
from msiss.data.intensities import intensity_row
from msiss.data.kernels import LARGEST_MZ
from msiss.data.recipe import AS_READ, ReadConfig
from msiss.words import count

# On two cores, measured by benchmarks/import.py: speeds of the header (270 MB/s) and of a pass over the values, of
# which peak picking needs three; and the memory beside that of the result.
SECONDS_PER_HEADER_BYTE, SECONDS_PER_VALUE, PASSES, MEMORY_BESIDE = 1 / 270e6, 1e-8, 3, 150e6


def header_rows(whole: ImzmlFile, file: ImzmlFile, config: ReadConfig = AS_READ) -> Iterator[HealthRow]:
    """Yield the rows about the `whole` and the part to read by header, size and first bytes of the .ibd file.

    The parts are independent. Within a part, later rows rely on earlier ones: the iteration must end after a row of the
    level "stop".
    """
    number = [number_row(whole)]
    return chain(identity_rows(whole, config), layout_rows(whole), number, grid_rows(file), declared_rows(file))


def value_rows(file: ImzmlFile, statistics: Statistics) -> Iterator[HealthRow]:
    """Yield the rows about all values after a pass over them."""
    return chain(mz_rows(file, statistics), intensity_rows(file, statistics))


def mz_rows(file: ImzmlFile, statistics: Statistics) -> Iterator[HealthRow]:
    """Yield the rows about the m/z of all spectra."""
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
    else:
        yield HealthRow("m/z order", "pass", "The m/z ascend in every spectrum.")


def intensity_rows(file: ImzmlFile, statistics: Statistics) -> Iterator[HealthRow]:
    """Yield the rows about the intensities of all spectra."""
    yield intensity_row(not_numbers=statistics.not_numbers, negative=statistics.negative, total=statistics.values)
    if statistics.total == 0:
        yield HealthRow(
            "signal",
            "stop",
            "All intensities are 0.",
            "There is nothing to make images of.",
            "Check the export settings.",
        )
        return
    zeros = statistics.zeros / max(statistics.values, 1)
    yield HealthRow("zeros", "pass", f"{zeros:.1%} of the intensities are 0.")
    if statistics.empty:
        yield HealthRow(
            "empty spectra",
            "pass",
            f"{count(statistics.empty, 'spectrum')} of {len(file):,} hold no peak; their pixels are 0 in all images.",
        )
    else:
        yield HealthRow("empty spectra", "pass", "Every spectrum holds peaks.")
    tic = np.bincount(file.pixels, weights=statistics.tic * (1 if file.weights is None else file.weights))
    pixels, first = np.unique(file.pixels, return_index=True)
    yield hot_pixels_row(tic[pixels], lambda pixel: file.place(int(first[pixel])))


def effort_row(file: ImzmlFile, ions: int) -> HealthRow:
    """Return the row about time, memory and disk space for an import of so many picked ions."""
    values, header = int(file.mz.lengths.sum()), file.path.stat().st_size
    seconds = header * SECONDS_PER_HEADER_BYTE + PASSES * values * SECONDS_PER_VALUE
    height, width = file.shape
    room = 4 * ions * height * width
    return HealthRow(
        "effort",
        "pass",
        f"An import of {ions:,} ions takes about {max(seconds, 1):,.0f} s, {(room + MEMORY_BESIDE) / 1e6:,.0f} MB of "
        f"memory and {room / 1e6:,.0f} MB on the disk.",
        f"This is estimated from {header / 1e6:,.1f} MB of header and {values:,} values, as measured on two cores by "
        "benchmarks/import.py.",
    )


def match_rows(
    mz: np.ndarray, present: np.ndarray, statistics: Statistics, ppm: float, mobility: np.ndarray | None = None
) -> Iterator[HealthRow]:
    """Yield the rows about the match of an m/z list.

    Parameters
    ----------
    mz : ndarray of shape (N,)
    present : ndarray of shape (N,), bool
        Which ions have signal.
    statistics : Statistics
    ppm : float
    mobility : ndarray of shape (N, 2), optional
        Windows of ion mobility.
    """
    windows = "" if mobility is None else " and their windows of ion mobility"
    if not present.any():
        yield HealthRow(
            "m/z list",
            "stop",
            f"None of the {len(mz):,} m/z of the list has any signal within {ppm:g} ppm{windows}.",
            f"The list runs from m/z {mz.min():.4f} to {mz.max():.4f}, the data from m/z {statistics.lowest_mz:.4f} to "
            f"{statistics.highest_mz:.4f}.",
            "Check that list and data belong together, or use a larger tolerance."
            + ("" if mobility is None else " Check that the windows have the unit of the file, such as 1/K0 or ms."),
        )
    elif not present.all():
        missing = mz[~present]
        shown = ", ".join(f"{value:.4f}" for value in missing[:5]) + (", ..." if len(missing) > 5 else "")
        yield HealthRow(
            "m/z list",
            "warning",
            f"{len(missing):,} of {len(mz):,} m/z have no signal within {ppm:g} ppm{windows}: {shown}.",
            "They are left out.",
            "A larger tolerance may find them.",
        )
    overlaps = _overlaps(mz[present], ppm, None if mobility is None else mobility[present])
    if overlaps:
        yield HealthRow(
            "m/z list",
            "warning",
            f"{count(overlaps, 'pair')} of neighbouring m/z lie within twice the tolerance of {ppm:g} ppm.",
            "Their images can share signal and then look more alike than they are.",
            "Use a smaller tolerance, or remove one of each.",
        )


def _overlaps(mz: np.ndarray, ppm: float, mobility: np.ndarray | None) -> int:
    """Return the number of neighbouring windows that overlap, in m/z and in ion mobility where that is given."""
    if mobility is None:
        mobility = np.broadcast_to([-np.inf, np.inf], (len(mz), 2))
    order = np.lexsort((mz, *mobility.T))  # by mobility first: neighbours in one window of mobility
    pairs = 0
    for other in (order, np.argsort(mz, kind="stable")):
        (low, high), ordered = mobility[other].T, mz[other]
        together = (low[1:] <= high[:-1]) & (low[:-1] <= high[1:])
        near = np.abs(np.diff(ordered)) <= ppm * 1e-6 * (ordered[1:] + ordered[:-1])
        pairs = max(pairs, int((near & together).sum()))
    return pairs


def declared_rows(file: ImzmlFile) -> Iterator[HealthRow]:
    """Yield the rows about what the header says about the spectra."""
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
    declared = "does not say" if file.spectrum_type == "unknown" else f"says {file.spectrum_type}"
    yield HealthRow("spectrum type", "pass", f"The header {declared}.")
    yield pixel_size_row(file.spacing)
    yield mobility_row([file])
