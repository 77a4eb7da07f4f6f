"""Several sections side by side in one data set."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from msiss.data import about, mapped
from msiss.data.findings import HealthRow, raise_or_warn
from msiss.data.ion_images import UNLABELLED, IonImages
from msiss.data.mz_matching import nearest_within
from msiss.data.stored_images import ANNOTATIONS
from msiss.errors import DataError

GAP = 2  # pixels between two sections
OF_PIXELS = {"tic": 0, "positions": 0, "stage": np.nan}  # kept where all stacks have them, with what is between them


def side_by_side(
    stacks: Sequence[IonImages], names: Sequence[str], *, ppm: float, scratch: Path | None = None
) -> IonImages:
    """Place sections side by side, each as a region, with gaps outside the mask.

    Parameters
    ----------
    stacks : sequence of IonImages
        The sections, from left to right. Their ions are matched by m/z; ions that are not in all of them are dropped
        with a warning.
    names : sequence of str
        Names of the sections.
    ppm : float
        Tolerance of the matching; the m/z of the first section is kept.
    scratch : Path, optional
        A folder for the result, which then is a memory-mapped file.

    Raises
    ------
    DataError
        If the sections are of different kinds or have no ion in common.
    """
    first = stacks[0]
    if len({stack.axis.name for stack in stacks}) > 1:
        raise DataError("The files are of different kinds of imaging. Import them as several data sets.")
    matches = np.stack([_match(first.mz, stack.mz, ppm) for stack in stacks])  # (S, N)
    common = np.flatnonzero((matches >= 0).all(axis=0))
    if not len(common):
        raise DataError(f"The files have no {first.axis.name} in common within {ppm:g} ppm. Import them one by one.")
    raise_or_warn(_differences(stacks, len(common)), " + ".join(names))
    height = max(stack.shape[0] for stack in stacks)
    lefts = np.cumsum([0, *(stack.shape[1] + GAP for stack in stacks)])
    width = int(lefts[-1]) - GAP
    shape = (len(common), height, width)
    images = mapped.zeros(scratch, "side by side", shape)
    mask = np.zeros((height, width), dtype=bool)
    regions = np.zeros((height, width), dtype=np.int16)
    of_pixels: dict[str, Any] = {}
    for name_of, elsewhere in OF_PIXELS.items():
        if all(getattr(stack, name_of) is not None for stack in stacks):
            own = getattr(first, name_of)
            of_pixels[name_of] = np.full((height, width, *own.shape[2:]), elsewhere, dtype=own.dtype)
    region_names: list[str] = []
    for stack, match, left, name in zip(stacks, matches, lefts, _unique(names), strict=False):
        place = (slice(0, stack.shape[0]), slice(int(left), int(left) + stack.shape[1]))
        for ion, source in enumerate(match[common]):
            images[ion][place] = stack.images[source]
        mask[place] = stack.mask
        for name_of, whole in of_pixels.items():
            whole[place] = getattr(stack, name_of)
        for number, region in enumerate(stack.region_names, 1):
            region_names.append(f"{name} {region}")
            regions[place][stack.regions == number] = len(region_names)
        region_names.append(name)
        rest = stack.mask if stack.regions is None else stack.mask & (stack.regions == 0)
        regions[place][rest] = len(region_names)
    kept = first.subset(common) if len(common) < len(first) else first
    return IonImages(
        images=images,
        mz=first.mz[common],
        mask=mask,
        names=tuple(first.names[ion] for ion in common),
        polarity=first.polarity if len({stack.polarity for stack in stacks}) == 1 else "mixed",
        pixel_size=first.pixel_size,
        labels=_labels(stacks, matches[:, common]),
        source=" + ".join(stack.source for stack in stacks),
        axis=first.axis,
        annotations={key: kept.annotations[key] for key in ANNOTATIONS if key in kept.annotations},
        regions=regions,
        region_names=tuple(region_names),
        picture=first.picture,
        about=about.together([stack.about for stack in stacks], _unique(names)),
        **of_pixels,
    )


def _match(mz: np.ndarray, others: np.ndarray, ppm: float) -> np.ndarray:
    """Return the index of the same ion among `others` for each of `mz`, -1 if there is none.

    In equal lists each ion is its own match, as ions of one m/z may differ in mobility.
    """
    return np.arange(len(mz)) if np.array_equal(mz, others) else nearest_within(mz, others, ppm=ppm)


def _differences(stacks: Sequence[IonImages], common: int) -> list[HealthRow]:
    rows = []
    most = max(len(stack) for stack in stacks)
    if common < most:
        found = f"{common:,} ions are in all files, of up to {most:,}."
        rows.append(HealthRow("ions", "warning", found, "The others are left out."))
    if len({stack.polarity for stack in stacks} - {"unknown"}) > 1:
        found, meaning = "The files differ in polarity.", "An ion may be another molecule in each of them."
        rows.append(HealthRow("polarity", "warning", found, meaning, "Import them as several data sets."))
    if len({stack.pixel_size for stack in stacks}) > 1:
        found, meaning = "The files differ in pixel size.", "The sections are not drawn to the same scale."
        rows.append(HealthRow("pixel size", "warning", found, meaning))
    return rows


def _labels(stacks: Sequence[IonImages], matches: np.ndarray) -> np.ndarray | None:
    """Return the class of each ion if all sections with a class for it agree."""
    known = [stack.labels[match] for stack, match in zip(stacks, matches, strict=True) if stack.labels is not None]
    if not known:
        return None
    agree = np.all(np.stack(known) == known[0], axis=0)
    return np.where(agree, known[0], UNLABELLED)


def _unique(names: Sequence[str]) -> list[str]:
    return [f"{name} ({number})" if list(names).count(name) > 1 else name for number, name in enumerate(names, 1)]
