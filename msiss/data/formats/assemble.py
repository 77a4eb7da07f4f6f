"""From a cube of numbers to ion images: the last step of the readers of tables and cubes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from msiss.data.axis import MZ, Axis
from msiss.data.findings import DataStop, HealthRow
from msiss.data.intensities import clean, intensity_row
from msiss.data.ion_images import IonImages
from msiss.words import count


def assemble(
    cube: np.ndarray,
    mz: np.ndarray,
    *,
    name: str,
    axis: Axis = MZ,
    names: Sequence[str] = (),
    annotations: Mapping[str, Sequence[str]] | None = None,
    **more: Any,
) -> tuple[IonImages, list[HealthRow]]:
    """Return the ion images in a cube and the findings.

    Parameters
    ----------
    cube : ndarray of shape (N, H, W), float32
        Intensities, NaN in all ions of pixels that were not measured. Modified in place and used as the images.
    mz : ndarray of shape (N,)
        m/z in Th, or the position on `axis`.
    name : str
        Name of the file, for `IonImages.source` and messages.
    names : sequence of N str, optional
        Names of the ions; by default their positions on the axis.
    annotations : mapping of str to sequence of N str, optional
        As in `IonImages`; annotations that are empty for all ions are left out.
    **more
        Other fields of `IonImages`.

    Raises
    ------
    DataStop
        If no pixel was measured, or all intensities are 0.
    """
    number, height, width = cube.shape
    if number == 0 or height * width < 2:
        raise _stop("images", f"It holds {count(number, 'ion image')} of {height:,} x {width:,} pixels.", name)
    rows = [HealthRow("images", "pass", f"{count(number, 'ion image')} of {height:,} rows x {width:,} columns.")]
    mask = np.zeros((height, width), dtype=bool)
    for image in cube:
        mask |= ~np.isnan(image)
    if not mask.any():
        raise _stop("intensities", "No intensity is a number.", name)
    not_numbers = negative = 0
    present = np.zeros(number, dtype=bool)
    for index, image in enumerate(cube):
        image[~mask] = 0
        wrong, below = clean(image)
        not_numbers, negative = not_numbers + wrong, negative + below
        present[index] = image.any()
    rows.append(intensity_row(not_numbers=not_numbers, negative=negative, total=number * int(mask.sum())))
    off = int((~mask).sum())
    rows.append(HealthRow("pixels", "pass", f"{count(int(mask.sum()), 'pixel')} measured, {off:,} not measured."))
    if not present.any():
        raise _stop("signal", "All intensities are 0. There is nothing to look at.", name)
    images = IonImages(
        images=cube,
        mz=np.asarray(mz, dtype=np.float64),
        mask=mask,
        names=tuple(text or axis.number(value) for text, value in zip(names, mz, strict=True)) if len(names) else (),
        annotations={key: tuple(values) for key, values in (annotations or {}).items() if any(values)},
        axis=axis,
        source=name,
        **more,
    )
    if not present.all():
        first = ", ".join(images.names[ion] for ion in np.flatnonzero(~present)[:5])
        found = f"{count(int((~present).sum()), 'ion')} without signal, such as {first}."
        rows.append(HealthRow("ions", "warning", found, "Left out."))
        images = images.subset(np.flatnonzero(present))
    return images, rows


def _stop(check: str, found: str, name: str) -> DataStop:
    action = "Check that this is the file of the images, and export it again."
    return DataStop(HealthRow(check, "stop", found, "", action), name)
