"""Thinned copies of ion images: a test with exact truth that any counted data allow.

Some counts are taken out of an ion image at random and make a faint copy of it; what is left stays in the gallery. Both
are independent measurements of the same pattern, so the copy's parent is the right answer to the question which ion
looks like it.
"""

import numpy as np

from msiss.analyse.measures.pixels import smooth
from msiss.analyse.similarity import cosine_blocks

# Of a copy whose contrast is changed: largest logarithm of the exponent of the rates.
CONTRAST_LOG = 0.5
RATE_SIGMA = 2.0  # pixels of the Gaussian that estimates the rates for it
LARGEST_PART = 0.5  # of a pixel's counts that a copy may take on average


def thin(
    counts: np.ndarray, mask: np.ndarray, level: int, *, contrast: bool, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Take a faint copy out of every ion image that has counts enough.

    Parameters
    ----------
    counts : ndarray of shape (N, H, W)
        Whole numbers.
    mask : ndarray of shape (H, W), bool
        True where a spectrum was measured.
    level : int
        Counts of a copy, about.
    contrast : bool
        Change each copy's contrast: bright places are thinned by another share than faint ones, as if the image had
        been raised to a power between exp(-0.5) and exp(0.5).
    rng : numpy.random.Generator

    Returns
    -------
    gallery : ndarray of shape (N, H, W), float32
        What is left.
    copies : ndarray of shape (M, H, W), float32
    parents : ndarray of shape (M,), int
        The ion of each copy; ions with less than four times `level` counts have none.
    """
    totals = counts[:, mask].sum(axis=1)
    parents = np.flatnonzero(totals >= 4 * level)
    gallery = counts.astype(np.float32)
    copies = np.zeros((len(parents), *mask.shape), dtype=np.float32)
    for copy, parent in zip(copies, parents, strict=True):
        share = np.full(mask.shape, 1.0)
        if contrast:
            rate = smooth(counts[parent][None].astype(np.float32), mask, RATE_SIGMA)[0] + 1e-3
            share = rate ** (np.exp(rng.uniform(-CONTRAST_LOG, CONTRAST_LOG)) - 1)
        share = share * level / (share * counts[parent]).sum()
        copy[:] = rng.binomial(counts[parent].astype(np.int64), share.clip(0, LARGEST_PART))
        gallery[parent] -= copy
    return gallery, copies, parents


def found_parents(gallery: np.ndarray, copies: np.ndarray, parents: np.ndarray) -> np.ndarray:
    """Return for which copies the parent is the most similar of all gallery ions.

    Parameters
    ----------
    gallery : ndarray of shape (N, D)
        Vectors of the gallery.
    copies : ndarray of shape (M, D)
    parents : ndarray of shape (M,), int

    Returns
    -------
    ndarray of shape (M,), bool
        A parent that shares the first place with another ion does not count.
    """
    return ranks(gallery, copies, parents) == 1


def ranks(gallery: np.ndarray, queries: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """Return each right answer's place among all gallery ions, from 1; what is as similar counts as more similar."""
    places = np.empty(len(queries), dtype=np.int64)
    for rows, similarity in cosine_blocks(queries, gallery):
        right = np.take_along_axis(similarity, answers[rows, None], axis=1)
        places[rows] = (similarity >= right).sum(axis=1)
    return places
