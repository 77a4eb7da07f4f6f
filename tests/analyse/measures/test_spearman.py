"""Rank correlation of the measured pixels."""

import numpy as np
from scipy.stats import spearmanr

from msiss.analyse.measures import spearman
from msiss.analyse.similarity import cosine_similarity


def test_spearman_is_scipy_s_also_with_ties(images: np.ndarray, mask: np.ndarray) -> None:
    counts = np.floor(images * 2)
    assert len(np.unique(counts[0])) < mask.sum() / 2
    expected = spearmanr(counts[:, mask], axis=1).statistic
    np.testing.assert_allclose(cosine_similarity(spearman.fit(counts, mask)(counts)), expected, atol=1e-5)


def test_only_the_order_of_the_pixels_counts(images: np.ndarray, mask: np.ndarray) -> None:
    measure = spearman.fit(images, mask)
    np.testing.assert_array_equal(measure(images), measure(np.exp(images.astype(float))))
