"""The gradient of the kernels of a depthwise convolution on a CPU, compiled by numba, for numbers in bfloat16.

oneDNN has no fast one for kernels above 3 x 3 pixels. The compiled code is cached on disk and releases the GIL.
"""

import numpy as np
import torch
from numba import njit

from msiss.learn.threads import in_threads


def gradient_of_kernels(
    gradient: torch.Tensor, images: torch.Tensor, size: int, stride: int, before: int
) -> torch.Tensor:
    """Return the gradient of the kernels, shape (C, 1, size, size), bfloat16; it is summed in single precision.

    Parameters
    ----------
    gradient : Tensor of shape (B, C, h, w), bfloat16
        Of the outputs.
    images : Tensor of shape (B, C, H, W), bfloat16
        The inputs.
    size, stride, before : int
        Of the convolution, in pixels; before is the margin before the first row and column. The margin on the other
        side follows from the sizes.
    """
    outputs, inputs = (_channels_last(each) for each in (gradient, images))
    number, channels = len(images), images.shape[1]
    parts: dict[int, np.ndarray] = {}

    def work(first: int, last: int) -> None:
        parts[first] = np.zeros((size, size, channels), np.float32)
        _add_products(outputs, inputs, stride, before, parts[first], first, last)

    in_threads(work, number, torch.get_num_threads())
    total = sum(parts[first] for first in sorted(parts))  # in order, so that the same bits come out again
    return torch.from_numpy(total).permute(2, 0, 1).unsqueeze(1).bfloat16()


def _channels_last(tensor: torch.Tensor) -> np.ndarray:
    """Return the bits of a tensor (B, C, H, W) as an array (B, H, W, C), uint16."""
    return tensor.detach().permute(0, 2, 3, 1).contiguous().view(torch.uint16).numpy()


@njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def _add_products(gradient, images, stride, before, out, first, last):  # type: ignore[no-untyped-def]
    """Add to each element of the kernels (size, size, C) the gradient of all outputs times the inputs it met.

    Rows are turned into single precision one by one, which is a shift of their bits.
    """
    _, rows_out, columns_out, channels = gradient.shape
    _, rows_in, columns_in, _ = images.shape
    size = len(out)
    bits_out = np.empty((columns_out, channels), np.uint32)
    bits_in = np.empty((size, columns_in, channels), np.uint32)
    ready_out, ready_in = bits_out.view(np.float32), bits_in.view(np.float32)
    held = np.empty(size, np.int64)  # the row of the image that each of the last ones is
    for image in range(first, last):
        held[:] = -1
        for y in range(rows_out):
            _into_single(gradient[image, y], bits_out)
            for down in range(size):
                row = y * stride + down - before
                if row < 0 or row >= rows_in:
                    continue
                slot = row % size
                if held[slot] != row:
                    held[slot] = row
                    _into_single(images[image, row], bits_in[slot])
                for right in range(size):
                    _add_row(ready_out, ready_in[slot], stride, right - before, out[down, right])


@njit(nogil=True, cache=True)
def _into_single(half, single):  # type: ignore[no-untyped-def]
    for x in range(len(half)):
        source, target = half[x], single[x]
        for channel in range(len(source)):
            target[channel] = np.uint32(source[channel]) << np.uint32(16)


@njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def _add_row(outputs, inputs, stride, shift, total):  # type: ignore[no-untyped-def]
    """Add to `total` (C,) the outputs (w, C) times the inputs (W, C) at `stride` times their place plus `shift`."""
    first = max(0, -(shift // stride))
    last = min(len(outputs), (len(inputs) - 1 - shift) // stride + 1)
    x = first
    while x + 4 <= last:  # four at a time, so that the total is read and written less often
        place = x * stride + shift
        one, two, three, four = outputs[x], outputs[x + 1], outputs[x + 2], outputs[x + 3]
        a, b, c, d = inputs[place], inputs[place + stride], inputs[place + 2 * stride], inputs[place + 3 * stride]
        for channel in range(len(total)):
            total[channel] += (
                one[channel] * a[channel] + two[channel] * b[channel] + three[channel] * c[channel]
            ) + four[channel] * d[channel]
        x += 4
    while x < last:
        one, a = outputs[x], inputs[x * stride + shift]
        for channel in range(len(total)):
            total[channel] += one[channel] * a[channel]
        x += 1
