"""The encoder of the paper's method for other programs: the example gives what the encoder itself gives."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch
import toys
from helpers import run_example
from safetensors.numpy import save_file
from torch import nn

from msiss.data.prepare import Prepared
from msiss.learn.paper.config import PaperConfig
from msiss.learn.paper.efficientnet import EfficientNetEncoder
from msiss.learn.paper.encoders import B0, ENCODERS, LITE0
from msiss.learn.paper.portable import NORMALISATIONS, PACKAGES, portable
from msiss.learn.paper.training import encode

SIDE = 64


@pytest.fixture
def prepared() -> Prepared:
    images = np.random.default_rng(0).uniform(size=(3, SIDE, SIDE)).astype(np.float32)
    inside = np.ones((SIDE, SIDE), dtype=bool)
    return Prepared(images, inside, images, inside)


def whole_of(encoder: nn.Module) -> nn.ModuleDict:
    torch.manual_seed(0)
    return nn.ModuleDict({"encoder": encoder, "classifier": nn.Linear(1280, 3)}).eval()


def exported(whole: nn.ModuleDict, name: str, prepared: Prepared, folder: Path):
    weights = {name: tensor.numpy() for name, tensor in whole.state_dict().items()}
    found = portable(weights, PaperConfig(clusters=3, encoder=name), prepared)
    save_file({name: np.ascontiguousarray(tensor) for name, tensor in found.tensors.items()},
              folder / "encoder.safetensors")  # fmt: skip
    return found


@pytest.mark.parametrize("name", [LITE0, B0])
def test_the_example_gives_the_features(name: str, prepared: Prepared, tmp_path: Path) -> None:
    """Without the file of the ImageNet weights, which the trained ones replace."""
    torch.manual_seed(1)
    network = import_module(PACKAGES[name]).EfficientNet.from_name(name)
    for module in network.modules():  # as after a training
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    whole = whole_of(EfficientNetEncoder(network, NORMALISATIONS[name]))
    expected = encode(whole["encoder"], torch.from_numpy(prepared.images)[:, None])
    found = exported(whole, name, prepared, tmp_path)
    np.testing.assert_allclose(found.features, expected, atol=1e-5)
    np.testing.assert_allclose(run_example(found.example, tmp_path, prepared.images), expected, atol=1e-4)
    assert "msiss" not in found.example
    statements = found.example.partition("\n\n")[2].strip().splitlines()
    assert len(statements) == 5
    # The tensors of the classifier are what they are said to be.
    logits = torch.from_numpy(expected) @ torch.from_numpy(found.tensors["classifier.weight"]).T
    torch.testing.assert_close(
        logits + torch.from_numpy(found.tensors["classifier.bias"]),
        whole["classifier"](torch.from_numpy(expected)),
    )


def test_an_encoder_of_another_package_is_built_by_it(prepared: Prepared, tmp_path: Path) -> None:
    ENCODERS.add(toys.ENCODER)
    try:
        whole = whole_of(toys.ToyNetwork())
        found = exported(whole, "toy-net", prepared, tmp_path)
    finally:
        ENCODERS.remove("toy-net")
    expected = whole["encoder"](torch.from_numpy(prepared.images)[:, None]).detach().numpy()
    np.testing.assert_allclose(found.features, expected, atol=1e-6)
    np.testing.assert_allclose(run_example(found.example, tmp_path, prepared.images), expected, atol=1e-6)
