"""Shares of each pixel's total: where an ion is stronger than the ions of the section are on average."""

import numpy as np

from msiss.analyse.measures.pixels import centred_unit, shrink, smooth
from msiss.analyse.measures.transform import BLOCK, Transform
from msiss.analyse.sketch import stacked

LONGEST = 128  # pixels of the longer side
SIGMA = 1.0  # pixels
LEAST_TOTAL = 0.05  # of the mean total: pixels with hardly any ions would be divided by nearly 0


def fit(gallery: np.ndarray, mask: np.ndarray) -> Transform:
    """Return the measure: square roots of the smoothed images over their mean in the gallery, centred, of length 1.

    Each image has mean 1 before, so that every ion has the same weight in the total. What changes all ions of a
    spectrum alike, such as matrix crystals and ion suppression, is divided out.
    """
    total = stacked(lambda images: _smoothed(images, mask), gallery, BLOCK).mean(axis=0)
    total = np.maximum(total, max(LEAST_TOTAL * float(total.mean()), 1e-12))

    def transform(images: np.ndarray) -> np.ndarray:
        smoothed = _smoothed(images, mask)
        varied = centred_unit(smoothed).any(axis=1, keepdims=True)  # an even image has no pattern to compare
        return centred_unit(np.sqrt(smoothed / total)) * varied

    return transform


def _smoothed(images: np.ndarray, mask: np.ndarray) -> np.ndarray:
    small, inside = shrink(images, mask, LONGEST)
    return smooth(small, inside, SIGMA)[:, inside].clip(0)
