"""Annotation of ion images by a list of m/z."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from msiss.data.ion_images import IonImages
from msiss.data.mz_matching import nearest_within
from msiss.data.recipe import ListedIon
from msiss.errors import DataError

LISTED = {"formula": "formula", "adduct": "adduct", "class": "class_"}  # annotation -> field of a listed ion


def annotate(
    images: IonImages, listed: Sequence[ListedIon], ppm: float, *, taken: np.ndarray | Sequence[int] = ()
) -> IonImages:
    """Assign each ion the name, formula, adduct and class of the nearest listed m/z within `ppm`.

    Fields that are empty in the list remain unchanged.

    Parameters
    ----------
    images : IonImages
    listed : sequence of ListedIon
    ppm : float
        Tolerance in parts per million.
    taken : sequence of int
        Index of the listed ion from which each of the first images was made.
    """
    match = nearest_within(images.mz, np.array([ion.mz for ion in listed]), ppm=ppm)
    match[: len(taken)] = taken
    known = [listed[place] if place >= 0 else None for place in match]
    names = tuple((ion.name if ion else "") or name for ion, name in zip(known, images.names, strict=True))
    annotations = dict(images.annotations)
    for key, field in LISTED.items():
        before = images.annotations.get(key, ("",) * len(images))
        values = tuple((getattr(ion, field) if ion else "") or old for ion, old in zip(known, before, strict=True))
        if any(values):
            annotations[key] = values
    return replace(images, names=names, annotations=annotations)


def only_listed(images: IonImages, mz: np.ndarray, ppm: float) -> IonImages:
    """Keep the ions within `ppm` of one of `mz` (M,), in Th.

    Raises
    ------
    DataError
        If there is no such ion.
    """
    there = nearest_within(images.mz, mz, ppm=ppm) >= 0
    if not there.any():
        raise DataError(
            f"None of the {len(mz):,} m/z of the list is among the {len(images):,} ion images within {ppm:g} ppm. The "
            f"list runs from m/z {mz.min():.4f} to {mz.max():.4f}, the images from {images.mz.min():.4f} to "
            f"{images.mz.max():.4f}. Check that they belong together, or use a larger tolerance."
        )
    return images if there.all() else images.subset(np.flatnonzero(there))
