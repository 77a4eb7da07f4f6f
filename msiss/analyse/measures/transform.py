"""The type of a fitted measure: it maps ion images to vectors, whose cosine is the similarity of the images."""

from collections.abc import Callable

import numpy as np

# Maps ion images of shape (M, H, W), with the mask of the fit, to vectors of shape (M, D).
Transform = Callable[[np.ndarray], np.ndarray]


def unit(vectors: np.ndarray) -> np.ndarray:
    """Scale each vector (rows) to length 1; one without any length stays 0."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)
