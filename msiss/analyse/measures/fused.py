"""Bands and whitened pixels together: the best of the measures without training."""

import numpy as np

from msiss.analyse.measures import bands, whitened
from msiss.analyse.measures.fusion import fuse
from msiss.analyse.measures.transform import Transform


def fit(gallery: np.ndarray, mask: np.ndarray) -> Transform:
    """Return the measure, fitted to the gallery."""
    return fuse([bands.fit(gallery, mask), whitened.fit(gallery, mask)], gallery)
