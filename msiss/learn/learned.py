"""What every method of training gives."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch


@dataclass(frozen=True)
class Learned:
    """What a training gives, for N ion images and K clusters.

    Attributes
    ----------
    features : dict of str to ndarray of shape (N, D), float32
        By representation: what the method trains, `RunConfig.trained`.
    clusters : dict of str to ndarray of shape (N,), int64
        At least those of `RunConfig.result`.
    confidence : ndarray of shape (N,), float32
        How sure each ion's cluster is, from 0 to 1.
    weights : dict of str to Tensor
        Of what encodes.
    encode : callable
        Takes further ion images of the same section, prepared in the same way, shape (M, S, S), and returns their
        features by `RunConfig.result`, shape (M, D).
    """

    features: dict[str, np.ndarray]
    clusters: dict[str, np.ndarray]
    confidence: np.ndarray
    weights: dict[str, torch.Tensor]
    encode: Callable[[np.ndarray], np.ndarray]
