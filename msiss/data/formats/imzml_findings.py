"""What is right and wrong with an imzML file whose header can be read; import and health check share these rows."""

from collections.abc import Iterator
from itertools import chain

import numpy as np

from msiss.data.findings import HealthRow, count
from msiss.data.formats.imzml_damage import COPY_AGAIN
from msiss.data.formats.imzml_file import ImzmlFile
from msiss.data.formats.imzml_layout import identity_rows, layout_rows
from msiss.data.formats.imzml_statistics import Statistics
from msiss.data.intensities import intensity_row
from msiss.data.kernels import LARGEST_MZ

# A box of pixels may be this many times larger than the number of spectra, plus a constant: scattered regions are
# usual, but one damaged coordinate must not make us allocate the memory for it.
LARGEST_EMPTINESS, ALWAYS_ALLOWED_PIXELS = 100, 1_000_000

# Micrometres. SIMS reaches pixels of a tenth of a micrometre, and DESI surveys have pixels of some hundred.
SMALLEST_PIXEL, LARGEST_PIXEL = 0.05, 2000.0

# A spectrum with so many times the 99 % quantile of the total ion counts is a hot pixel. A setting, not a measurement.
HOT = 10

# On two cores, measured by benchmarks/import.py: the header, and a pass over the values, of which picking needs three.
SECONDS_PER_SPECTRUM, SECONDS_PER_VALUE, PASSES = 45e-6, 1e-8, 3

# Above this share of pixels without a spectrum the user should know that the images are mostly empty.
LARGEST_MISSING = 0.95


def header_checks(file: ImzmlFile) -> tuple[Iterator[HealthRow], ...]:
    """Return what the header, the size and the first bytes of the .ibd file tell, in parts that do not need another.

    Within a part, later rows rely on earlier ones: after one that stops, no more may be asked for.
    """
    return identity_rows(file), layout_rows(file), _grid(file), _kind(file)


def header_rows(file: ImzmlFile) -> Iterator[HealthRow]:
    """Yield the rows of all parts of `header_checks`."""
    return chain(*header_checks(file))


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
    else:
        yield HealthRow("m/z order", "pass", "The m/z ascend in every spectrum.")
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
    yield _hot_pixels(file, statistics.tic)
    if statistics.looked_at:
        yield _seen_type(file, statistics)


def _hot_pixels(file: ImzmlFile, tic: np.ndarray) -> HealthRow:
    limit = HOT * float(np.quantile(tic[tic > 0], 0.99))
    hot = np.flatnonzero(tic > limit)
    if not len(hot):
        return HealthRow("hot pixels", "pass", f"No spectrum has {HOT} times the total ion count of the others.")
    return HealthRow(
        "hot pixels",
        "warning",
        f"{count(len(hot), 'spectrum')} {'has' if len(hot) == 1 else 'have'} more than {HOT} times the 99 % quantile "
        f"of the total ion counts, the first is {file.place(int(hot[0]))}.",
        "Such pixels darken all others in an ion image.",
        "The hot-spot quantile on the page Prepare evens them out.",
    )


def _seen_type(file: ImzmlFile, statistics: Statistics) -> HealthRow:
    """Compare what the spectra are declared to be with what they look like."""
    profiles, looked_at = statistics.profile_like, statistics.looked_at
    seen = f"{profiles} of {looked_at} spectra that were looked at look like profiles"
    if file.spectrum_type == "centroid" and 2 * profiles > looked_at:
        return HealthRow(
            "spectra as seen",
            "warning",
            f"The header says centroid, but {seen}.",
            "Several points of one peak may become ion images.",
            "Export centroids, or give an m/z list.",
        )
    if file.spectrum_type == "profile" and not profiles:
        return HealthRow(
            "spectra as seen",
            "warning",
            f"The header says profile, but {seen}.",
            "Small peaks may be taken for noise.",
            "Set the signal to noise to 0, or give an m/z list.",
        )
    return HealthRow("spectra as seen", "pass", f"{seen[0].upper()}{seen[1:]}.")


def effort_row(file: ImzmlFile, ions: int) -> HealthRow:
    """Return about how long an import of so many picked ions takes and how much room it needs."""
    values = int(file.mz.lengths.sum())
    seconds = len(file) * SECONDS_PER_SPECTRUM + PASSES * values * SECONDS_PER_VALUE
    height, width = file.shape
    room = 4 * ions * height * width / 1e6
    return HealthRow(
        "effort",
        "pass",
        f"An import of {ions:,} ions takes about {max(seconds, 1):,.0f} s, {room:,.0f} MB on the disk, and hardly more "
        "memory than that.",
        f"{values:,} values in {len(file):,} spectra; speed on two cores.",
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
    height, width = file.shape
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
    yield _dimensions(file, right, bottom, box)
    if file.declared.get("spectra", len(file)) != len(file):
        yield HealthRow(
            "spectra",
            "warning",
            f"The header announces {count(file.declared['spectra'], 'spectrum')}, but lists {len(file):,}.",
            "The file may be incomplete.",
            COPY_AGAIN,
        )
    else:
        yield HealthRow("spectra", "pass", f"{count(len(file), 'spectrum')}, as announced.")
    if file.region_names:
        yield HealthRow(
            "regions",
            "warning",
            f"{len(file.region_names)} regions lie far apart ({box}).",
            "The empty space between them is left out of the images; within each region nothing is moved.",
            "On the page Prepare you can keep some of them only.",
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
    yield _duplicates(file)


def _dimensions(file: ImzmlFile, right: int, bottom: int, box: str) -> HealthRow:
    """Compare the declared number of pixels with the positions; there is nothing wrong with a margin."""
    declared = file.declared
    if "x" not in declared or "y" not in declared:
        return HealthRow("dimensions", "pass", "The header gives no number of pixels; the positions are used.")
    if right > declared["x"] or bottom > declared["y"]:
        return HealthRow(
            "dimensions",
            "warning",
            f"The header declares {declared['x']} x {declared['y']} pixels, but there are spectra at {box}.",
            "The positions of the spectra are used.",
            "If the images look wrong, check the export.",
        )
    return HealthRow("dimensions", "pass", f"The header declares {declared['x']} x {declared['y']} pixels; {box}.")


def _duplicates(file: ImzmlFile) -> HealthRow:
    repeated = int((file.spectra_per_pixel > 1).sum())
    if not repeated:
        return HealthRow("duplicates", "pass", "Every pixel has one spectrum at most.")
    first = int(np.argmax(file.spectra_per_pixel[file.pixels] > 1))
    return HealthRow(
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
    yield _pixel_size(file)


def _pixel_size(file: ImzmlFile) -> HealthRow:
    if file.pixel_size is None:
        return HealthRow("pixel size", "pass", "Pixel size: not given, so images are drawn in pixels.")
    height, width = file.pixel_size
    found = f"Pixel size: {height:g} x {width:g} micrometres (height x width)"
    if min(height, width) >= SMALLEST_PIXEL and max(height, width) <= LARGEST_PIXEL:
        return HealthRow("pixel size", "pass", f"{found}.")
    return HealthRow(
        "pixel size",
        "warning",
        f"{found}, which is unusual for an image of tissue.",
        "The unit in the header may be wrong. Only the scale of the images depends on it.",
    )
