"""The quick convolutions against those of the packages: the same function with the same gradients."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from efficientnet_lite_pytorch import EfficientNet as Lite0
from efficientnet_pytorch import EfficientNet as B0
from efficientnet_pytorch.utils import Conv2dStaticSamePadding
from torch import nn

from msiss.learn.paper.convolutions import SameConv2d, take_over_padding

HALF = torch.finfo(torch.bfloat16).eps  # 2**-7: each rounding is off by half of that at most


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def outcome(convolution: nn.Module, images: torch.Tensor, direction: torch.Tensor | None = None) -> list[torch.Tensor]:
    """Return what comes out, and the gradients of images and parameters along a fixed direction."""
    images = images.clone().contiguous(memory_format=torch.channels_last).requires_grad_()
    out = convolution(images)
    along = normal(*out.shape, seed=9).to(out.dtype) if direction is None else direction
    return [out.detach(), *torch.autograd.grad(out, [images, *convolution.parameters()], along)]


def original(channels: int, size: int, stride: int, side: int, *, depthwise: bool = True) -> nn.Conv2d:
    """Return a convolution with random weights as the packages make it for images of `side` pixels."""
    convolution: nn.Conv2d = Conv2dStaticSamePadding(
        channels, channels, size, stride, side, groups=channels if depthwise else 1, bias=not depthwise
    )
    for number, parameter in enumerate(convolution.parameters()):
        parameter.data = normal(*parameter.shape, seed=number) / size
    return convolution


def taken_over(convolution: nn.Conv2d) -> nn.Module:
    network = nn.Sequential(convolution)
    take_over_padding(network)
    assert isinstance(network[0], SameConv2d)
    return network


CASES = [(size, stride, side) for size in (1, 3, 5) for stride in (1, 2) for side in (224, 7)]  # even and odd margins


@pytest.mark.parametrize("depthwise", [True, False])
@pytest.mark.parametrize(("size", "stride", "side"), CASES)
def test_a_convolution_and_its_gradients_stay(size: int, stride: int, side: int, depthwise: bool) -> None:
    convolution = original(8, size, stride, side, depthwise=depthwise)
    images = normal(3, 8, 14, 11)
    for found, expected in zip(outcome(taken_over(convolution), images), outcome(convolution, images), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("size", "stride", "side"), CASES)
@pytest.mark.parametrize(("height", "width"), [(14, 11), (9, 16)])
def test_in_bfloat16_only_rounding_differs(size: int, stride: int, side: int, height: int, width: int) -> None:
    convolution = original(16, size, stride, side)
    rounded = original(16, size, stride, side)
    rounded.weight.data = rounded.weight.bfloat16().float()
    images = normal(4, 16, height, width).bfloat16().float()
    exact = convolution(images)
    direction = normal(*exact.shape, seed=9).bfloat16()
    expected = outcome(rounded, images, direction.float())  # in float32, of the very numbers that bfloat16 can hold
    with torch.autocast("cpu", torch.bfloat16):
        found = outcome(taken_over(convolution), images, direction)
    assert found[0].dtype == torch.bfloat16
    for half, single in zip(found, expected, strict=True):
        difference = (half.float() - single).abs()
        assert float(difference.max()) <= HALF * float(single.abs().max())
    # A gradient that is a sum of tiles must have every place of the kernel right, not only the largest.
    assert F.cosine_similarity(found[2].float().flatten(), expected[2].flatten(), dim=0) > 1 - HALF**2


def test_a_bias_is_added_in_bfloat16_as_well() -> None:
    convolution: nn.Conv2d = Conv2dStaticSamePadding(8, 8, 3, 1, 7, groups=8)
    convolution.bias = nn.Parameter(torch.arange(8.0))
    images = normal(2, 8, 9, 9)
    expected = convolution(images)
    with torch.autocast("cpu", torch.bfloat16):
        found = taken_over(convolution)(images)
    torch.testing.assert_close(found.float(), expected.detach(), atol=0.1, rtol=0.05)


@pytest.mark.parametrize(("package", "name"), [(Lite0, "efficientnet-lite0"), (B0, "efficientnet-b0")])
def test_a_network_keeps_its_parameters_and_its_features(package: Any, name: str) -> None:
    network = package.from_name(name).eval()
    images = normal(2, 3, 64, 64)
    expected, names = network.extract_features(images), list(network.state_dict())
    take_over_padding(network)
    assert list(network.state_dict()) == names
    assert not any(hasattr(module, "static_padding") for module in network.modules())
    torch.testing.assert_close(network.extract_features(images), expected, rtol=1e-4, atol=1e-5)


def test_other_convolutions_are_left_alone() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1))
    before = network[0]
    take_over_padding(network)
    assert network[0] is before
