"""Fusion: several measures combined into one with equal weights."""

from collections.abc import Sequence

import numpy as np

from msiss.analyse.measures.transform import BLOCK, Transform
from msiss.analyse.similarity import spread_of_pairs
from msiss.analyse.sketch import LANDMARKS, stacked
from msiss.analyse.vectors import unit

FEW = 250  # images; fewer than twice as many are taken


def fuse(parts: Sequence[Transform], gallery: np.ndarray) -> Transform:
    """Return one measure that combines several.

    The cosines of each part are divided by their standard deviation over the pairs of gallery images, so that all parts
    have the same weight, and added. The pairs of a few hundred images, evenly spaced over the gallery, tell it.

    Parameters
    ----------
    parts : sequence of Transform
        Fitted to the gallery.
    gallery : ndarray of shape (N, H, W)
    """
    few = gallery[:: max(1, len(gallery) // FEW)]
    scales = [float(1 / np.sqrt(spread(unit(stacked(part, few, BLOCK))))) for part in parts]
    return lambda images: np.concatenate(
        [unit(part(images)) * scale for part, scale in zip(parts, scales, strict=True)], axis=1
    )


def spread(vectors: np.ndarray) -> float:
    """Return the standard deviation of the cosines of all pairs of different unit vectors (N, D); 1 if it is 0."""
    vectors = vectors[:: max(1, len(vectors) // LANDMARKS)]
    return spread_of_pairs(vectors @ vectors.T)
