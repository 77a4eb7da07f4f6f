"""Estimates of the duration of a training on two idle cores, before it is started.

The figures are those of the methods and encoders for the demo, printed by

    .venv/bin/python benchmarks/presets.py

which measures every preset in its own process on an otherwise idle machine with two cores (x86-64 with bfloat16
arithmetic; without it trainings take longer).
"""

from dataclasses import dataclass

from msiss.learn.config import RunConfig
from msiss.learn.methods import METHODS

START_SECONDS = 4.0  # imports and preparation


@dataclass(frozen=True)
class Parts:
    """Durations of the parts of a run, in seconds.

    Attributes
    ----------
    prepare : float
        Imports and the preparation of the images.
    training : float
    analyse : float
        Measures, clusters and maps.
    retraining : float
        The training on half of the pixels, if there is one.
    check : float
        The other scores that need no labels.
    """

    prepare: float
    training: float
    analyse: float
    retraining: float
    check: float

    @property
    def whole(self) -> float:
        """The sum of all parts."""
        return self.prepare + self.training + self.analyse + self.retraining + self.check


def seconds(config: RunConfig, ions: int) -> float:
    """Return about how long a run takes on two idle cores without a GPU, in seconds."""
    return parts(config, ions).whole


def parts(config: RunConfig, ions: int) -> Parts:
    """Return about how long the parts of a run take on two idle cores without a GPU.

    Parameters
    ----------
    config : RunConfig
    ions : int
        Number of ion images N.
    """
    method = METHODS[config.method]
    training = method.training_seconds(config, ions)
    return Parts(
        prepare=START_SECONDS,
        training=training,
        analyse=method.analyse_seconds * ions,
        retraining=training if config.check else 0.0,
        check=method.check_seconds * ions,
    )
