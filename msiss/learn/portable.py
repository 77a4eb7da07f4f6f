"""The trained encoder of a run in a form that other programs can use, without msiss.

To offer the encoder of another method, write a function as `Make`, and name it in its `msiss.learn.method.Method`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from msiss.data.prepare import Prepared


@dataclass(frozen=True, eq=False)
class Portable:
    """A trained encoder.

    Attributes
    ----------
    tensors : dict of str to ndarray
        Weights and constants, by names that `example` knows.
    features : ndarray of shape (M, D), float32
        Its features of the images that it was made with.
    gives : str
        What its features are and how they are related to the representations of the run, in sentences.
    example : str
        Lines of Python that read ``encoder.safetensors`` and turn ``images``, a float32 tensor of shape
        (N, 1, side, side), into ``features``, with PyTorch and other public packages only.
    about : dict of str to str
        Architecture, number of features, normalisation and so on.
    """

    tensors: Mapping[str, np.ndarray]
    features: np.ndarray
    gives: str
    example: str
    about: Mapping[str, str] = field(default_factory=dict)


class Make(Protocol):
    """A function that returns the encoder of a run."""

    def __call__(self, weights: Mapping[str, np.ndarray], config: Any, prepared: Prepared) -> Portable:
        """Return the encoder.

        Parameters
        ----------
        weights : dict of str to ndarray
            As the training gave them, see `msiss.learn.learned.Learned`.
        config : RunConfig
            The settings of the run.
        prepared : Prepared
            M of the ion images of the training.
        """
        ...
