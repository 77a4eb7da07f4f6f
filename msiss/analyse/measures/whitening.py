"""Regularised whitening, which down-weights the components that all ions share."""

from dataclasses import dataclass

import numpy as np

from msiss.analyse.sketch import landmarks
from msiss.analyse.vectors import unit

COLUMNS = 4096  # at a time in float64


@dataclass(frozen=True)
class Whitening:
    """A linear map fitted to the vectors of a gallery.

    Attributes
    ----------
    centre : ndarray of shape (P,)
        Mean of the gallery.
    axes : ndarray of shape (P, D)
        Principal axes of the gallery, each divided by the square root of its regularised variance.
    """

    centre: np.ndarray
    axes: np.ndarray

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """Return the whitened unit vectors, shape (M, D), of `vectors` of shape (M, P); zero vectors stay zero."""
        return unit(np.where(vectors.any(axis=1, keepdims=True), vectors - self.centre, 0) @ self.axes)


def fit_whitening(gallery: np.ndarray, ridge: float, *, unit_rows: bool = False) -> Whitening:
    """Fit a whitening that divides each principal component by ``sqrt(v + ridge * v_1)``, v being its variance.

    For centred unit vectors with the similarity matrix S this is the same as ``S (S + ridge mu_1)^-1``.

    Parameters
    ----------
    gallery : ndarray of shape (N, P)
    ridge : float
        Regularisation, as a fraction of the largest variance; components of much less variance are not amplified.
    unit_rows : bool
        Scale the centred vectors to length 1 before their components are taken.
    """
    few = landmarks(len(gallery))
    chosen = gallery if len(few) == len(gallery) else gallery[few]
    number, dimensions = chosen.shape
    centre = chosen.mean(axis=0)
    columns = [slice(start, start + COLUMNS) for start in range(0, dimensions, COLUMNS)]

    def centred(part: slice) -> np.ndarray:
        return (chosen[:, part] - centre[part]).astype(np.float64)

    products = np.zeros((number, number))
    for part in columns:  # bounds the copies in float64
        wide = centred(part)
        products += wide @ wide.T
    scale = np.ones(number)
    if unit_rows:
        lengths = np.sqrt(products.diagonal())
        scale = 1 / np.where(lengths > 0, lengths, 1)
    variances, left = np.linalg.eigh(products * scale * scale[:, None])  # ascending
    kept = variances > 1e-9 * max(variances[-1], 1e-30)
    variances, left = variances[kept], left[:, kept]
    if not kept.any() or variances[-1] <= 0:
        return Whitening(centre, np.zeros((dimensions, 1), np.float32))
    # Of the vectors, the axes of length 1 divided by the square roots of their regularised variances.
    weights = scale[:, None] * left / np.sqrt(variances * (variances + ridge * variances[-1]))
    axes = np.empty((dimensions, weights.shape[1]), np.float32)
    for part in columns:
        axes[part] = centred(part).T @ weights
    return Whitening(centre, axes)
