"""Split halves: two independent measurements of the same patterns, available for any data set.

The pixels of a section are split into the two colours of a checkerboard. The noise of different pixels is independent,
so the images of an ion made from the even and from the odd pixels have only the spatial pattern in common. A
representation that captures patterns identifies an ion's other half among those of all ions. Effects that neighbouring
pixels share, such as the sensitivity of a scan line, are in both halves; in smoothed or enlarged images, so is noise.
"""

from typing import TypedDict

import numpy as np
from scipy import ndimage

from msiss.analyse.similarity import ranks


class HalfScores(TypedDict):
    """How well the halves of an ion's image are recognised as the same ion."""

    n: int
    top1: float
    mrr: float


def halves(images: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Make two images of each ion, one from the even and one from the odd pixels of a checkerboard.

    Parameters
    ----------
    images : ndarray of shape (N, H, W)
        Ion images as measured: a filter over neighbouring pixels would make the noise of the halves dependent.
    mask : ndarray of shape (H, W), bool
        True where a spectrum was measured.

    Returns
    -------
    even, odd : ndarray of shape (N, H, W), float32
        The pixels that a half lacks are interpolated as the mean of their measured neighbours above, below, left and
        right, or take the value of the nearest pixel of the half if there is none. Zero outside the mask.
    """
    board = np.indices(mask.shape).sum(axis=0) % 2 == 0
    measured = np.where(mask, images, 0).astype(np.float32)
    even, odd = (_fill(measured, mask, mask & one) for one in (board, ~board))
    return even, odd


def _fill(images: np.ndarray, mask: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Interpolate the pixels of the `mask` that are not `known` from their neighbours."""
    if not known.any():
        return np.zeros_like(images)
    sums, number = _of_neighbours(images * known), _of_neighbours(known.astype(np.float32))
    filled = np.where(known, images, sums / np.maximum(number, 1))
    alone = mask & ~known & (number == 0)
    rows, columns = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    filled[:, alone] = images[:, rows[alone], columns[alone]]
    return filled * mask


def _of_neighbours(images: np.ndarray) -> np.ndarray:
    """Return the sum of each pixel's neighbours above, below, left and right."""
    total = np.zeros_like(images)
    total[..., 1:, :] += images[..., :-1, :]
    total[..., :-1, :] += images[..., 1:, :]
    total[..., :, 1:] += images[..., :, :-1]
    total[..., :, :-1] += images[..., :, 1:]
    return total


def half_ranks(even: np.ndarray, odd: np.ndarray) -> np.ndarray:
    """Return the rank of an ion's other half among those of all ions, from 1; ties get the worst rank.

    Parameters
    ----------
    even, odd : ndarray of shape (N, D)
        Vectors of the halves.

    Returns
    -------
    ndarray of shape (2 N,), int
        First with the even halves as queries, then with the odd ones.
    """
    ions = np.arange(len(even))
    return np.concatenate([ranks(even, odd, ions), ranks(odd, even, ions)])


def half_scores(ranks: np.ndarray) -> HalfScores:
    """Return how often an ion's other half is the most similar of all, and its mean reciprocal rank.

    Parameters
    ----------
    ranks : ndarray of shape (2 N,), int
        From `half_ranks`.

    Returns
    -------
    HalfScores
        `n`: number of ions N. `top1`: share of the 2 N halves whose other half is more similar than that of any other
        ion; ties do not count. `mrr`: mean of 1 / rank of the other half.
    """
    return {"n": len(ranks) // 2, "top1": float((ranks == 1).mean()), "mrr": float((1 / ranks).mean())}
