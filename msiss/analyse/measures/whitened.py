"""Whitened pixels: slightly smoothed images, decorrelated by the principal components of this data set."""

import numpy as np

from msiss.analyse.measures.pixels import centred_unit, shrink, smooth
from msiss.analyse.measures.transform import BLOCK, Transform
from msiss.analyse.measures.whitening import fit_whitening
from msiss.analyse.sketch import stacked

LONGEST = 128  # pixels of the longer side
SIGMA = 1.0  # pixels
RIDGE = 0.01


def fit(gallery: np.ndarray, mask: np.ndarray) -> Transform:
    """Return the measure: square roots of the smoothed images, centred, of length 1, then whitened by the gallery."""

    def pixels(images: np.ndarray) -> np.ndarray:
        small, inside = shrink(images, mask, LONGEST)
        return centred_unit(np.sqrt(smooth(small, inside, SIGMA))[:, inside])

    whitening = fit_whitening(stacked(pixels, gallery, BLOCK), RIDGE)
    return lambda images: whitening(pixels(images))
