"""Convolutions of an encoder, optimised for CPUs with native bfloat16.

Symmetric padding is passed to the convolution itself instead of copying the images with margins. Of the gradients of
depthwise convolutions for which oneDNN has no fast kernel in bfloat16, that of the images is composed of a convolution
for which it has one, and that of the kernels is computed by `msiss.learn.paper.depthwise_kernels`; benchmarks/speed.py
measures the gain. The results are those of the original convolutions.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.grad import conv2d_weight

from msiss.learn.paper.depthwise_kernels import gradient_of_kernels

QUICK_KERNEL = 3  # pixels; the largest kernel with a fast gradient in bfloat16


class SameConv2d(nn.Conv2d):
    """A convolution with square kernels, strides and margins that uses the parameters of another one.

    Parameters
    ----------
    original : Conv2d
        With equal kernel sizes and strides in both directions, and no padding of its own.
    before, after : int
        Pixels of zeros before the first and after the last row and column.
    """

    def __init__(self, original: nn.Conv2d, before: int, after: int) -> None:
        super().__init__(
            original.in_channels,
            original.out_channels,
            original.kernel_size[0],
            stride=original.stride[0],
            padding=before if before == after else 0,
            groups=original.groups,
            bias=original.bias is not None,
            device="meta",
        )
        self.weight, self.bias = original.weight, original.bias
        self.margins = (before, after)
        self.depthwise = original.groups == original.in_channels == original.out_channels

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the convolved images, shape (B, C', H', W')."""
        on_cpu_in_bfloat16 = images.device.type == "cpu" and torch.is_autocast_enabled("cpu")
        if self.depthwise and self.bias is None and on_cpu_in_bfloat16:
            half, weight = images.bfloat16(), self.weight.bfloat16()
            return _Depthwise.apply(half, weight, self.stride[0], self.margins)
        padded, _ = _padded(images, self.margins)
        return self._conv_forward(padded, self.weight, self.bias)


def take_over_padding(network: nn.Module) -> None:
    """Replace every convolution with a padding module, as in the EfficientNet packages, by a `SameConv2d`.

    The names of the parameters are unchanged.
    """
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            padding = getattr(child, "static_padding", None)
            if isinstance(child, nn.Conv2d) and padding is not None:
                before, after = padding.padding[:2] if isinstance(padding, nn.ZeroPad2d) else (0, 0)
                setattr(module, name, SameConv2d(child, before, after))


class _Depthwise(torch.autograd.Function):
    """A depthwise convolution with an odd kernel and no bias, whose gradients avoid oneDNN's slow kernels."""

    @staticmethod
    def forward(
        ctx: Any, images: torch.Tensor, weight: torch.Tensor, stride: int, margins: tuple[int, int]
    ) -> torch.Tensor:
        ctx.save_for_backward(images, weight)
        ctx.stride, ctx.margins = stride, margins
        padded, padding = _padded(images, margins)
        return F.conv2d(padded, weight, None, stride, padding, groups=len(weight))

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        images, weight = ctx.saved_tensors
        gradient = gradient.contiguous(memory_format=torch.channels_last)
        of_images = of_weight = None
        if ctx.needs_input_grad[0]:
            of_images = _of_images(gradient, images, weight, ctx.stride, ctx.margins)
        if ctx.needs_input_grad[1]:
            of_weight = _of_weight(gradient, images, weight, ctx.stride, ctx.margins)
        return of_images, of_weight, None, None


def _padded(images: torch.Tensor, margins: tuple[int, int]) -> tuple[torch.Tensor, int]:
    """Return the images with their margins, and the padding for the convolution itself: all if it is symmetric."""
    before, after = margins
    return (images, before) if before == after else (F.pad(images, [before, after] * 2), 0)


def _of_images(
    gradient: torch.Tensor, images: torch.Tensor, weight: torch.Tensor, stride: int, margins: tuple[int, int]
) -> torch.Tensor:
    """Return the gradient of the images: a transposed convolution of the gradient of the outputs.

    Output o depends on pixel y by element k of the kernel if y = stride o + k - before. The flipped kernel, centred on
    y, therefore needs the gradient of o at stride o + centre - before, with zeros between for a stride above 1.
    """
    centre = weight.shape[-1] // 2
    if stride > 1:
        spread = torch.empty_like(images, memory_format=torch.channels_last).zero_()
        start = centre - margins[0]
        spread[:, :, start::stride, start::stride][:, :, : gradient.shape[2], : gradient.shape[3]] = gradient
        gradient = spread
    return F.conv2d(gradient, weight.flip(2, 3), None, 1, centre, groups=len(weight))


def _of_weight(
    gradient: torch.Tensor, images: torch.Tensor, weight: torch.Tensor, stride: int, margins: tuple[int, int]
) -> torch.Tensor:
    """Return the gradient of the kernels."""
    size = weight.shape[-1]
    if size > QUICK_KERNEL:
        return gradient_of_kernels(gradient, images, size, stride, margins[0])
    padded, padding = _padded(images, margins)
    return conv2d_weight(padded, list(weight.shape), gradient, stride, padding, groups=len(weight))
