"""Findings about the positions of the spectra of an imzML file."""

from collections.abc import Iterator

import numpy as np

from msiss.data.findings import HealthRow
from msiss.data.formats.imzml.file import ImzmlFile
from msiss.data.formats.imzml.regions import in_micrometres
from msiss.data.formats.imzml.remedies import COPY_AGAIN
from msiss.words import count

# Largest ratio of the pixels of the bounding box to the number of spectra, plus a constant: scattered regions are
# usual, but a damaged coordinate must not cause a huge allocation.
LARGEST_EMPTINESS, ALWAYS_ALLOWED_PIXELS = 100, 1_000_000

# Share of pixels without a spectrum above which the user is told that the images are mostly empty.
LARGEST_MISSING = 0.95

PLANES_NAMED, PLANES_OFFERED = 20, 1000

# Share of the spectra off a step above which there is no step.
MOST_OFF = 0.05

# What becomes of several spectra of a pixel, in words.
PER_PIXEL = {"mean": "mean", "sum": "sum", "last": "last one in the file"}

LONG_STEP = 1000  # from which on it is written without digits after the point


def usual_plane(file: ImzmlFile) -> int | None:
    """Return the plane with the most spectra, None if all planes are one picture."""
    if file.is_flat:
        return None
    planes, spectra = np.unique(file.coordinates[:, 2], return_counts=True)
    return int(planes[np.argmax(spectra)])


def planes_row(file: ImzmlFile) -> HealthRow:
    """Return the row about the planes of a file."""
    planes = file.planes
    if len(planes) == 1:
        return HealthRow("planes", "pass", "The file holds one plane.")
    named = ", ".join(map(str, planes[:PLANES_NAMED])) + (", ..." if len(planes) > PLANES_NAMED else "")
    found = f"The file holds {len(planes):,} planes (z = {named})"
    usual = usual_plane(file)
    if usual is None:
        options = {"": "all as one picture"} | {str(plane): f"z = {plane}" for plane in planes[:PLANES_OFFERED]}
        return HealthRow(
            "planes",
            "note",
            f"{found}, but no pixel lies on two of them.",
            "They become one picture: z is the height of the stage, or the sections lie side by side.",
            "Choose one plane if the others do not belong to it.",
            setting="plane",
            options=tuple(options.items()),
        )
    return HealthRow(
        "planes",
        "warning",
        f"{found}.",
        f"Images are made of one plane at a time; the rows on pixels and values are about the one with most spectra, "
        f"z = {usual}.",
        "Choose one when importing.",
        setting="plane",
        options=tuple((str(plane), f"z = {plane}") for plane in dict.fromkeys([usual, *planes])),
    )


def number_row(whole: ImzmlFile) -> HealthRow:
    """Return the row about the number of spectra of a whole file."""
    announced = whole.declared.get("spectra", len(whole))
    if announced == len(whole):
        return HealthRow("spectra", "pass", f"{count(announced, 'spectrum')}, as announced.")
    found = f"The header announces {count(announced, 'spectrum')}, but lists {len(whole):,}."
    return HealthRow("spectra", "warning", found, "The file may be incomplete.", COPY_AGAIN)


def is_compact(file: ImzmlFile) -> bool:
    """Return whether memory may be allocated for the pixels of a file."""
    height, width = file.shape
    return width * height <= LARGEST_EMPTINESS * len(file) + ALWAYS_ALLOWED_PIXELS


