"""The type of a fitted measure: it maps ion images to vectors, whose cosine is the similarity of the images."""

from collections.abc import Callable

import numpy as np

# Maps ion images of shape (M, H, W), with the mask of the fit, to vectors of shape (M, D).
Transform = Callable[[np.ndarray], np.ndarray]

BLOCK = 250  # images at a time: with 80,000 numbers each they take 80 MB, and a measure needs a few times that
