"""Weights that an encoder starts with instead of those of ImageNet: those of an earlier training by the paper's method.

They are kept in a folder of msiss, in files named by the SHA-256 of their content. So the name in the settings of a
training says exactly what it started with, and the earlier training may be deleted.
"""

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from msiss.durable import replace
from msiss.errors import RunError
from msiss.home import encoders_folder, made

if TYPE_CHECKING:
    from torch import nn

    from msiss.learn.paper.config import PaperConfig

_ENCODER = "encoder."  # begins the names of its tensors in the weights of a run


def keep_start(weights: Path) -> str:
    """Keep a copy of the weights of a training, and return their name for `PaperConfig.start`.

    Parameters
    ----------
    weights : Path
        The file ``weights.safetensors`` of a run by the paper's method.

    Raises
    ------
    RunError
        If the file cannot be read, or the copy cannot be written.
    """
    try:
        name = hashlib.sha256(weights.read_bytes()).hexdigest()
        kept = start_file(name)
        if not kept.exists():
            made(kept.parent)
            replace(kept, lambda unfinished: shutil.copyfile(weights, unfinished))
    except OSError as error:
        raise RunError(f"The weights {weights} cannot be copied: {error.strerror or error}.") from error
    return name


def start_file(name: str) -> Path:
    """Return where the weights of this name are kept, whether or not they are."""
    return encoders_folder() / f"{name}.safetensors"


def start_from(encoder: "nn.Module", config: "PaperConfig") -> None:
    """Load the weights that the settings name, if any, into the encoder.

    Raises
    ------
    RunError
        If they are gone or damaged, or are those of another encoder.
    """
    if not config.start:
        return
    from safetensors.torch import load

    file = start_file(config.start)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise RunError(
            f"start: the weights {config.start[:8]} that this training should start from are not in {file.parent}. "
            "Choose the earlier training again on the page Cluster, or start from ImageNet."
        ) from error
    if hashlib.sha256(content).hexdigest() != config.start:
        raise RunError(f"start: the weights in {file} are damaged. Delete the file, and choose the training again.")
    given = {name.removeprefix(_ENCODER): each for name, each in load(content).items() if name.startswith(_ENCODER)}
    own = encoder.state_dict()
    if {name: each.shape for name, each in given.items()} != {name: each.shape for name, each in own.items()}:
        raise RunError(
            f"start: the weights {config.start[:8]} are not those of the encoder {config.encoder}. Choose the encoder "
            "of the earlier training, or start from ImageNet."
        )
    encoder.load_state_dict(given)
