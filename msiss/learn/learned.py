"""The result of a training, the same for every method."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from msiss.data.prepare import Prepared
from msiss.learn.history import History


@dataclass(frozen=True)
class Learned:
    """The result of a training, for N ion images and K clusters.

    Attributes
    ----------
    features : dict of str to ndarray of shape (N, D), float32
        Features by representation, those of `RunConfig.trained`, in the context of all ions if the representation has
        one.
    clusters : dict of str to ndarray of shape (N,), int64
        Clusters by representation, at least those of `RunConfig.result`.
    confidence : ndarray of shape (N,), float32
        Confidence of each ion's cluster, from 0 to 1.
    weights : dict of str to Tensor
        Weights of the encoder.
    encode : callable
        Maps further ion images of the same section, prepared in the same way, to vectors of shape (M, D'), whose
        cosines are those of `RunConfig.result` without the context of other ions, see `msiss.analyse.context`.
    history : History, optional
        Of methods that refine their clusters epoch by epoch.
    """

    features: dict[str, np.ndarray]
    clusters: dict[str, np.ndarray]
    confidence: np.ndarray
    weights: dict[str, torch.Tensor]
    encode: Callable[[Prepared], np.ndarray]
    history: History | None = None
