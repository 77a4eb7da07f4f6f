"""How long a training takes on two cores, told before it is started.

The figures are those of the demo, printed by

    .venv/bin/python benchmarks/presets.py

which measures every preset in a process of its own on an otherwise idle machine with two cores (x86-64 with bfloat16
arithmetic; without it the paper's method takes longer).
"""

from msiss.learn.config import Encoder, Method, RunConfig

SIDE = 96  # pixels; the side of the images that the figures of the encoders are for
START_SECONDS = 3.0  # imports and preparation
# One ion image of 96 x 96 pixels in one epoch of contrastive learning, of the classifier and of self-labelling.
IMAGE_SECONDS = {
    Encoder.EFFICIENTNET_LITE0: (0.0157, 0.0013, 0.0051),
    Encoder.EFFICIENTNET_B0: (0.0177, 0.0031, 0.0080),
}
STEP_SECONDS = 0.0015  # one ion image in one step of msiss's own network
ION_SECONDS = 0.08  # one ion in all measures, clusters and maps


def seconds(config: RunConfig, ions: int) -> float:
    """Return about how long a training takes on two cores, without a GPU.

    Parameters
    ----------
    config : RunConfig
    ions : int
        Number of ion images N.

    Returns
    -------
    float
        In seconds: every figure above times how often it is spent. Work on an image grows with its area.
    """
    trainings = 2 if config.check else 1
    return START_SECONDS + trainings * _training(config, ions) + ION_SECONDS * ions


def _training(config: RunConfig, ions: int) -> float:
    if config.method is Method.MSISS:
        return STEP_SECONDS * config.spatial.steps * min(ions, config.spatial.batch_size)
    epochs = (config.contrastive.epochs, config.classifier.epochs, config.self_label.epochs)
    spent = zip(epochs, IMAGE_SECONDS[config.encoder], strict=True)
    return ions * (config.prepare.side / SIDE) ** 2 * sum(number * each for number, each in spent)
