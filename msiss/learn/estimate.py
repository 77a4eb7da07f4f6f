"""How long a training takes on two cores with nothing else to do, told before it is started.

The figures are those of the demo, printed by

    .venv/bin/python benchmarks/presets.py

which measures every preset in a process of its own on an otherwise idle machine with two cores (x86-64 with bfloat16
arithmetic; without it the paper's method takes longer).
"""

from dataclasses import dataclass

from msiss.learn.config import Encoder, Method, RunConfig

SIDE = 96  # pixels; the side of the images that the figures of the encoders are for
START_SECONDS = 3.0  # imports and preparation
# One ion image of 96 x 96 pixels in one epoch of contrastive learning, of the classifier and of self-labelling.
IMAGE_SECONDS = {
    Encoder.EFFICIENTNET_LITE0: (0.0157, 0.0013, 0.0051),
    Encoder.EFFICIENTNET_B0: (0.0177, 0.0031, 0.0080),
}
STEP_SECONDS = 0.0018  # one ion image in one step of msiss's own network
ANALYSE_SECONDS = {Method.PAPER: 0.1, Method.MSISS: 0.055}  # one ion in all measures, clusters and maps
# One ion in what the data say by themselves, without the second training.
CHECK_SECONDS = {Method.PAPER: 0.07, Method.MSISS: 0.06}


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

    Returns
    -------
    Parts
        Every figure above times how often it is spent. Work on an image grows with its area.
    """
    training = _training(config, ions)
    return Parts(
        prepare=START_SECONDS,
        training=training,
        analyse=ANALYSE_SECONDS[config.method] * ions,
        retraining=training if config.check else 0.0,
        check=CHECK_SECONDS[config.method] * ions,
    )


def _training(config: RunConfig, ions: int) -> float:
    if config.method is Method.MSISS:
        return STEP_SECONDS * config.spatial.steps * min(ions, config.spatial.batch_size)
    epochs = (config.contrastive.epochs, config.classifier.epochs, config.self_label.epochs)
    spent = zip(epochs, IMAGE_SECONDS[config.encoder], strict=True)
    return ions * (config.prepare.side / SIDE) ** 2 * sum(number * each for number, each in spent)
