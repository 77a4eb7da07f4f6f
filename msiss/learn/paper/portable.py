"""The encoder of the paper's method for other programs: an EfficientNet of a public package, with its own weights."""

from collections.abc import Mapping
from importlib import import_module

import numpy as np
import torch
from torch import nn

from msiss.data.prepare import Prepared
from msiss.learn.paper.config import SELF_LABELLED, PaperConfig
from msiss.learn.paper.efficientnet import FEATURES, IMAGENET, LITE, EfficientNetEncoder
from msiss.learn.paper.encoders import B0, ENCODERS, LITE0, build_encoder
from msiss.learn.paper.training import encode
from msiss.learn.portable import Portable

PACKAGES = {B0: "efficientnet_pytorch", LITE0: "efficientnet_lite_pytorch"}
NORMALISATIONS = {B0: IMAGENET, LITE0: LITE}
_ENCODER, _NETWORK = "encoder.", "network."

PUBLIC = """\
import torch
from {package} import EfficientNet
from safetensors.torch import load_file

tensors = load_file("encoder.safetensors")
network = EfficientNet.from_name("{name}").eval()
network.load_state_dict({{name: tensors[name] for name in network.state_dict() if name in tensors}}, strict=False)
with torch.inference_mode():
    features = network.extract_features((images - tensors["mean"]) / tensors["std"]).mean((2, 3))
"""
# An encoder that another package has added knows itself how its images are normalised.
ADDED = """\
import torch
from {module} import {function}
from safetensors.torch import load_file

network = {function}().eval()
network.load_state_dict(load_file("encoder.safetensors"), strict=False)
with torch.inference_mode():
    features = network(images)
"""


def portable(weights: Mapping[str, np.ndarray], config: PaperConfig, prepared: Prepared) -> Portable:
    """Return the encoder as it was after self-labelling, with the classifier of its clusters."""
    name = config.encoder
    of_encoder = {key.removeprefix(_ENCODER): value for key, value in weights.items() if key.startswith(_ENCODER)}
    classifier = {key: value for key, value in weights.items() if key.startswith("classifier.")}
    encoder = _empty(name)
    encoder.load_state_dict({key: torch.from_numpy(value) for key, value in of_encoder.items()})
    features = encode(encoder, torch.from_numpy(prepared.images).unsqueeze(1))
    about = {"architecture": name, "features": str(FEATURES)}
    gives = (
        f"Its features, {FEATURES} per image, are the representation {SELF_LABELLED} of the run. The tensors "
        "classifier.weight and classifier.bias turn them into the logits of the clusters, in the numbers that the "
        "training gave them."
    )
    if name not in PACKAGES:
        module, _, function = ENCODERS[name].build.partition(":")
        example = ADDED.format(module=module, function=function)
        return Portable(of_encoder | classifier, features, gives, example, about)
    network = {key.removeprefix(_NETWORK): value for key, value in of_encoder.items()}
    mean, std = (np.array(values, dtype=np.float32).reshape(1, 3, 1, 1) for values in NORMALISATIONS[name])
    about |= {"package": PACKAGES[name], "channels": "the grey image three times, minus mean, over std"}
    about |= {"mean": " ".join(map(str, mean.ravel())), "std": " ".join(map(str, std.ravel()))}
    example = PUBLIC.format(package=PACKAGES[name], name=name)
    return Portable({**network, "mean": mean, "std": std, **classifier}, features, gives, example, about)


def _empty(name: str) -> nn.Module:
    """Return the encoder without its ImageNet weights, which the trained ones replace; they need not be on disk."""
    if name not in PACKAGES:
        return build_encoder(name)
    return EfficientNetEncoder(import_module(PACKAGES[name]).EfficientNet.from_name(name), NORMALISATIONS[name])
