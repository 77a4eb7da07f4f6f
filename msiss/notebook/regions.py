"""Regions of a section in a notebook."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from msiss.data.given import as_array
from msiss.data.ion_images import IonImages
from msiss.errors import SettingError
from msiss.notebook.run import Run
from msiss.share.regions import compare, regions_of, regions_table


def compare_regions(
    of: IonImages | Run,
    region: Any = None,
    against: Any = None,
    *,
    file: str | os.PathLike[str] | None = None,
    by_tic: bool = False,
) -> pd.DataFrame:
    """Return which ions are high in one region of a section against another.

    There are no p-values: the pixels of one section are not independent samples.

    Parameters
    ----------
    of : IonImages or Run
        The ion images; the table of a run has the cluster of each ion, too.
    region : array_like of shape (H, W) or str, optional
        Region A: its pixels, or its name in `file` or among those kept with the data set; may be left out if there is
        only one.
    against : array_like of shape (H, W) or str, optional
        Region B; by default the rest of the measured pixels.
    file : path, optional
        A picture or .npy array of labels, AnnData, or GeoJSON in pixels of the section.
    by_tic : bool
        Whether the intensities of each pixel are divided by its total ion count first.

    Returns
    -------
    DataFrame
        One row per ion, those that are highest in region A first; see `msiss.share.regions.regions_table`.

    Raises
    ------
    DataError
        If the file cannot be read.
    SettingError
        If a region does not exist, or has no measured pixels.
    """
    images, clusters = (of.images, of.table()["cluster"].to_numpy()) if isinstance(of, Run) else (of, None)
    stored = getattr(images.images, "filename", None)
    folder = None if stored is None else Path(stored).parent
    regions = regions_of(images, folder, None if file is None else Path(file))
    names = [_named(images, regions, one, name) for one, name in ((region, "A"), (against, "B"))]
    return regions_table(images, compare(images, regions, *names, by_tic=by_tic), clusters)


def _named(images: IonImages, regions: dict[str, np.ndarray], region: Any, name: str) -> str | None:
    """Return the name of a region; pixels are added to the regions under `name`."""
    if region is None or isinstance(region, str):
        return region
    pixels = as_array(region, f"region {name}", np.bool_)
    if pixels.shape != images.shape:
        raise SettingError(f"Region {name} has the shape {pixels.shape}, the ion images {images.shape}.")
    regions[f"the given {name}"] = pixels & images.mask
    return f"the given {name}"
