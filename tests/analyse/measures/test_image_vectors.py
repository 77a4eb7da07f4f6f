"""Cosine of the measured pixels."""

import numpy as np

from msiss.analyse.measures import image_vectors
from msiss.analyse.similarity import cosine_similarity


def test_it_is_the_cosine_of_the_measured_pixels(images: np.ndarray, mask: np.ndarray) -> None:
    pixels = images[:, mask].astype(float)
    expected = [[a @ b / np.sqrt((a @ a) * (b @ b)) for a in pixels] for b in pixels]
    np.testing.assert_allclose(cosine_similarity(image_vectors.fit(images, mask)(images)), expected, atol=1e-6)
