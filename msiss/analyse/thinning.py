"""Thinned copies of ion images: a test with known truth, available for any count data.

Some counts of an ion image are moved at random into a faint copy; the others remain in the gallery. Both are
independent measurements of the same pattern, so the parent of the copy is the correct answer to the query for the most
similar ion.
"""

import numpy as np

from msiss.analyse.measures.pixels import smooth
from msiss.analyse.similarity import ranks_among

# Largest absolute logarithm of the exponent that changes the contrast of a copy.
CONTRAST_LOG = 0.5
RATE_SIGMA = 2.0  # pixels of the Gaussian that estimates the rates for it
LEAST_RATE = 1e-3  # relative to the mean, so that the factor of an empty pixel is finite
LARGEST_PART = 0.5  # of a pixel's counts that are moved to a copy on average


def thin(
    counts: np.ndarray, mask: np.ndarray, level: int, *, contrast: bool, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Split a faint copy off every ion image that has enough counts.

    Parameters
    ----------
    counts : ndarray of shape (N, H, W)
        Whole numbers.
    mask : ndarray of shape (H, W), bool
        True where a spectrum was measured.
    level : int
        Approximate number of counts of a copy.
    contrast : bool
        Change the contrast of each copy: the share of counts that is moved depends on the intensity, as if the image
        had been raised to a power between exp(-0.5) and exp(0.5).
    rng : numpy.random.Generator

    Returns
    -------
    gallery : ndarray of shape (N, H, W), float32
        The remaining counts.
    copies : ndarray of shape (M, H, W), float32
    parents : ndarray of shape (M,), int
        The ion of each copy; ions with less than four times `level` counts have none.
    """
    totals = counts[:, mask].sum(axis=1)
    parents = np.flatnonzero(totals >= 4 * level)
    gallery = counts.astype(np.float32)
    copies = np.zeros((len(parents), *mask.shape), dtype=np.float32)
    for copy, parent in zip(copies, parents, strict=True):
        share = _change(counts[parent], mask, rng) if contrast else np.ones(mask.shape)
        share = share * level / (share * counts[parent])[mask].sum()
        copy[:] = rng.binomial(counts[parent].astype(np.int64), share.clip(0, LARGEST_PART)) * mask
        gallery[parent] -= copy
    return gallery, copies, parents


def faint(images: np.ndarray, mask: np.ndarray, level: int, *, contrast: bool, rng: np.random.Generator) -> np.ndarray:
    """Draw a faint copy of every ion image, for intensities of any unit.

    Parameters
    ----------
    images : ndarray of shape (N, H, W)
        Intensities, not negative. A copy shares their noise, so its parent must be searched in an independent
        measurement of the same ions, such as the other of two `blocks`.
    mask, level, contrast, rng
        As for `thin`.

    Returns
    -------
    ndarray of shape (N, H, W), float32
        Poisson counts with a mean total of `level`; none for an image without signal.
    """
    copies = np.zeros(images.shape, dtype=np.float32)
    for copy, image in zip(copies, images, strict=True):
        rate = image * mask * (_change(image, mask, rng) if contrast else 1.0)
        copy[:] = rng.poisson(level * rate / max(rate.sum(), 1e-30))
    return copies


def blocks(images: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return two independent images of every ion, of half the height and width, from the diagonals of 2 x 2 pixels.

    Both diagonals have the same centre, so the two images are registered; they have no pixel in common.

    Parameters
    ----------
    images : ndarray of shape (N, H, W)
    mask : ndarray of shape (H, W), bool

    Returns
    -------
    first, second : ndarray of shape (N, H // 2, W // 2)
        Sums of two pixels; 0 outside the mask.
    mask : ndarray of shape (H // 2, W // 2), bool
        True where all four pixels were measured.
    """
    height, width = (side // 2 * 2 for side in mask.shape)
    corners = [np.s_[..., row:height:2, column:width:2] for row, column in ((0, 0), (1, 1), (0, 1), (1, 0))]
    inside = np.logical_and.reduce([mask[corner] for corner in corners])
    upper_left, lower_right, upper_right, lower_left = (images[corner] * inside for corner in corners)
    return upper_left + lower_right, upper_right + lower_left, inside


def _change(image: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the factor (H, W) that raises the rates of an image to a random power."""
    rate = smooth(image[None].astype(np.float32), mask, RATE_SIGMA)[0]
    rate = rate / max(rate[mask].mean(), 1e-30) + LEAST_RATE
    return rate ** (np.exp(rng.uniform(-CONTRAST_LOG, CONTRAST_LOG)) - 1)


def found_parents(similarity: np.ndarray, parents: np.ndarray) -> np.ndarray:
    """Return for which copies the parent is the most similar of all gallery ions.

    Parameters
    ----------
    similarity : ndarray of shape (M, N)
        Of the copies (rows) with the ions of the gallery (columns).
    parents : ndarray of shape (M,), int

    Returns
    -------
    ndarray of shape (M,), bool
        A parent that ties with another ion does not count.
    """
    return ranks_among(similarity, parents) == 1
