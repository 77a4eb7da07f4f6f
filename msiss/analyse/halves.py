"""Split halves: two independent measurements of the same patterns, available for any data set.

The pixels of a section are split into the two colours of a checkerboard. The noise of different pixels is independent,
so the images of an ion made from the even and from the odd pixels have only the spatial pattern in common. A
representation that captures patterns identifies an ion's other half among those of all ions. Effects that neighbouring
pixels share, such as the sensitivity of a scan line, are in both halves; in smoothed or enlarged images, so is noise.
"""

from typing import TypedDict

import numpy as np
from scipy import ndimage

from msiss.analyse.context import contextual_similarity
from msiss.analyse.similarity import ranks_among
from msiss.analyse.vectors import unit


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


def across(even: np.ndarray, odd: np.ndarray, context: float | None = None) -> np.ndarray:
    """Return the similarity of the even halves (rows) to the odd halves (columns), shape (N, N).

    Parameters
    ----------
    even, odd : ndarray of shape (N, D)
        Vectors of the halves, compared by the cosine.
    context : float, optional
        That of the representation, see `msiss.analyse.representations.Representation`.
    """
    cosines = np.clip(unit(even.astype(np.float64)) @ unit(odd.astype(np.float64)).T, -1, 1)
    return contextual_similarity(cosines, context)


def half_ranks(similarity: np.ndarray) -> np.ndarray:
    """Return the rank of an ion's other half among those of all ions, from 1; ties get the worst rank.

    Parameters
    ----------
    similarity : ndarray of shape (N, N)
        From `across`.

    Returns
    -------
    ndarray of shape (2 N,), int
        First with the even halves as queries, then with the odd ones.
    """
    ions = np.arange(len(similarity))
    return np.concatenate([ranks_among(one, ions) for one in (similarity, similarity.T)])


def partner_ranks_apart(similarity: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Return the rank of an ion's partner where the two are seen in different pixels; ties get the worst rank.

    The even half of an ion is compared with the odd halves of all other ions, and the odd half with the even ones. What
    two ions share only pixel by pixel, such as the noise of a spectrum, does not bring them together here.

    Parameters
    ----------
    similarity : ndarray of shape (N, N)
        From `across`.
    pairs : ndarray of shape (M, 2), int
        Indices of two different ions per pair.

    Returns
    -------
    ndarray of shape (4 M,), int
        The even halves of the first ions of all pairs as queries, then those of the second ones, then the odd halves of
        both.
    """
    ions, partners = np.concatenate([pairs, pairs[:, ::-1]]).T
    return np.concatenate([ranks_among(one[ions], partners, without=ions) for one in (similarity, similarity.T)])


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
