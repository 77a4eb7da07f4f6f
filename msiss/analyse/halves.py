"""Split halves: two independent measurements of the same patterns, which any data set allows.

The pixels of a section are told apart like the fields of a checkerboard. The noise of different pixels is independent,
so an ion's image made from the even pixels and the one made from the odd pixels agree in nothing but the pattern. A
representation that sees patterns finds an ion's other half among those of all ions. What neighbouring pixels share,
such as the sensitivity of a scan line, is in both halves; in images that were smoothed or enlarged, so is the noise.
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
        Ion images, as they were measured: a filter over neighbouring pixels would tie the halves together.
    mask : ndarray of shape (H, W), bool
        True where a spectrum was measured.

    Returns
    -------
    even, odd : ndarray of shape (N, H, W), float32
        The pixels that a half lacks are the mean of their up to four measured neighbours, all of which it has; where
        there is none, they take the value of the nearest pixel that it has. Zero outside the mask.
    """
    board = np.indices(mask.shape).sum(axis=0) % 2 == 0
    measured = np.where(mask, images, 0).astype(np.float32)
    even, odd = (_fill(measured, mask, mask & one) for one in (board, ~board))
    return even, odd


def _fill(images: np.ndarray, mask: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Fill what is not `known` of the `mask` from its neighbours."""
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
    """Return the place of an ion's other half among those of all ions, from 1; what is as similar counts before it.

    Parameters
    ----------
    even, odd : ndarray of shape (N, D)
        Vectors of the halves.

    Returns
    -------
    ndarray of shape (2 N,), int
        The even halves look for the odd ones first, then the other way round.
    """
    ions = np.arange(len(even))
    return np.concatenate([ranks(even, odd, ions), ranks(odd, even, ions)])


def half_scores(ranks: np.ndarray) -> HalfScores:
    """Return how often an ion's other half is the most similar of all, and how far down it is.

    Parameters
    ----------
    ranks : ndarray of shape (2 N,), int
        From `half_ranks`.

    Returns
    -------
    HalfScores
        `n`: number of ions N. `top1`: share of the 2 N halves whose other half is more similar than that of any other
        ion; one as similar as another does not count. `mrr`: mean of 1 / rank of the other half.
    """
    return {"n": len(ranks) // 2, "top1": float((ranks == 1).mean()), "mrr": float((1 / ranks).mean())}
