"""Four measures together."""

import numpy as np

from msiss.analyse.measures import bands, correlation, joint, relative
from msiss.analyse.measures.fusion import fuse
from msiss.analyse.measures.pixels import centred_unit, shrink, smooth
from msiss.analyse.measures.shared import without_direction, without_mean
from msiss.analyse.similarity import cosine_similarity


def test_it_is_the_fusion_of_its_four_parts(images: np.ndarray, mask: np.ndarray) -> None:
    gallery, further = images[:7], images[7:]

    def smoothed(some: np.ndarray) -> np.ndarray:
        small, inside = shrink(some, mask, 128)
        return centred_unit(smooth(small, inside, 0.7)[:, inside])

    parts = [
        bands.fit(gallery, mask),
        without_mean(smoothed, gallery),
        without_direction(correlation.fit(gallery, mask), gallery),
        relative.fit(gallery, mask),
    ]
    expected = cosine_similarity(fuse(parts, gallery)(further))
    np.testing.assert_allclose(cosine_similarity(joint.fit(gallery, mask)(further)), expected, atol=1e-4)
    for part in parts:
        assert not np.allclose(cosine_similarity(part(further)), expected, atol=0.02)
