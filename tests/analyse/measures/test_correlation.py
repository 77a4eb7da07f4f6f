"""Pearson correlation of the pixels."""

import numpy as np

from msiss.analyse.measures import correlation
from msiss.analyse.similarity import cosine_similarity


def test_it_is_the_correlation_of_the_measured_pixels(images: np.ndarray, mask: np.ndarray) -> None:
    expected = np.corrcoef(images[:, mask])
    np.testing.assert_allclose(cosine_similarity(correlation.fit(images[:2], mask)(images)), expected, atol=1e-5)
