"""Fusion: several measures combined into one with equal weights, then whitened."""

from collections.abc import Sequence

import numpy as np

from msiss.analyse.measures.transform import BLOCK, Transform
from msiss.analyse.measures.whitening import fit_whitening
from msiss.analyse.sketch import LANDMARKS
from msiss.analyse.vectors import unit

RIDGE = 0.1


def fuse(parts: Sequence[Transform], gallery: np.ndarray) -> Transform:
    """Return one measure that combines several.

    The cosines of each part are divided by their standard deviation over the pairs of gallery images, so that all parts
    have the same weight; their sum is then whitened (`fit_whitening` with ridge 0.1).

    Parameters
    ----------
    parts : sequence of Transform
        Fitted to the gallery.
    gallery : ndarray of shape (N, H, W)
    """
    widths = [part(gallery[:1]).shape[1] for part in parts]
    vectors = np.empty((len(gallery), sum(widths)), dtype=np.float32)
    own = [vectors[:, end - width : end] for width, end in zip(widths, np.cumsum(widths), strict=True)]
    for start in range(0, len(gallery), BLOCK):
        rows = slice(start, start + BLOCK)
        for part, columns in zip(parts, own, strict=True):
            columns[rows] = unit(part(gallery[rows]))
    scales = [float(1 / np.sqrt(spread(columns))) for columns in own]
    for columns, scale in zip(own, scales, strict=True):
        columns *= scale
    whitening = fit_whitening(vectors, RIDGE, unit_rows=True)

    def transform(images: np.ndarray) -> np.ndarray:
        return whitening(
            np.concatenate([unit(part(images)) * scale for part, scale in zip(parts, scales, strict=True)], axis=1)
        )

    return transform


def spread(vectors: np.ndarray) -> float:
    """Return the standard deviation of the cosines of all pairs of different unit vectors (N, D); 1 if it is 0."""
    vectors = vectors[:: max(1, len(vectors) // LANDMARKS)]
    cosines = vectors @ vectors.T
    deviation = float(cosines[~np.eye(len(cosines), dtype=bool)].std()) if len(vectors) > 1 else 0.0
    return deviation if deviation > 1e-6 else 1.0
