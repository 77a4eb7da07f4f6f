"""Training on the prepared ion images of one data set, by the method that the settings name."""

from collections.abc import Iterator
from pathlib import Path

from msiss.data.prepare import Prepared
from msiss.errors import SettingError
from msiss.learn.config import RunConfig
from msiss.learn.device import resolve_device
from msiss.learn.events import Event
from msiss.learn.learned import Learned
from msiss.learn.memory import kept_memory
from msiss.learn.methods import METHODS
from msiss.registry import load


def learn(prepared: Prepared, config: RunConfig, *, checkpoints: Path) -> Iterator[Event | Learned]:
    """Train on the ion images of one data set; the last item is a `Learned`.

    The caller may stop between any two events. Called again with the same arguments, the training resumes after the
    last checkpoint and gives the same result.

    Parameters
    ----------
    prepared : Prepared
        N ion images.
    config : RunConfig
    checkpoints : Path
        Folder for one checkpoint per phase.

    Raises
    ------
    SettingError
        If there are fewer ion images than clusters, or the device does not exist.
    RunError
        If the encoder's weights are missing.
    """
    if len(prepared) <= config.clusters:
        raise SettingError(
            f"clusters: {config.clusters} clusters need more than {config.clusters} ion images, but there are "
            f"{len(prepared)}."
        )
    train = load(METHODS[config.method].learn)
    with kept_memory():
        yield from train(prepared, config, resolve_device(config.device), checkpoints)
