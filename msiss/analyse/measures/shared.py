"""What all ions of a section share, such as its outline, and measures without it."""

import numpy as np

from msiss.analyse.measures.transform import BLOCK, Transform
from msiss.analyse.sketch import stacked
from msiss.analyse.vectors import unit


def without_direction(measure: Transform, gallery: np.ndarray) -> Transform:
    """Return a measure without the direction of the gallery's mean vector: correlations partial to the mean image.

    Parameters
    ----------
    measure : Transform
        Fitted to the gallery.
    gallery : ndarray of shape (N, H, W)
    """
    direction = unit(_mean(measure, gallery)[None])[0]

    def transform(images: np.ndarray) -> np.ndarray:
        vectors = measure(images)
        return vectors - np.outer(vectors @ direction, direction)

    return transform


def without_mean(measure: Transform, gallery: np.ndarray) -> Transform:
    """Return a measure whose vectors have the mean 0 over the gallery; zero vectors stay zero."""
    mean = _mean(measure, gallery)

    def transform(images: np.ndarray) -> np.ndarray:
        vectors = measure(images)
        return (vectors - mean) * vectors.any(axis=1, keepdims=True)

    return transform


def _mean(measure: Transform, gallery: np.ndarray) -> np.ndarray:
    return stacked(measure, gallery, BLOCK).mean(axis=0)
