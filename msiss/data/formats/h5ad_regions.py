"""Columns of an AnnData file that name regions of its pixels."""

import contextlib
from pathlib import Path

from msiss.data import column_names
from msiss.data.formats.h5ad import coordinates, opened
from msiss.data.formats.h5ad_columns import Frame
from msiss.data.formats.hdf5 import Unusable
from msiss.data.formats.scatter import Places, find_places


def pixels_and_columns(path: Path, *, fewest: int, most: int) -> tuple[Places, dict[str, list[str]]]:
    """Return the places of the pixels, and the columns of obs with so many different values, as text.

    Missing values are empty and not counted.

    Raises
    ------
    DataStop
        If the file is damaged, or lacks coordinates.
    """
    with opened(path) as file:
        if "obs" not in file.root:
            raise Unusable("This HDF5 file is not AnnData: it holds no obs.", "Write it with anndata.")
        pixels = Frame(file.root, "obs")
        placed = column_names.find_places(pixels.columns) or ()
        found = {}
        for column in pixels.columns:
            if column in placed:
                continue
            with contextlib.suppress(Unusable):  # a column of another encoding
                values = pixels.texts(column)
                if fewest <= len(set(values) - {""}) <= most:
                    found[column] = values
        return find_places(*coordinates(file.root, pixels, path.name), path.name), found
