"""Whitened pixels: step by step as its description says."""

import numpy as np
from scipy.ndimage import gaussian_filter

from msiss.analyse.measures import whitened
from msiss.analyse.measures.whitening import fit_whitening
from msiss.analyse.similarity import cosine_similarity

SIGMA, RIDGE = 1.0, 0.01


def test_it_whitens_the_roots_of_slightly_smoothed_images(images: np.ndarray, mask: np.ndarray) -> None:
    weights = gaussian_filter(mask.astype(float), SIGMA, mode="constant", truncate=30)
    smoothed = [gaussian_filter(image * mask, SIGMA, mode="constant", truncate=30) for image in images]
    roots = np.sqrt(np.stack(smoothed) / weights)[:, mask]
    centred = roots - roots.mean(axis=1, keepdims=True)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    expected = cosine_similarity(fit_whitening(centred, RIDGE)(centred))
    found = cosine_similarity(whitened.fit(images, mask)(images))
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_further_images_are_compared_by_what_tells_the_gallery_apart(images: np.ndarray, mask: np.ndarray) -> None:
    fitted = whitened.fit(images[:6], mask)
    assert not np.allclose(fitted(images), whitened.fit(images[4:], mask)(images)[:, : fitted(images).shape[1]])
    np.testing.assert_allclose(fitted(images)[7:], fitted(images[7:]), atol=1e-5)
