"""Positions of the spectra as a file gives them: the numbers of pixels, or decimal numbers, which are lengths."""

import numpy as np

from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats.imzml.elements import EXACT
from msiss.data.formats.imzml.table import SpectrumTable
from msiss.data.formats.raster import find_raster

# Least share of decimals among the different positions on an axis that are lengths: a third in three columns with a
# step of 12.5, and never less than half in many.
FEWEST_DECIMALS = 0.25


def positions(spectra: SpectrumTable, remarks: list[str], name: str) -> tuple[np.ndarray, np.ndarray | None]:
    """Return column, row and layer (n, 3), int64, and the positions x, y on the stage (n, 2), None if there are none.

    Decimal numbers become columns and rows from 1 by their step. They are the positions on the stage then, unless the
    file has others for these.

    Parameters
    ----------
    spectra : SpectrumTable
    remarks : list of str
        Receives what was found.
    name : str
        Name of the file, for messages.

    Raises
    ------
    DataStop
        If decimal numbers have no regular step, or are rare.
    """
    coordinates = spectra.coordinates
    stage = _stage(spectra.numbers("stage x"), spectra.numbers("stage y"), coordinates)
    decimals = np.stack([spectra.numbers(axis) for axis in EXACT], axis=1)
    known = ~np.isnan(decimals)
    if not known.any():
        return coordinates, stage
    exact = np.where(known, decimals, coordinates)
    for axis in np.flatnonzero(known.any(axis=0)).tolist():
        values = np.unique(exact[:, axis])
        if (values % 1 != 0).mean() < FEWEST_DECIMALS:
            stray = int(known[:, axis].argmax())
            place = f"{'xyz'[axis]}={exact[stray, axis]:g}"
            found = f"Spectrum {stray + 1:,} has the position {place}, which is no whole number as the others are."
            raise _stop(found, "So it is unknown which pixel it belongs to.", name)
    if known[:, 2].any():
        heights, layers = np.unique(exact[:, 2], return_inverse=True)
        coordinates[:, 2] = layers + 1
        found = f"The positions z are decimal numbers from {heights[0]:g} to {heights[-1]:g}"
        remarks.append(f"{found}, so the planes are numbered from 1 in their order.")
    if not known[:, :2].any():
        return coordinates, stage
    raster = find_raster(exact[:, 0], exact[:, 1])
    if raster is None:
        first = f"x={exact[0, 0]:g}, y={exact[0, 1]:g}"
        found = f"The positions are decimal numbers without a regular step, such as {first}."
        raise _stop(found, "So it is unknown which pixel is which.", name)
    height, width = raster.pitch
    remarks.append(
        f"The positions are decimal numbers, so they are lengths: there is a column every {width:.3g} and a row every "
        f"{height:.3g}. They are kept with the data set."
    )
    coordinates[:, :2] = np.stack([raster.column, raster.row], axis=1) + 1
    return coordinates, exact[:, :2] if stage is None else stage


def _stage(x: np.ndarray, y: np.ndarray, coordinates: np.ndarray) -> np.ndarray | None:
    """Return the positions on the stage; programs may repeat the numbers of the pixels there, which are none."""
    stage = np.stack([x, y], axis=1)
    return None if np.isnan(stage).all() or np.array_equal(stage, coordinates[:, :2]) else stage


def _stop(found: str, meaning: str, name: str) -> DataStop:
    action = "Export the data again with the numbers of the pixels as positions."
    return DataStop(HealthRow("pixels", "stop", found, meaning, action), name)