def grid_rows(file: ImzmlFile) -> Iterator[HealthRow]:
    """Yield the rows about positions; the iteration must end after a row of the level "stop"."""
    (left, top), (right, bottom) = (
        [int(value) for value in edge(file.coordinates[:, :2], axis=0)] for edge in (np.min, np.max)
    )
    height, width = file.shape
    box = f"x = {left} to {right}, y = {top} to {bottom}"
    if not is_compact(file):
        yield HealthRow(
            "pixels",
            "stop",
            f"The {count(len(file), 'spectrum')} are spread over {width:,} x {height:,} pixels ({box}).",
            f"{_farthest(file)}{_off_the_step(file)} A coordinate is wrong, or the positions are no pixels.",
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
    stepped = file.placement.step != (1.0, 1.0)
    if stepped:
        yield _step_row(file, box)
    elif left < 1 or top < 1:
        yield HealthRow(
            "pixels",
            "warning",
            f"The positions do not count from 1 as the standard says ({box}).",
            "The images are cropped to the measured pixels, so nothing is lost.",
        )
    yield _dimensions(file, right, bottom, box)
    if file.region_names:
        yield HealthRow(
            "regions",
            "warning",
            f"{len(file.region_names)} regions lie far apart ({box}).",
            "The empty space between them is left out of the images; within each region nothing is moved.",
            "On the page Prepare you can keep some of them only.",
        )
    else:
        yield HealthRow("regions", "pass", "The pixels are one region.")
    missing = int((file.spectra_per_pixel == 0).sum())
    if missing > LARGEST_MISSING * height * width:
        yield HealthRow(
            "pixels",
            "warning",
            f"Only {height * width - missing:,} of the {width:,} x {height:,} pixels of the measured box ({box}) "
            "hold a spectrum.",
            f"{_farthest(file)}{_off_the_step(file)} The images are mostly empty, and take memory and time for it.",
            "If one position is wrong or there are several regions, export each region as its own file.",
        )
    yield HealthRow(
        "pixels",
        "pass",
        f"{height:,} rows x {width:,} columns, {count(height * width - missing, 'pixel')} measured"
        + (f", {missing:,} not measured and masked." if missing else "."),
    )
    yield from _duplicates(file)
    yield from _lacking_ranges(file)


def _step_row(file: ImzmlFile, box: str) -> HealthRow:
    """Return the row about positions that count in steps, and what the size of a pixel is then."""
    step, size, spacing = file.placement.step, file.pixel_size, file.spacing
    height, width = (f"{one:.3g}" if one < LONG_STEP else f"{one:,.0f}" for one in step)
    apart = f"steps of {width}" if height == width else f"steps of {width} in x and {height} in y"
    found = f"The positions count in {apart} ({box})."
    meaning = "The images have one pixel per step; the positions in the file are kept with the data set."
    if size is None:
        return HealthRow("step", "note", found, meaning, "Enter the pixel size if you need a scale.")
    if in_micrometres(step, size):
        return HealthRow("step", "note", found, f"{meaning} They are micrometres: a pixel is declared as wide.")
    sides = " x ".join(f"{one:g}" for one in spacing or size)
    if spacing != size:
        more = f"The pixels between were not measured, so those of the images are {sides} micrometres apart."
        return HealthRow("step", "note", found, f"{meaning} {more}")
    action = f"The step is not the declared pixel size, {sides} micrometres, which is kept. Correct it if it is wrong."
    return HealthRow("step", "warning", found, meaning, action)


def _off_the_step(file: ImzmlFile) -> str:
    """Return which spectrum is off the step of nearly all others; an empty text if there is no such step."""
    for axis in (0, 1):
        values = file.coordinates[:, axis]
        steps, times = np.unique(np.diff(np.unique(values)), return_counts=True)
        step = int(steps[np.argmax(times)]) if len(steps) else 1
        _, rest, times = np.unique(values % step, return_inverse=True, return_counts=True)
        off = np.flatnonzero(rest != np.argmax(times))
        if 0 < len(off) <= MOST_OFF * len(file):
            return f" Nearly all positions count in steps of {step:,}, but {file.place(int(off[0]))} lies between."
    return ""


def _farthest(file: ImzmlFile) -> str:
    """Return the name of the spectrum that is farthest from the median position."""
    positions = file.coordinates[:, :2].astype(np.float64)
    distance = np.abs(positions - np.median(positions, axis=0)).max(axis=1)
    return f"Farthest from the others is {file.place(int(np.argmax(distance)))}."


def _dimensions(file: ImzmlFile, right: int, bottom: int, box: str) -> HealthRow:
    """Compare the declared number of pixels with the positions; a margin is allowed."""
    declared = file.declared
    if "x" not in declared or "y" not in declared:
        return HealthRow("dimensions", "pass", "The header gives no number of pixels; the positions are used.")
    height, width = file.shape if file.placement.step != (1.0, 1.0) else (bottom, right)
    if min(right, width) > declared["x"] or min(bottom, height) > declared["y"]:
        return HealthRow(
            "dimensions",
            "warning",
            f"The header declares {declared['x']} x {declared['y']} pixels, but there are spectra at {box}.",
            "The positions of the spectra are used.",
            "If the images look wrong, check the export.",
        )
    return HealthRow("dimensions", "pass", f"The header declares {declared['x']} x {declared['y']} pixels; {box}.")


def _duplicates(file: ImzmlFile) -> Iterator[HealthRow]:
    """Yield the rows about several spectra of a pixel: of one ion mobility and range of m/z, and of different ones."""
    parts = int((file.spectra_per_pixel > 1).sum())
    if not parts:
        yield HealthRow("duplicates", "pass", "Every pixel has one spectrum at most.")
        return
    several = file.alike[:, 1] > 1
    repeated = len(np.unique(file.pixels[several]))
    parts_differ = {"ion mobility": file.mobility is not None, "their ranges of m/z": file.ranges is not None}
    if any(parts_differ.values()) and len(np.unique(file.alike[:, 0])) > int(file.measured.sum()):
        what = " or ".join(name for name, known in parts_differ.items() if known)
        yield HealthRow(
            "parts of pixels",
            "note",
            f"{count(parts, 'pixel')} {'has' if parts == 1 else 'have'} several spectra that differ in {what}.",
            "They are parts of one measurement, so they are added up.",
        )
    if not repeated:
        yield HealthRow("duplicates", "pass", "No pixel has several spectra of one kind.")
        return
    x, y = file.coordinates[int(np.argmax(several)), :2]
    ways = {file.per_pixel: PER_PIXEL[file.per_pixel], **PER_PIXEL}
    yield HealthRow(
        "duplicates",
        "warning" if file.per_pixel == "mean" else "note",  # the others were chosen
        f"{count(repeated, 'pixel')} {'has' if repeated == 1 else 'have'} several spectra, the first is x={x}, y={y}.",
        f"Their {PER_PIXEL[file.per_pixel]} is used.",
        "Choose another rule if that is wrong. If each spectrum should have its own pixel, the positions are wrong: "
        "export the data again.",
        setting="per_pixel",
        options=tuple((way, f"their {words}") for way, words in ways.items()),
    )


def _lacking_ranges(file: ImzmlFile) -> Iterator[HealthRow]:
    """Yield a warning where some pixels were not measured over all ranges of m/z, as if these alternate."""
    if file.ranges is None:
        return
    number = int(file.ranges.max()) + 1
    pixels, _ = np.unique(np.stack([file.pixels, file.ranges]), axis=1)
    held = np.bincount(pixels)
    lacking = int(((held > 0) & (held < number)).sum())
    if lacking:
        yield HealthRow(
            "ranges of m/z",
            "warning",
            f"The spectra were measured over {number:,} ranges of m/z, of which {count(lacking, 'pixel')} "
            f"{'lacks' if lacking == 1 else 'lack'} some.",
            "There, an ion image is 0 where its m/z was not measured, and may have stripes.",
            "Export the spectra of each range as a file of its own.",
        )
