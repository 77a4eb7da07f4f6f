"""The type of a fitted measure: it maps ion images to vectors, whose cosine is the similarity of the images."""

from collections.abc import Callable

import numpy as np

# Maps ion images of shape (M, H, W), with the mask of the fit, to vectors of shape (M, D).
Transform = Callable[[np.ndarray], np.ndarray]

# Images at a time in each thread: of 80,000 numbers each they take 20 MB, and a measure several times that.
BLOCK = 64
