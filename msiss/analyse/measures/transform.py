"""What a measure is: ion images in, vectors out, whose cosine says how alike the images are."""

from collections.abc import Callable

import numpy as np

# Takes ion images of shape (M, H, W) with the mask that the measure was fitted to; gives vectors of shape (M, D).
Transform = Callable[[np.ndarray], np.ndarray]
