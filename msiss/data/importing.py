"""From files to a data set: read the ion images, select ions and pixels, by a recipe."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from msiss.data.ion_images import IonImages
from msiss.data.ions import choose_ions, ion_statistics
from msiss.data.masks import apply_mask
from msiss.data.metaspace_request import MetaspaceRequest
from msiss.data.progress import Progress, ignore, part
from msiss.data.recipe import IonsConfig, MaskConfig, Recipe

READING_SHARE = 0.9  # of the progress bar


def import_data(
    files: Sequence[Path],
    recipe: Recipe,
    *,
    picture: Path | None = None,
    metaspace: MetaspaceRequest | None = None,
    scratch: Path | None = None,
    progress: Progress = ignore,
) -> IonImages:
    """Make a data set from files, or from a data set of METASPACE.

    Parameters
    ----------
    files : sequence of Path
        Files for `msiss.data.formats.read`; several are placed side by side.
    recipe : Recipe
        The steps.
    picture : Path, optional
        An optical image of the tissue to store with the ion images.
    metaspace : MetaspaceRequest, optional
        A data set of METASPACE to download instead of `files`.
    scratch : Path, optional
        A folder with enough disk space for the result, which then is a memory-mapped file in it.
    progress : callable, optional
        Receives the progress; it may raise an exception to stop the import.

    Raises
    ------
    DataError, SettingError
        If the files cannot be used, or a setting does not fit them.
    """
    reading = part(progress, 0, READING_SHARE)
    if metaspace is not None:
        from msiss.data.formats.metaspace import fetch

        images = fetch(metaspace.id, fdr=metaspace.fdr, database=metaspace.database or None, progress=reading)
    else:
        from msiss.data.formats import read

        images = read(files, recipe.read, scratch=scratch, progress=reading)
    if picture is not None:
        from msiss.data.picture import read_picture

        images = replace(images, picture=read_picture(picture))
    return apply_recipe(images, recipe, progress=part(progress, READING_SHARE, 1))


def apply_recipe(images: IonImages, recipe: Recipe, *, progress: Progress = ignore) -> IonImages:
    """Select ions and pixels, and record the recipe in the result.

    If `images` were made by an earlier recipe, the result keeps its settings for reading, and those for the measurement
    and the intensities that `recipe` does not set. All other settings are those of `recipe`, applied to the ions and
    pixels that were left.
    """
    images = replace(images, **recipe.measurement.given())
    if recipe.ions != IonsConfig():
        reasons = choose_ions(images, ion_statistics(images, progress=progress), recipe.ions, recipe.read.ppm)
        images = images.subset(np.flatnonzero([not reason for reason in reasons]))
    if recipe.mask != MaskConfig():
        images = apply_mask(images, recipe.mask)
    return replace(images, recipe=_combined(images.recipe, recipe))


def _combined(before: dict[str, Any], recipe: Recipe) -> dict[str, Any]:
    now = recipe.said()
    if "measurement" in before:
        now["measurement"] = before["measurement"] | now.get("measurement", {})
    if "prepare" in before:
        now["prepare"] = before["prepare"] | now.get("prepare", {})
    return now | {"read": before["read"]} if "read" in before else now
