"""The benchmark of Hu, Bindu & Laskin (Chem. Sci. 2022, 13, 90) as NumPy files.

An object array (N, 2) of grey images (H, W, 3) and labels, with ``mass_list.npy`` (N, 3), polarity, m/z and class, and
``mask.npy`` (H, W), 1 *off* the tissue, optionally beside it.
"""

from pathlib import Path

import numpy as np

from msiss.data.formats.axes import FIRST
from msiss.data.formats.budget import Budget
from msiss.data.formats.npy import read_npy
from msiss.data.formats.stack import Stack, Unusable, classes
from msiss.data.stored_images import Polarity

_POLARITIES: dict[str, Polarity] = {"pos": "positive", "neg": "negative"}


def read(array: np.ndarray, path: Path, budget: Budget) -> Stack:
    """Return the stack in an object array, with what the files beside it say.

    Raises
    ------
    Unusable
        If it is another object array.
    """
    if array.ndim != 2 or array.shape[1] != 2 or not len(array):
        raise Unusable("images", f"An object array of the shape {array.shape} is not a list of (image, label).")
    pictures = _pictures(array[:, 0], budget)
    labels = classes(_plain(array[:, 1], budget), budget)
    stack = Stack(budget=budget, images=pictures, labels=labels, axes=FIRST)
    masses, off_tissue = path.with_name("mass_list.npy"), path.with_name("mask.npy")
    budget.found(masses, off_tissue)
    if masses.is_file():
        table = read_npy(masses, budget)
        if table.ndim == 2 and table.shape[1] > 1 and len(table) == len(pictures):
            stack.mz = table[:, 1].astype(np.float64)
            signs = {str(sign)[:3].lower() for sign in table[:, 0]}
            stack.polarity = _POLARITIES.get(signs.pop(), "unknown") if len(signs) == 1 else "mixed"
        else:
            rows = len(table) if table.ndim else 0
            stack.note("m/z", f"mass_list.npy has {rows:,} rows for {len(pictures):,} images.", "It is not used.")
    if off_tissue.is_file():
        stack.mask = read_npy(off_tissue, budget) == 0
        if stack.mask.shape != pictures.shape[1:]:
            stack.note("mask", f"mask.npy has the shape {stack.mask.shape}, not that of the images.", "It is not used.")
            stack.mask = None
    return stack


def _pictures(entries: np.ndarray, budget: Budget) -> np.ndarray:
    """Return the grey images (N, H, W) in an array of arrays, which may share memory."""
    first = entries[0]
    for entry in entries:
        if not isinstance(entry, np.ndarray) or entry.shape != first.shape or entry.dtype.kind not in "fiub":
            raise Unusable("images", "The pictures are not all arrays of numbers of one size.")
    if first.ndim not in (2, 3) or 0 in first.shape:
        raise Unusable("images", f"The pictures have the shape {first.shape}, not (rows, columns).")
    grey = [entry if entry.ndim == 2 else entry[..., 0] for entry in entries]
    size = sum(entry.size for entry in grey) * max(entry.itemsize for entry in grey)
    budget.unpack(size, f"{len(grey):,} pictures")
    if not all(entry.ndim == 2 or (entry == entry[..., :1]).all() for entry in entries):
        raise Unusable("images", "The pictures are coloured.", "Colours cannot be turned back into intensities.")
    return np.stack(grey)


def _plain(entries: np.ndarray, budget: Budget) -> np.ndarray:
    """Return the labels in an array of numbers and texts, which may share memory."""
    if any(isinstance(entry, np.ndarray) for entry in entries):
        raise Unusable("labels", "A label is an array, not a number or a text.")
    longest = max((len(entry) for entry in entries if isinstance(entry, str | bytes)), default=1)
    budget.reserve(4 * longest * len(entries), "The labels")
    return np.array(entries.tolist())
