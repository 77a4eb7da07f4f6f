"""The measures that need no training, each in a file of its own behind one interface.

To add one, write a module with a function ``fit(gallery, mask)`` that returns a `Transform`, and name it like its
member of `Representation` in `msiss/analyse/representations.py`.
"""

from collections.abc import Callable
from importlib import import_module

import numpy as np

from msiss.analyse.measures.transform import Transform
from msiss.analyse.representations import PLAIN, Representation
from msiss.analyse.similarity import compact

__all__ = ["Transform", "fit", "vectors"]


def fit(representation: Representation, gallery: np.ndarray, mask: np.ndarray) -> Transform:
    """Fit a measure to the ion images of a data set.

    Parameters
    ----------
    representation : Representation
        One of `PLAIN`.
    gallery : ndarray of shape (N, H, W)
        Cleaned ion images, not negative.
    mask : ndarray of shape (H, W), bool
        True where a spectrum was measured.

    Returns
    -------
    Transform
        Takes any images of the same section, shape (M, H, W), and gives vectors of shape (M, D).
    """
    if representation not in PLAIN:
        raise ValueError(f"{representation} has to be trained")
    module = import_module(f"msiss.analyse.measures.{representation.name.lower()}")
    fitting: Callable[[np.ndarray, np.ndarray], Transform] = module.fit
    return fitting(gallery, mask)


def vectors(representation: Representation, images: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return one vector per ion image of a data set, fitted to these images; see `fit`.

    Returns
    -------
    ndarray of shape (N, D), float32
        With D at most N.
    """
    return compact(fit(representation, images, mask)(images))
