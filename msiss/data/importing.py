"""From files to a data set: read the ion images, choose among the ions, choose the pixels, as the recipe says."""

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
        What `msiss.data.formats.read` reads as one data set; several are set side by side.
    recipe : Recipe
        What is done.
    picture : Path, optional
        A picture of the tissue to keep beside the ion images.
    metaspace : MetaspaceRequest, optional
        A data set of METASPACE to fetch instead of `files`.
    scratch : Path, optional
        A folder on a disk with room for the result, which then is a memory-mapped file in it.
    progress : callable, optional
        Told how far the work is; it may raise to stop it.

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
    """Choose among the ions and the pixels, and write the recipe into the result.

    Where `images` came from a recipe before, the result keeps how they were read, as that cannot be done again here,
    and what was said of the measurement and of the intensities, where `recipe` says nothing else; everything else is
    what `recipe` says, applied to the ions and pixels that were left.
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
