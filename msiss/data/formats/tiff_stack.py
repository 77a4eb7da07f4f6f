"""Ion images in one TIFF file: pages, channels or samples, in one or several series of pages of the same size.

Rows and columns are told by the file: a page has them, and OME, ImageJ and tifffile name all axes. All series whose
images have the same size are read; others, such as overviews and labels, are left out with a warning.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats.axes import order_of
from msiss.data.formats.budget import Budget
from msiss.data.formats.picture_mz import assemble_named, distinct, mz_of
from msiss.data.formats.picture_names import is_total, read_names
from msiss.data.formats.tiff import numbers, open_tiff
from msiss.data.formats.tiff_names import about, page_names, pixel_size
from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress
from msiss.data.recipe import ReadConfig
from msiss.words import count

_RGB = 2  # PhotometricInterpretation
_SAVE = "Save one grey image per ion, all of the same size, with the m/z as names of channels or pages."


@dataclass(frozen=True)
class _Series:
    """A series of pages: its place in the file, and its axes."""

    place: int
    series: Any
    ions: tuple[int, ...]  # axes that are neither rows nor columns
    rows: int
    columns: int

    @property
    def number(self) -> int:
        return math.prod(self.series.shape[axis] for axis in self.ions)

    @property
    def size(self) -> tuple[int, int]:
        return self.series.shape[self.rows], self.series.shape[self.columns]

    @property
    def coloured(self) -> bool:
        """Whether the samples of a pixel are colours: three or four whole numbers that are called so."""
        axes, key = self.series.axes.upper(), self.series.keyframe
        samples = self.series.shape[axes.index("S")] if "S" in axes else 1
        return samples in (3, 4) and int(key.photometric) == _RGB and self.series.dtype.kind in "ui"

    @property
    def title(self) -> str:
        height, width = self.size
        name = f"{self.series.name} " if self.series.name else ""
        return f"{name}({count(self.number, 'image')} of {height:,} x {width:,} pixels)"


def load_stack(
    source: Path | BytesIO, name: str, budget: Budget, config: ReadConfig, progress: Progress
) -> tuple[IonImages, list[HealthRow]]:
    """Return the ion images in a TIFF file, and the findings.

    Raises
    ------
    DataStop
        If it cannot be read, or does not hold ion images.
    """
    try:
        with open_tiff(source, budget) as file:
            chosen, rows = _choose(file, config.axes, name)
            cube = _cube(chosen, file, budget)
            names = _names(chosen, file)
            known: dict[str, Any] = {"pixel_size": pixel_size(file, chosen[0].place), "about": about(file)}
    except (DataStop, OSError, MemoryError):
        raise
    except Exception as error:  # tifffile and the codecs raise many types for damaged files
        raise stop(f"It cannot be read as a TIFF ({str(error)[:200]}).", name) from error
    progress(1, f"Reading {name}")
    cube, more = _ordered(cube, chosen, names, config, name)
    rows += more
    if len(names) != len(cube):
        names = [""] * len(cube)
    if len(cube) == 1 and not any(read_names(names).mz):  # it is named like one picture of several
        names = [name]
    labels, tic = distinct(names), None
    totals = [place for place, label in enumerate(names) if is_total(label)]
    ions = [place for place in range(len(cube)) if place not in totals] if len(totals) == 1 else range(len(cube))
    own, apart = [names[place] for place in ions], [labels[place] for place in ions]
    mz, said = mz_of(own, config, file=name, what="page", labels=apart)
    rows += said
    of_ion = dict(zip(ions, mz, strict=True))
    if any(mz) and len(ions) < len(cube) and np.isfinite(cube[totals[0]]).all() and cube[totals[0]].min() >= 0:
        tic = cube[totals[0]].copy()
        rows.append(HealthRow("total ion image", "pass", f"{labels[totals[0]]} is taken as the total ion count."))
    all_mz = [of_ion.get(place) for place in range(len(cube))]
    images, more = assemble_named(cube, all_mz, names, name=name, tic=tic, **known)
    return images, rows + more


def stop(found: str, name: str, action: str = _SAVE) -> DataStop:
    """Return the error about a TIFF file."""
    return DataStop(HealthRow("pictures", "stop", found, "", action), name)


def _choose(file: Any, axes: str, name: str) -> tuple[list[_Series], list[HealthRow]]:
    """Return the series of pages that hold the ion images, and what is left out."""
    found = [_series(place, series, axes, name) for place, series in enumerate(file.series) if series.ndim >= 2]
    grey = [one for one in found if not one.coloured]
    if not found:
        raise stop("It cannot be read as a TIFF: it holds no images.", name)
    if not grey:
        raise stop("It holds a colour picture, not ion images.", name)
    sizes = {one.size: sum(other.number for other in grey if other.size == one.size) for one in grey}
    most = max(sizes, key=sizes.__getitem__)
    chosen = [one for one in grey if one.size == most]
    others = [one for one in found if one not in chosen]
    if not others:
        return chosen, []
    said = f"Besides {count(sizes[most], 'image')} of {most[0]:,} x {most[1]:,} pixels, the file holds "
    said += f"{', '.join(one.title for one in others[:3])}{', ...' if len(others) > 3 else ''}."
    return chosen, [HealthRow("series", "warning", said, "They are left out.", "Save ions that miss at the same size.")]


def _series(place: int, series: Any, chosen: str, name: str) -> _Series:
    """Return the axes of a series: those that the user chose or the file names, or else a page's."""
    if chosen and series.ndim == 3:
        places = chosen.split()
        return _Series(place, series, (places.index("mz"),), places.index("rows"), places.index("columns"))
    axes = series.axes.upper()
    named = axes.count("Y") == axes.count("X") == 1
    rows, columns = (axes.index("Y"), axes.index("X")) if named else (series.ndim - 2, series.ndim - 1)
    ions = tuple(axis for axis in range(series.ndim) if axis not in (rows, columns))
    long = [axis for axis in ions if series.shape[axis] > 1]
    if len(long) > 1 and series.kind in ("ome", "imagej"):
        held = " and ".join(f"{series.shape[axis]:,} along {axes[axis]}" for axis in long)
        action = "Save one plane and time point, with the ions as channels (C)."
        raise stop(f"It holds {held}, and it is not clear which of them are the ions.", name, action)
    return _Series(place, series, ions, rows, columns)


