"""Ion mobility: windows of a list of m/z, and what spectra say about it.

A spectrum is resolved by mobility if it has a third array beside m/z and intensities, or if it is one of several of a
pixel that have a mobility each.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from msiss.data.findings import HealthRow
from msiss.data.formats.imzml.extents import ZLIB_RATIO
from msiss.data.formats.imzml.file import ImzmlFile
from msiss.data.ion_images import IonImages
from msiss.data.recipe import ListedIon
from msiss.words import count

ALL = (-np.inf, np.inf)  # the window of an ion that has none


def with_readable_mobility(file: ImzmlFile) -> ImzmlFile:
    """Return a file without its arrays of ion mobility if they cannot be read, which becomes a remark of it."""
    problem = _problem(file)
    if not problem:
        return file
    remark = (
        f"The arrays of ion mobility are left out: {problem}. Ions of one m/z that differ in mobility share an image."
    )
    return replace(file, mobility_array=None, remarks=(*file.remarks, remark))


def _problem(file: ImzmlFile) -> str:
    layout = file.mobility_array
    if layout is None:
        return ""
    if layout.dtype is None or layout.compression not in ("none", "zlib"):
        return "msiss does not read their number type or their compression"
    size = file.ibd_path.stat().st_size
    used = layout.lengths > 0
    stored = layout.sizes if layout.compression == "none" else 1
    possible = (layout.lengths <= ZLIB_RATIO * size) & (layout.offsets >= 16) & (layout.offsets <= size - stored)
    if not possible[used].all():
        return f"they do not lie in {file.ibd_path.name}"
    if (layout.lengths[file.intensity.lengths > 0] != file.intensity.lengths[file.intensity.lengths > 0]).any():
        return "they do not have one value for each m/z"
    return ""


def is_resolved(file: ImzmlFile) -> bool:
    """Return whether the ion mobility of spectra, or of their values, is known."""
    return file.mobility_array is not None or file.mobility is not None


def windows_of(listed: Sequence[ListedIon]) -> np.ndarray:
    """Return the lowest and the highest ion mobility of each listed ion, shape (N, 2); infinite where it has none."""
    return np.array([ion.mobility or ALL for ion in listed], dtype=np.float64).reshape(-1, 2)


def without_windows(listed: Sequence[ListedIon]) -> tuple[ListedIon, ...]:
    """Return the ions as they are in data without ion mobility: the first of each m/z that has windows."""
    kept: dict[object, ListedIon] = {}
    for place, ion in enumerate(listed):
        if ion.mobility is None:
            kept[place, "whole"] = ion
        else:
            kept.setdefault(ion.mz, ion.model_copy(update={"mobility": None}))
    return tuple(kept.values())


def mobility_row(files: Sequence[ImzmlFile], listed: Sequence[ListedIon] = ()) -> HealthRow:
    """Return the row about the ion mobility of files that are read together."""
    cut = sum(ion.mobility is not None for ion in listed)
    resolved = [is_resolved(file) for file in files]
    if not any(resolved):
        if not cut:
            return HealthRow("ion mobility", "pass", "The spectra are not resolved by ion mobility.")
        return HealthRow(
            "ion mobility",
            "warning",
            f"The list gives windows of ion mobility for {count(cut, 'ion')}, but the spectra hold no ion mobility.",
            "Each image is the sum over all mobilities, and of ions of one m/z only the first is used.",
            "Export the data with ion mobility if ions of one m/z should have images of their own.",
        )
    if not cut:
        return HealthRow(
            "ion mobility",
            "note",
            "The spectra are resolved by ion mobility.",
            "Each image is the sum over all mobilities.",
            "A list of m/z with windows of mobility, in the columns mobility min and mobility max, gives an image of "
            "each window.",
        )
    if all(resolved):
        found = f"{count(cut, 'ion')} of the list have windows of ion mobility."
        return HealthRow(
            "ion mobility", "pass", found, "An image is the sum of what lies in the windows of m/z and mobility."
        )
    without = next(file.path.name for file, known in zip(files, resolved, strict=True) if not known)
    return HealthRow(
        "ion mobility",
        "stop",
        f"The list gives windows of ion mobility, but the spectra of {without} hold no ion mobility.",
        "Images of one file would be of a window, those of another of all mobilities.",
        "Import the files as several data sets, or use a list without windows.",
    )


def with_windows_in_names(images: IonImages, windows: np.ndarray) -> IonImages:
    """Note the windows of ion mobility (N, 2) of images, in the names as well where ions of one name differ in them."""
    said = [f"{low:g} to {high:g}" if np.isfinite(low) else "" for low, high in windows.tolist()]
    if not any(said):
        return images
    names = list(images.names)
    told = [
        f"{name}, mobility {window}" if window and names.count(name) > 1 else name
        for name, window in zip(names, said, strict=True)
    ]
    return replace(images, names=tuple(told), annotations={**images.annotations, "mobility": tuple(said)})
