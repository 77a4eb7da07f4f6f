"""The measures without training: one module each, with a common interface.

Each has a function ``fit(gallery, mask)`` that returns a `Transform`; the records of the measures are in
`msiss.analyse.representations`.
"""

from collections.abc import Callable

import numpy as np

from msiss.analyse.context import contextual_vectors
from msiss.analyse.measures.transform import BLOCK, Transform
from msiss.analyse.representations import REPRESENTATIONS, Measure
from msiss.analyse.similarity import compact
from msiss.analyse.sketch import LANDMARKS, landmarks, mapped
from msiss.registry import load

__all__ = ["BLOCK", "Transform", "fit", "vectors"]


def fit(name: str, gallery: np.ndarray, mask: np.ndarray) -> Transform:
    """Fit a measure to the ion images of a data set.

    Parameters
    ----------
    name : str
        One of `msiss.analyse.representations.measure_names`.
    gallery : ndarray of shape (N, H, W)
        Cleaned ion images, not negative. A measure is fitted to at most `LANDMARKS` of them.
    mask : ndarray of shape (H, W), bool
        True where a spectrum was measured.

    Returns
    -------
    Transform
        Maps any images of the same section, shape (M, H, W), to vectors of shape (M, D).
    """
    measure = REPRESENTATIONS[name]
    if not isinstance(measure, Measure):
        raise ValueError(f"{name} has to be trained")
    fitting: Callable[[np.ndarray, np.ndarray], Transform] = load(measure.fit)
    return fitting(gallery if len(gallery) <= LANDMARKS else gallery[landmarks(len(gallery))], mask)


def vectors(name: str, images: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return one vector per ion image of a data set, fitted to these images; see `fit`.

    Returns
    -------
    ndarray of shape (N, D), float32
        With D at most N and the cosines of the measure, in the context of all ions if the measure is (see
        `msiss.analyse.context`); for more than 3,000 ions a sketch of at most 2048 dimensions,
        see `msiss.analyse.sketch`.
    """
    found = compact(mapped(fit(name, images, mask), images, BLOCK))
    return contextual_vectors(found, REPRESENTATIONS[name].context)
