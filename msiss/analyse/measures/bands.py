"""Bands: structures from coarse to fine, each trusted as far as the image itself confirms it.

An ion image is split into bands of size, from fine structures to the overall shape. How reliable a band is in an image
is measured on the image: the band is made once more from the even and from the odd pixels of a checkerboard, and the
two are compared. A faint image then counts by its coarse bands only, a strong one by all of them.
"""

from collections.abc import Iterator

import numpy as np

from msiss.analyse.measures.pixels import centred_unit, shrink, smooth
from msiss.analyse.measures.transform import Transform

# Chosen in trials on phantoms, the uterus simulation and the bladder; see benchmarks/RESEARCH.md.
LONGEST = 128  # pixels of the longer side
SIGMAS = (1.0, 2.0, 4.0, 8.0, 16.0)  # pixels
COARSEST_WEIGHT = 0.3  # of what the last sigma leaves, against 1 for every difference of two sigmas
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
        parts = zip(
            _bands(small, inside, inside),
            _bands(small, inside, inside & board),
            _bands(small, inside, inside & ~board),
            [1.0] * (len(SIGMAS) - 1) + [COARSEST_WEIGHT],
            strict=True,
        )
        return np.concatenate(
            [np.sqrt(weight * reliability(even, odd))[:, None] * band for band, even, odd, weight in parts], axis=1
        )

    return transform


def reliability(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return how well a whole is known whose two halves are these unit vectors (Spearman 1910, Brown 1910).

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


def _bands(images: np.ndarray, inside: np.ndarray, counted: np.ndarray) -> Iterator[np.ndarray]:
    """Go through the bands, fine to coarse, each (M, P): made of the `counted` pixels, and shown `inside`."""
    finer = None
    for sigma in SIGMAS:
        blurred = np.sqrt(smooth(images, counted, sigma))[:, inside]
        if finer is not None:
            yield centred_unit(finer - blurred, made_of=finer)
        finer = blurred
    assert finer is not None
    yield centred_unit(finer)
