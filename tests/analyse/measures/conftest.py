"""Ion images of a section with a ragged edge and a hole, for all measures."""

from collections.abc import Callable

import numpy as np
import pytest

Oracle = Callable[[np.ndarray, np.ndarray, float], np.ndarray]


@pytest.fixture
def mask() -> np.ndarray:
    mask = np.ones((14, 19), dtype=bool)
    mask[:3, :6] = mask[11:, 15:] = mask[6, 8:10] = False
    return mask


@pytest.fixture
def images(mask: np.ndarray) -> np.ndarray:
    """Return ten noisy patterns; whatever lies outside the mask should not matter."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[0 : 1 : mask.shape[0] * 1j, 0 : 1 : mask.shape[1] * 1j]
    powers = rng.uniform(0, 3, (2, 10, 1, 1))
    return (rows ** powers[0] * columns ** powers[1] * rng.gamma(3, size=(10, *mask.shape))).astype(np.float32)


@pytest.fixture
def smooth_oracle() -> Oracle:
    """Return a function that smooths an image (H, W) with weights (H, W) and sigma in pixels, pixel by pixel."""
    return _smooth


def _smooth(image: np.ndarray, weights: np.ndarray, sigma: float) -> np.ndarray:
    smoothed = np.zeros(image.shape)
    for row, column in np.ndindex(image.shape):
        total = norm = 0.0
        for r, c in np.ndindex(image.shape):
            weight = weights[r, c] * np.exp(-((row - r) ** 2 + (column - c) ** 2) / (2 * sigma**2))
            total += weight * image[r, c]
            norm += weight
        smoothed[row, column] = total / norm
    return smoothed
