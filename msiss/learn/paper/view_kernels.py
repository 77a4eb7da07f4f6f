"""The views of `msiss.learn.paper.augment` on a CPU, compiled by numba: all steps while an image is in the cache.

The compiled code is cached on disk and releases the GIL, so that the images of a batch are shared among threads.
"""

from typing import Any

import numpy as np
from numba import njit
from scipy.special import ndtri

# The standard normal distribution as 65,536 equally likely values, which 16 random bits choose from.
_CENTRES = ndtri((np.arange(2**16) + 0.5) / 2**16)
NORMAL = (_CENTRES / _CENTRES.std()).astype(np.float32)
NEGLIGIBLE = np.float32(2**-24)  # weight of a pixel in a blur: below the rounding of single precision
BLACK: Any = np.float32(0)  # of no type that is checked, as numba has its own
NOBODY: Any = np.int32(0)
WHITE, REFERENCE = np.float32(255), np.float32(153)  # see `msiss.learn.paper.augment`
LEVELS = tuple(np.float32(level) for level in (25, 20, 15, 10))


@njit(nogil=True, cache=True)
def fill_normal(seeds, sigmas, table, out, first, last):  # type: ignore[no-untyped-def]
    """Fill rows of `out` (B, P) with Gaussian noise of the given sigmas, by splitmix64 from one seed a row.

    Four pixels share the 64 bits of one number: pixel p, p + Q, p + 2 Q and p + 3 Q, where Q is a quarter of P.
    """
    pixels = out.shape[1]
    quarter = (pixels + 3) // 4
    bits = np.empty(quarter, np.uint64)
    for row in range(first, last):
        seed, sigma = seeds[row], sigmas[row]
        for place in range(quarter):
            mixed = seed + np.uint64(place + 1) * np.uint64(0x9E3779B97F4A7C15)
            mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            bits[place] = mixed ^ (mixed >> np.uint64(31))
        for part in range(4):
            start, shift = part * quarter, np.uint64(16 * part)
            for place in range(min(quarter, pixels - start)):
                out[row, start + place] = sigma * table[(bits[place] >> shift) & np.uint64(0xFFFF)]


@njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def make_views(  # type: ignore[no-untyped-def]
    images, inside, kernels, brightness, contrast, contrast_first, noise, whole, masked, out, first, last
):
    """Make the views `first` to `last` of images (B, H, W) in [0, 1]; see `msiss.learn.paper.augment.apply`.

    Parameters
    ----------
    images, inside, noise, out : ndarray of shape (B, H, W), float32
    kernels : ndarray of shape (B, 9), float32
        Of the blur.
    brightness, contrast : ndarray of shape (B,), float32
    contrast_first : ndarray of shape (B,), bool
    whole, masked : bool
        Grey levels of 8 bits; no noise outside the tissue.
    first, last : int
    """
    _, height, width = images.shape
    reach = kernels.shape[1] // 2
    grey = np.empty((height, width), np.float32)
    rows = np.empty((height + 2 * reach, width), np.float32)
    wide = np.empty((height, width + 2 * reach), np.float32)
    for image in range(first, last):
        kernel = kernels[image]
        taps = 0
        for tap in range(1, reach + 1):
            if kernel[reach + tap] > NEGLIGIBLE:
                taps = tap
        _into_grey(images[image], rows[reach : reach + height], whole)
        _blur(rows, wide, grey, kernel, reach, taps, whole)
        for step in range(2):
            about_mean = contrast_first[image] == (step == 0)
            _change(grey, contrast[image] if about_mean else brightness[image], about_mean, whole)
        strength = _foreground_mean(grey) * (WHITE / REFERENCE)
        _finish(grey, noise[image], strength, inside[image], whole, masked, out[image])


@njit(nogil=True, cache=True)
def _into_grey(image, grey, whole):  # type: ignore[no-untyped-def]
    height, width = image.shape
    for y in range(height):
        for x in range(width):
            level = image[y, x] * WHITE
            grey[y, x] = np.rint(level) if whole else level


@njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def _blur(rows, wide, grey, kernel, reach, taps, whole):  # type: ignore[no-untyped-def]
    """Blur the image in the middle of `rows` into `grey`, with `taps` pixels on either side and `wide` as a margin."""
    height, width = grey.shape
    for margin in range(1, taps + 1):
        for x in range(width):
            rows[reach - margin, x] = rows[reach + margin, x]
            rows[reach + height - 1 + margin, x] = rows[reach + height - 1 - margin, x]
    centre = kernel[reach]
    for y in range(height):
        # Slices, as an index that might be negative keeps a loop from being vectorised.
        own, between, blurred = rows[reach + y], wide[y, reach : reach + width], grey[y]
        for x in range(width):
            between[x] = centre * own[x]
        for tap in range(1, taps + 1):
            weight, above, below = kernel[reach + tap], rows[reach + y - tap], rows[reach + y + tap]
            for x in range(width):
                between[x] += weight * (above[x] + below[x])
        for margin in range(1, taps + 1):
            wide[y, reach - margin] = between[margin]
            wide[y, reach + width - 1 + margin] = between[width - 1 - margin]
        for x in range(width):
            blurred[x] = centre * between[x]
        for tap in range(1, taps + 1):
            weight, left, right = kernel[reach + tap], wide[y, reach - tap :], wide[y, reach + tap :]
            for x in range(width):
                blurred[x] += weight * (left[x] + right[x])
        if whole:
            for x in range(width):
                blurred[x] = np.rint(blurred[x])


@njit(nogil=True, cache=True, fastmath={"reassoc"})
def _total(grey):  # type: ignore[no-untyped-def]
    total = 0.0
    for y in range(len(grey)):
        row, of_row = grey[y], BLACK
        for x in range(len(row)):
            of_row += row[x]
        total += of_row
    return total


@njit(nogil=True, cache=True)
def _change(grey, factor, about_mean, whole):  # type: ignore[no-untyped-def]
    """Change the contrast about the mean, or about black, which is the brightness."""
    height, width = grey.shape
    middle = BLACK
    if about_mean:
        mean = _total(grey) / grey.size
        middle = np.float32(np.floor(mean + 0.5) if whole else mean)
    for y in range(height):
        for x in range(width):
            level = min(max((grey[y, x] - middle) * factor + middle, BLACK), WHITE)
            grey[y, x] = np.float32(np.int32(level)) if whole else level


@njit(nogil=True, cache=True, fastmath={"reassoc"})
def _foreground_mean(grey):  # type: ignore[no-untyped-def]
    for limit in LEVELS:
        total, number = 0.0, 0
        for y in range(len(grey)):
            row = grey[y]
            of_row, in_row = BLACK, NOBODY
            for x in range(len(row)):
                above = row[x] > limit
                of_row += row[x] if above else BLACK
                in_row += np.int32(1) if above else NOBODY
            total += of_row
            number += in_row
        if number:
            return np.float32(total / number)
    return np.float32(_total(grey) / grey.size)


@njit(nogil=True, cache=True)
def _finish(grey, noise, strength, inside, whole, masked, out):  # type: ignore[no-untyped-def]
    height, width = grey.shape
    for y in range(height):
        for x in range(width):
            level = min(max(grey[y, x] + strength * noise[y, x], BLACK), WHITE)
            level = np.float32(np.int32(level)) if whole else level
            out[y, x] = level / WHITE
        if masked:
            for x in range(width):
                out[y, x] *= inside[y, x]
