"""Ion images of a section with a ragged edge and a hole, for all measures."""

import numpy as np
import pytest


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
