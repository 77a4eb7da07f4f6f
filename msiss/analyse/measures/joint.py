"""Four measures together: the best of those without training.

They differ in what they leave out: the mean image of all ions (`shared.without_direction`), changes that all ions of a
spectrum have in common (`relative`), the noise of single pixels (slight smoothing), and fine structures where an image
has too few counts to show them (`bands`).
"""

import numpy as np

from msiss.analyse.measures import bands, correlation, relative
from msiss.analyse.measures.fusion import fuse
from msiss.analyse.measures.pixels import centred_unit, shrink, smooth
from msiss.analyse.measures.shared import without_direction, without_mean
from msiss.analyse.measures.transform import Transform

LONGEST = 128  # pixels of the longer side
SIGMA = 0.7  # pixels


def fit(gallery: np.ndarray, mask: np.ndarray) -> Transform:
    """Return the measure, fitted to the gallery."""
    return fuse(parts(gallery, mask), gallery)


def parts(gallery: np.ndarray, mask: np.ndarray) -> list[Transform]:
    """Return the four measures, fitted to the gallery."""
    return [
        without_direction(correlation.fit(gallery, mask), gallery),
        relative.fit(gallery, mask),
        without_mean(lambda images: _smoothed(images, mask), gallery),
        bands.fit(gallery, mask),
    ]


def _smoothed(images: np.ndarray, mask: np.ndarray) -> np.ndarray:
    small, inside = shrink(images, mask, LONGEST)
    return centred_unit(smooth(small, inside, SIGMA)[:, inside])
