"""Bands: structures from coarse to fine, each weighted by its reliability in the image.

An ion image is split into spatial frequency bands, from fine structures to the overall shape. The reliability of a
band is estimated from the image itself, as the split-half correlation of the band computed from the even and from the
odd pixels of a checkerboard. An image of few counts then contributes by its coarse bands only, one of many by all.
"""

from collections.abc import Iterator

import numpy as np

from msiss.analyse.measures.pixels import centred_unit, divided, shrink, smooth_sums
from msiss.analyse.measures.transform import Transform

# Chosen in trials on phantoms, the uterus simulation and the bladder; see benchmarks/RESEARCH.md.
LONGEST = 128  # pixels of the longer side
SIGMAS = (1.0, 2.0, 4.0, 8.0, 16.0)  # pixels
COARSEST_WEIGHT = 0.3  # of the low-pass residual, against 1 for every difference of two sigmas
LEAST_RELIABILITY = 0.001


def fit(_images: np.ndarray, mask: np.ndarray) -> Transform:
    """Return the measure; it learns nothing from the gallery.

    The cosine of two vectors is the mean over the bands of their Pearson correlation, weighted by
    ``weight * sqrt(r_i * r_j)`` with the reliabilities r of the band in the two images, relative to that of each image
    with itself.
    """

    def transform(images: np.ndarray) -> np.ndarray:
        small, inside = shrink(images, mask, LONGEST)
        board = np.indices(inside.shape).sum(axis=0) % 2 == 0
        shares = [1.0] * (len(SIGMAS) - 1) + [COARSEST_WEIGHT]
        return np.concatenate(
            [
                np.sqrt(weight * reliability(even, odd))[:, None] * whole
                for (whole, even, odd), weight in zip(_bands(small, inside, board), shares, strict=True)
            ],
            axis=1,
        )

    return transform


def reliability(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the reliability of a whole from the unit vectors of its halves (Spearman 1910, Brown 1910).

    Parameters
    ----------
    first, second : ndarray of shape (M, P)

    Returns
    -------
    ndarray of shape (M,)
        From `LEAST_RELIABILITY` to 1.
    """
    halves = (first * second).sum(axis=1)
    return (2 * halves / (1 + np.abs(halves))).clip(LEAST_RELIABILITY, 1)


def _bands(images: np.ndarray, inside: np.ndarray, board: np.ndarray) -> Iterator[list[np.ndarray]]:
    """Yield the bands, fine to coarse, each (M, P) evaluated `inside`: of all pixels, of the even and of the odd ones.

    The even pixels are those of the `board`. Smoothing is linear, so that all pixels are the sum of both.
    """
    finer = None
    for sigma in SIGMAS:
        sums = [smooth_sums(images, inside & half, sigma) for half in (board, ~board)]
        parts = [tuple(even + odd for even, odd in zip(*sums, strict=True)), *sums]
        blurred = [np.sqrt(divided(weighted, weights)[:, inside]) for weighted, weights in parts]
        if finer is not None:
            yield [centred_unit(f - b, made_of=f) for f, b in zip(finer, blurred, strict=True)]
        finer = blurred
    assert finer is not None
    yield [centred_unit(one) for one in finer]
