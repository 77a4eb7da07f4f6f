"""Stacks of ion images as other programs store them, brought into the form of `IonImages`."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from msiss.data.axis import MZ, NUMBER, Axis
from msiss.data.findings import HealthRow
from msiss.data.formats.axes import FIRST, order_of, three_axes
from msiss.data.formats.budget import Budget
from msiss.data.intensities import clean, intensity_row
from msiss.data.ion_images import UNLABELLED, IonImages
from msiss.data.recipe import ReadConfig
from msiss.data.stored_images import Polarity
from msiss.words import count

SAVE_AS = "Save it again with numpy.savez(FILE, images=..., mz=...)."


@dataclass
class Stack:
    """The content of a file, converted step by step to the form of IonImages; `rows` are the findings."""

    budget: Budget
    images: np.ndarray
    mz: np.ndarray | None = None
    mask: np.ndarray | None = None
    labels: np.ndarray | None = None
    names: tuple[str, ...] = ()
    polarity: Polarity = "unknown"
    axis: Axis = MZ
    more: dict[str, Any] = field(default_factory=dict)
    rows: list[HealthRow] = field(default_factory=list)
    axes: str = ""  # their order, if it is known
    documented: bool = False  # whether the name of the images says that they come in this order: ions, rows, columns

    def note(self, check: str, found: str, meaning: str = "", action: str = "") -> None:
        """Add a finding: a warning if there is something to say about what it means."""
        self.rows.append(HealthRow(check, "warning" if meaning else "pass", found, meaning, action))


class Unusable(Exception):
    """A file is no stack of ion images; `row` is the finding."""

    def __init__(self, check: str, found: str, meaning: str = "") -> None:
        super().__init__(found)
        self.row = HealthRow(check, "stop", found, meaning, SAVE_AS)


def finished(stack: Stack, config: ReadConfig) -> IonImages:
    """Return the ion images of a stack; what is found is added to its rows.

    Integers are converted. Invalid intensities are read as 0, and ions without signal are left out.

    Raises
    ------
    Unusable
        If it is no stack of ion images.
    """
    _order(stack, config)
    _images(stack)
    _per_ion(stack)
    _pixels(stack)
    assert stack.mz is not None
    assert stack.mask is not None
    images = IonImages(
        images=stack.images,
        mz=stack.mz,
        mask=stack.mask,
        names=stack.names,
        polarity=stack.polarity,
        labels=stack.labels,
        axis=stack.axis,
        **({"source": stack.budget.name} | stack.more),
    )
    present = images.images.any(axis=(1, 2))
    return images if present.all() else images.subset(np.flatnonzero(present))


def _order(stack: Stack, config: ReadConfig) -> None:
    """Bring the axes into the order (ions, rows, columns), and take the m/z of a list for images that have none."""
    images = stack.images = three_axes(stack.images)
    if images.ndim != 3 or images.dtype.kind not in "fiub" or 0 in images.shape:
        return  # refused later
    known = stack.mz is not None
    listed = [] if known or len(config.mz_list) not in images.shape else [ion.mz for ion in config.mz_list]
    if not stack.axes:
        number = next((len(one) for one in (stack.mz, stack.labels, stack.names or None) if one is not None), None)
        mask = None if stack.mask is None else stack.mask.shape
        fits = number == len(images) and mask in (None, images.shape[1:])
        axes = config.axes or (FIRST if stack.documented and fits else "")
        order, rows = order_of(images, axes, stack.budget.name, ions=number or len(listed) or None, mask=mask)
        stack.images = images = images.transpose(order)
        stack.rows += rows
    if len(listed) == len(images):
        stack.mz = np.array(listed)
        found = f"The file has no m/z; its {count(len(listed), 'image')} and the list are as many."
        stack.rows.append(HealthRow("m/z", "note", found, "The images have the m/z of the list, in its order."))


def _images(stack: Stack) -> None:
    images = stack.images
    if images.ndim != 3 or images.dtype.kind not in "fiub" or 0 in images.shape or images[0].size == 1:
        raise Unusable(
            "images",
            f"The array has the shape {images.shape} and the type {images.dtype.name}.",
            "A stack of ion images has the shape (ions, rows, columns), two pixels or more, and holds numbers. "
            "Spectra of the shape (pixels, ions) need the array coords beside them, with column and row of each pixel.",
        )
    if images.dtype != np.float32 or not images.flags.c_contiguous:
        stack.budget.unpack(4 * images.size, "All images in single precision")
    with np.errstate(over="ignore"):  # values beyond 32-bit floats become infinite and are counted
        stack.images = np.ascontiguousarray(images, dtype=np.float32)
    stack.note("images", "{:,} ion images of {:,} rows x {:,} columns.".format(*images.shape))


def _per_ion(stack: Stack) -> None:
    number = len(stack.images)
    for name, values in (("mz", stack.mz), ("labels", stack.labels), ("names", stack.names or None)):
        if values is not None and np.shape(values) != (number,):
            shape = np.shape(values)
            raise Unusable(name, f"There are {number:,} images, but {name} has the shape {shape}.")
    if stack.mz is None:
        stack.mz, stack.axis = np.arange(1.0, number + 1), NUMBER
        stack.names = stack.names or tuple(f"image {index}" for index in range(1, number + 1))
        meaning = "The images are numbered from 1, in place of an m/z."
        stack.note("m/z", "The file does not say which m/z the images belong to.", meaning, SAVE_AS)
        return
    wrong = ~(np.isfinite(stack.mz) & (stack.mz > 0))
    if wrong.any():
        first = int(wrong.argmax())
        raise Unusable(
            "m/z",
            f"{count(int(wrong.sum()), 'm/z value')} cannot be right: number {first + 1} is {stack.mz[first]}.",
        )
    stack.note(stack.axis.name, f"{stack.axis.text(stack.mz.min())} to {stack.axis.text(stack.mz.max())}.")


def _pixels(stack: Stack) -> None:
    images = stack.images
    measured = ~np.isnan(images).all(axis=0)
    if stack.mask is not None and stack.mask.shape != measured.shape:
        raise Unusable("mask", f"The mask has the shape {stack.mask.shape}, the images have {measured.shape}.")
    mask = stack.mask = measured if stack.mask is None else measured & stack.mask
    images[:, ~measured] = 0
    not_numbers, negative = clean(images)
    stack.rows.append(intensity_row(not_numbers=not_numbers, negative=negative, total=images.size))
    total, outside = (float(part.sum(dtype=np.float64)) for part in (images, images[:, ~mask]))
    if outside:
        meaning = "It is set to 0. If that is not what you want, check that the mask is 1 where measured."
        stack.note("mask", f"{outside / total:.0%} of the signal lies outside the mask.", meaning)
    images[:, ~mask] = 0
    present = images.any(axis=(1, 2))
    if not present.any():
        raise Unusable("signal", "All intensities in the mask are 0.", "There is nothing to look at.")
    stack.note("pixels", f"{count(int(mask.sum()), 'pixel')} measured, {int((~mask).sum()):,} masked.")
    if not present.all():
        names = stack.names or tuple(f"{mz:.4f}" for mz in stack.mz)  # type: ignore[union-attr]
        first = ", ".join(names[ion] for ion in np.flatnonzero(~present)[:5])
        stack.note("ions", f"{count(int((~present).sum()), 'ion')} without signal, such as {first}.", "Left out.")


def classes(values: np.ndarray, budget: Budget) -> np.ndarray:
    """Return classes as int64; texts by their index in sorted order, missing numbers as `UNLABELLED`."""
    if values.dtype.kind not in "iufb":
        budget.reserve(4 * values.nbytes, "The labels")
        return np.unique(values.astype(str), return_inverse=True)[1].astype(np.int64)
    numbers = values.astype(np.float64)
    return np.where((numbers >= 0) & (numbers < 2**53), numbers, UNLABELLED).astype(np.int64)
