"""Spectra in an array with a row for each pixel, whose positions are in another array."""

from typing import Any

import numpy as np

from msiss.data.findings import HealthRow
from msiss.data.formats.budget import Budget
from msiss.data.formats.scatter import Canvas, find_places, one_plane


def place(
    spectra: np.ndarray, coordinates: np.ndarray, name: str, budget: Budget
) -> tuple[np.ndarray, dict[str, Any], list[HealthRow]]:
    """Return the ion images (N, H, W), float32 and NaN where nothing was measured, the coordinates, and the findings.

    The coordinates are a field of `IonImages`, see `Places.in_file`.

    Parameters
    ----------
    spectra : ndarray of shape (P, N) or (N, P)
        Intensities. Only if P is N, the pixels must be the rows.
    coordinates : ndarray of shape (P, 2), (P, 3), (2, P) or (3, P)
        Column x, row y and perhaps plane z of each pixel.
    name : str
        Name of the file, for messages.
    budget : Budget
        Budget for the images.

    Raises
    ------
    DataStop
        If the coordinates are on no grid, or on several planes.
    ValueError
        If the shapes do not fit.
    """
    if coordinates.ndim == 2 and coordinates.shape[1] not in (2, 3):
        coordinates = coordinates.T
    if spectra.ndim == 2 and len(spectra) != len(coordinates):
        spectra = spectra.T
    if spectra.ndim != 2 or coordinates.ndim != 2 or coordinates.shape != (len(spectra), coordinates.shape[1]):
        raise ValueError("shapes")
    x, y, *z = np.asarray(coordinates, dtype=np.float64).T
    if z:
        one_plane(x, y, z[0], name)
    places = find_places(x, y, name)
    canvas = Canvas(places, spectra.shape[1], budget)
    canvas.add(slice(None), slice(None), spectra)
    return canvas.finish(), places.in_file(x, y), places.rows