def _cube(chosen: Sequence[_Series], file: Any, budget: Budget) -> np.ndarray:
    """Return the images of all series, shape (N, H, W), float32."""
    if len(chosen) == 1:
        return np.ascontiguousarray(_planes(chosen[0], file, budget), dtype=np.float32)
    shape = (sum(one.number for one in chosen), *chosen[0].size)
    budget.images(shape)
    cube, place = np.empty(shape, dtype=np.float32), 0
    for one in chosen:
        with budget.released_afterwards():
            cube[place : place + one.number] = _planes(one, file, budget)
        place += one.number
    return cube


def _planes(one: _Series, file: Any, budget: Budget) -> np.ndarray:
    array = numbers(file, budget, one.place)
    return np.transpose(array, (*one.ions, one.rows, one.columns)).reshape(one.number, *one.size)


def _names(chosen: Sequence[_Series], file: Any) -> list[str]:
    """Return the names of all images, from the source in which most m/z are read; empty if there are none."""
    sources = [page_names(file, one.series, one.place, one.number) for one in chosen]
    kinds = dict.fromkeys(kind for source in sources for kind in source)
    together = []
    for kind in kinds:  # a series that has no names of this kind has others, or none
        parts = [
            source.get(kind) or next(iter(source.values()), [""] * one.number)
            for one, source in zip(chosen, sources, strict=True)
        ]
        together.append(list(chain.from_iterable(parts)))
    nothing = [""] * sum(one.number for one in chosen)
    return max(together, key=lambda names: sum(value is not None for value in read_names(names).mz), default=nothing)


def _ordered(
    cube: np.ndarray, chosen: Sequence[_Series], names: Sequence[str], config: ReadConfig, name: str
) -> tuple[np.ndarray, list[HealthRow]]:
    """Return the images with the axes in the order that the data show, where nothing else tells it.

    Pages are images, but a program that saves rows x columns x ions writes one page per row.
    """
    series = chosen[0].series
    told = config.axes or series.kind in ("ome", "imagej") or len(chosen) > 1 or any(names) or "Q" not in series.axes
    if told or len(cube) < 2:
        return cube, []
    order, rows = order_of(cube, "", name)
    return (cube, []) if order == (0, 1, 2) else (np.ascontiguousarray(np.transpose(cube, order)), rows)
