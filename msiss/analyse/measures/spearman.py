"""Spearman correlation: Pearson correlation of the ranks of the pixels."""

import numpy as np
from scipy.stats import rankdata

from msiss.analyse.measures.pixels import centred_unit
from msiss.analyse.measures.transform import Transform


def fit(_gallery: np.ndarray, mask: np.ndarray) -> Transform:
    """Return the measure; it learns nothing from the gallery. Ties get their mean rank."""
    return lambda images: centred_unit(rankdata(images[:, mask], axis=1))
