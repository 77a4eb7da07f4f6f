"""Ion images that occur more than once in a stack.

An ion that was listed twice, or two names of one peak, give the same image twice. Any measure finds such a pair, which
therefore says nothing about a measure, and it pushes the other neighbours of its ions aside.
"""

from hashlib import blake2b

import numpy as np

from msiss.analyse.sketch import MOST_EXACT
from msiss.analyse.vectors import unit

NEAR_COPY = 0.999  # Pearson correlation of two images that hardly anything tells apart; a setting, not a measurement
BLOCK = 500  # ions compared with all others at a time


def first_copies(images: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the first image with the same values as each image.

    Parameters
    ----------
    images : ndarray of shape (N, H, W)
        Read one at a time.
    mask : ndarray of shape (H, W), bool
        Pixels that are compared.

    Returns
    -------
    ndarray of shape (N,), int64
        Index of the first image with the same values inside the mask; that of the image itself if it is the first.
    """
    first: dict[bytes, int] = {}
    copies = np.zeros(len(images), dtype=np.int64)
    for number, image in enumerate(images):
        values = np.asarray(image)[mask] + 0.0  # -0.0 becomes 0.0
        copies[number] = first.setdefault(blake2b(values.tobytes()).digest(), number)
    return copies


def is_empty(images: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return which images are 0 everywhere inside the mask, shape (N,), bool."""
    return np.array([not np.asarray(image)[mask].any() for image in images], dtype=bool)


def copied_and_empty(images: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which images are copies of an earlier one that is not empty, and which are empty, two of (N,), bool."""
    empty = is_empty(images, mask)
    return (first_copies(images, mask) != np.arange(len(images))) & ~empty, empty


def count_near_copies(correlation: np.ndarray) -> int | None:
    """Return how many ion images correlate with an earlier one by more than 0.999.

    Parameters
    ----------
    correlation : ndarray of shape (N, D)
        Vectors whose cosine is the correlation of the images, see `msiss.analyse.measures.correlation`. Vectors of
        length 0 are no copies.

    Returns
    -------
    int or None
        None for more than 3,000 ions, which are not compared.
    """
    if len(correlation) > MOST_EXACT:
        return None
    directions, number = unit(correlation.astype(np.float64)), 0
    for start in range(0, len(directions), BLOCK):
        alike = directions[start : start + BLOCK] @ directions.T > NEAR_COPY  # (B, N)
        number += int(np.tril(alike, start - 1).any(axis=1).sum())
    return number
