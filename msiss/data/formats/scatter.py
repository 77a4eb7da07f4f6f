"""From lists of pixels with coordinates, in pixels or micrometres and any order, to images."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats.budget import Budget
from msiss.data.formats.raster import close_gaps, fill, find_raster
from msiss.words import count

# Share of pixels with a spectrum below which gaps are closed in an image above this size.
_SPARSE = 0.02
_SMALL = 10_000


@dataclass(frozen=True, eq=False)
class Places:
    """Position of each of P listed pixels in the image.

    Attributes
    ----------
    row, column : ndarray of shape (P,), int64
        Counted from 0; -1 for pixels without a usable position.
    shape : tuple of two int
        Height and width of the image.
    pitch : tuple of two float
        Distance between rows and between columns, in the unit of the coordinates.
    rows : list of HealthRow
        The findings.
    """

    row: np.ndarray
    column: np.ndarray
    shape: tuple[int, int]
    pitch: tuple[float, float]
    rows: list[HealthRow]

    def in_file(self, x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
        """Return the coordinates (P,) as that field of `IonImages` which holds them.

        It is `positions` if they are whole numbers, otherwise `stage`, as lengths.
        """
        image = self.image(x, y)
        whole = np.nan_to_num(image)
        return {"positions": whole.astype(np.int64)} if (whole == np.rint(whole)).all() else {"stage": image}

    def image(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return two numbers of each pixel (P,) as an image (H, W, 2), float64, NaN elsewhere."""
        there = self.row >= 0
        image = np.full((*self.shape, 2), np.nan)
        image[self.row[there], self.column[there]] = np.stack([x[there], y[there]], axis=1)
        return image


def one_plane(x: np.ndarray, y: np.ndarray, z: np.ndarray, name: str) -> None:
    """Refuse coordinates (P,) on several planes; a height that differs from pixel to pixel makes none.

    Raises
    ------
    DataStop
        If a pixel lies on several; the message names them.
    """
    planes = np.unique(z[np.isfinite(z)])
    if len(planes) > 1 and len(np.unique([x, y], axis=1).T) < len(np.unique([x, y, z], axis=1).T):
        first = ", ".join(f"{plane:g}" for plane in planes[:5])
        found = f"The pixels lie on {len(planes):,} planes (z = {first}{', ...' if len(planes) > 5 else ''})."
        raise DataStop(HealthRow("planes", "stop", found, "", "Save one plane, a section, per file."), name)


def find_places(x: np.ndarray, y: np.ndarray, name: str) -> Places:
    """Infer the grid of the coordinates of P pixels.

    The grid is that of `msiss.data.formats.raster.find_raster`. Long gaps between distant pixels are closed.

    Parameters
    ----------
    x, y : ndarray of shape (P,), float64
        Horizontal and vertical coordinates, of any origin and unit.
    name : str
        Name of the file for messages.

    Raises
    ------
    DataStop
        If the coordinates are not on a grid.
    """
    known = np.isfinite(x) & np.isfinite(y) & (np.abs(x) < 1e15) & (np.abs(y) < 1e15)
    rows = []
    if not known.any():
        raise _stop("No pixel has coordinates that are numbers.", name)
    if not known.all():
        found = f"{count(int((~known).sum()), 'pixel')} without coordinates."
        rows.append(HealthRow("coordinates", "warning", found, "Left out.", "Look at these rows of the file."))
    raster = find_raster(x[known], y[known])
    if raster is None:
        raise _stop("The coordinates have no regular step.", name)
    column, row, pitch = raster.column, raster.row, raster.pitch
    closed = False
    if fill(row, column) < _SPARSE and int(row.max()) * int(column.max()) > _SMALL:
        row, column = close_gaps(row), close_gaps(column)
        closed = True
        if fill(row, column) < _SPARSE and int(row.max()) * int(column.max()) > _SMALL:
            found = f"{count(len(row), 'pixel')} are spread over {row.max() + 1:,} x {column.max() + 1:,} places."
            raise _stop(found, name)
    shape = (int(row.max()) + 1, int(column.max()) + 1)
    if closed:
        meaning = f"The empty space between them is closed; the image has {shape[0]:,} x {shape[1]:,} pixels."
        found = "Some pixels lie far from the others."
        rows.append(
            HealthRow("coordinates", "warning", found, meaning, "Check the coordinates of the outermost pixels.")
        )
    repeated = len(row) - len(np.unique(row * shape[1] + column))
    if repeated:
        found = f"{count(repeated, 'pixel')} at the place of another one."
        action = "If they belong to several sections, save one file per section."
        rows.append(HealthRow("duplicates", "warning", found, "Pixels at one place are averaged.", action))
    if pitch != (1.0, 1.0):
        found = f"Neighbouring pixels are {pitch[1]:.6g} apart in x and {pitch[0]:.6g} in y."
        rows.append(HealthRow("coordinates", "pass", found))
    everywhere = np.full((2, len(x)), -1, dtype=np.int64)
    everywhere[:, known] = row, column
    return Places(everywhere[0], everywhere[1], shape, pitch, rows)


class Canvas:
    """Ion images that are filled block by block, NaN where nothing was measured.

    Parameters
    ----------
    places : Places
        Positions of the listed pixels.
    ions : int
        Number of images.
    budget : Budget
        Budget for the images.
    """

    def __init__(self, places: Places, ions: int, budget: Budget) -> None:
        height, width = places.shape
        budget.images((ions, height, width))
        self.cube = np.full((ions, height, width), np.nan, dtype=np.float32)
        self._flat = self.cube.reshape(ions, height * width)
        self._target = np.where(places.row < 0, -1, places.row * width + places.column)
        self._first = np.zeros(len(self._target), dtype=bool)
        used, first, times = np.unique(self._target, return_index=True, return_counts=True)
        self._first[first] = True
        self._shared, self._times = used[times > 1], times[times > 1].astype(np.float32)

    def add(self, pixels: slice, ions: slice, intensities: np.ndarray) -> None:
        """Add the intensities (p, n) of the listed pixels `pixels`, in their order, to the images `ions`."""
        target, first = self._target[pixels], self._first[pixels]
        there = target >= 0
        with np.errstate(over="ignore"):  # values beyond 32-bit floats become infinite and are counted
            values = intensities.astype(np.float32, copy=False)
        new = there & first
        self._flat[ions, target[new]] = values[new].T
        for index in np.flatnonzero(there & ~first):  # few: several spectra of one pixel
            self._flat[ions, target[index]] += values[index]

    def finish(self) -> np.ndarray:
        """Return the images (N, H, W), float32; pixels listed several times hold their mean."""
        keep = self._shared >= 0
        self._flat[:, self._shared[keep]] /= self._times[keep]
        return self.cube


def _stop(found: str, name: str) -> DataStop:
    action = "Give each pixel whole numbers x and y, its column and its row."
    return DataStop(HealthRow("coordinates", "stop", found, "", action), name)
