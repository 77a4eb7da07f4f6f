"""How long a training takes on two cores with nothing else to do, told before it is started.

The figures are those of the methods and encoders, for the demo, printed by

    .venv/bin/python benchmarks/presets.py

which measures every preset in a process of its own on an otherwise idle machine with two cores (x86-64 with bfloat16
arithmetic; without it the paper's method takes longer).
"""

from dataclasses import dataclass

from msiss.learn.config import RunConfig
from msiss.learn.methods import METHODS

START_SECONDS = 3.0  # imports and preparation


@dataclass(frozen=True)
class Parts:
    """How long the parts of a run take, in seconds.

    Attributes
    ----------
    prepare : float
        Imports and the preparation of the images.
    training : float
    analyse : float
        Measures, clusters and maps.
    retraining : float
        The training on half of the pixels, where there is one.
    check : float
        The rest of the evidence.
    """

    prepare: float
    training: float
    analyse: float
    retraining: float
    check: float

    @property
    def whole(self) -> float:
        """All of it."""
        return self.prepare + self.training + self.analyse + self.retraining + self.check


def seconds(config: RunConfig, ions: int) -> float:
    """Return about how long a run takes on two cores with nothing else to do, without a GPU, in seconds."""
    return parts(config, ions).whole


def parts(config: RunConfig, ions: int) -> Parts:
    """Return about how long the parts of a run take on two cores with nothing else to do, without a GPU.

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
