"""Vectors of length 1, whose products are cosines."""

import numpy as np


def unit(vectors: np.ndarray) -> np.ndarray:
    """Scale each vector (rows) to length 1; one without any length stays 0."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)
