"""Bands and whitened pixels together."""

import numpy as np

from msiss.analyse.measures import bands, fused, whitened
from msiss.analyse.measures.fusion import fuse
from msiss.analyse.similarity import cosine_similarity


def test_it_is_the_fusion_of_bands_and_whitened(images: np.ndarray, mask: np.ndarray) -> None:
    gallery, further = images[:7], images[7:]
    parts = [whitened.fit(gallery, mask), bands.fit(gallery, mask)]
    expected = cosine_similarity(fuse(parts, gallery)(further))
    np.testing.assert_allclose(cosine_similarity(fused.fit(gallery, mask)(further)), expected, atol=1e-4)
    for part in parts:
        assert not np.allclose(cosine_similarity(part(further)), expected, atol=0.05)
