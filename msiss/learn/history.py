"""How the clusters of ion images change during a training, without torch."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class History:
    """The clusters of N ion images during a training that refines them over E epochs.

    Attributes
    ----------
    clusters : ndarray of shape (E + 1, N), int16
        Before the first epoch, then as the network saw each image in every epoch, in a changed view of it; -1 where an
        epoch left it out.
    confidence : ndarray of shape (N,), float32
        Confidence before the first epoch, from 0 to 1.
    """

    clusters: np.ndarray
    confidence: np.ndarray
