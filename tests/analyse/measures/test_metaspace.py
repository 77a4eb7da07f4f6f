"""METASPACE-style pixels, whose filter is tested with the similarities."""

import numpy as np

from msiss.analyse.measures import metaspace
from msiss.analyse.similarity import metaspace_vectors


def test_it_compares_the_filtered_pixels(images: np.ndarray, mask: np.ndarray) -> None:
    np.testing.assert_array_equal(metaspace.fit(images[:2], mask)(images), metaspace_vectors(images, mask))
