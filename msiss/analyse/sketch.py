"""Sketches: random projections of vectors, for more ions than can be compared exactly.

Components along the leading principal axes are kept exactly. The residuals, mostly noise, are projected onto random
directions, which approximately preserve lengths (Johnson & Lindenstrauss 1984). Without the residuals, the cosines of
noisy ions would be overestimated.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from msiss.analyse.parallel import each
from msiss.analyse.similarity import compact

Map = Callable[[Any], np.ndarray]  # from images (M, ...) to vectors (M, P)

# Above this number of ions, or of values (512 MB), vectors are stored as sketches: everything after them, from the
# graph of neighbours to the maps, then takes time and memory in proportion to 2048 numbers per ion.
MOST_EXACT = 3000
MOST_NUMBERS = 2**27
# Principal axes are computed from at most so many vectors, evenly spaced over all: more add cost but few directions.
LANDMARKS = 2000
AXES = 1024
RANDOM = 1024  # the error of an inner product is about 1 / sqrt(1024) = 3 % of the product of the residual lengths

ROWS = 4096  # of a large product at a time


def landmarks(number: int) -> np.ndarray:
    """Return the indices of at most `LANDMARKS` of `number` vectors, evenly spaced."""
    return np.linspace(0, number - 1, min(number, LANDMARKS)).round().astype(int)


def too_large(number: int, dimensions: int) -> bool:
    """Return whether so many vectors of so many dimensions are to be stored as sketches."""
    return dimensions > AXES + RANDOM and (number > MOST_EXACT or number * dimensions > MOST_NUMBERS)


def shorten(vectors: np.ndarray) -> np.ndarray:
    """Return vectors (N, P) of at most 2048 numbers unchanged, and of longer ones what is `compact`, or their sketch.

    Their sketch, shape (N, D), float32, if they are `too_large`.
    """
    if too_large(*vectors.shape):
        return vectors @ fit_sketch(vectors[landmarks(len(vectors))])
    return compact(vectors) if vectors.shape[1] > AXES + RANDOM else vectors


def stacked(transform: Map, images: Any, block: int, *, threads: int | None = None) -> np.ndarray:
    """Return the vectors (N, P), float32, of a stack of images (N, ...), mapped in blocks.

    Parameters
    ----------
    transform : callable
        Maps images to vectors.
    images : ndarray or another sequence that can be sliced
    block : int
        Images at a time.
    threads : int, optional
        Blocks at the same time; by default as `msiss.analyse.parallel.each` does.
    """
    number = len(images)
    if not number:
        return np.empty((0, 0), dtype=np.float32)
    whole = np.empty((number, transform(images[:1]).shape[1]), dtype=np.float32)

    def fill(start: int) -> None:
        whole[start : start + block] = transform(images[start : start + block])

    each(fill, range(0, number, block), threads=threads)
    return whole


def mapped(transform: Map, images: Any, block: int, *, threads: int | None = None) -> np.ndarray:
    """Return what `stacked` gives, or its sketch if that is `too_large`, which is then never in memory as a whole."""
    number = len(images)
    if not too_large(number, transform(images[:1]).shape[1]):
        return stacked(transform, images, block, threads=threads)
    sketch = fit_sketch(stacked(transform, images[landmarks(number)], block, threads=threads))
    return stacked(lambda some: transform(some) @ sketch, images, block, threads=threads)


def fit_sketch(sample: np.ndarray, *, seed: int = 0) -> np.ndarray:
    """Return the matrix that maps vectors to their sketch, as ``vectors @ matrix``.

    Parameters
    ----------
    sample : ndarray of shape (M, P)
        Some of the vectors, such as the `landmarks`.
    seed : int
        Of the random directions.

    Returns
    -------
    ndarray of shape (P, D), float32
        D is at most `AXES` + `RANDOM`.
    """
    sample = sample.astype(np.float32, copy=False)
    variances, left = np.linalg.eigh((sample @ sample.T).astype(np.float64))  # ascending
    kept = (variances > 1e-6 * max(variances[-1], 1e-30)).nonzero()[0][-AXES:]
    axes = sample.T @ (left[:, kept] / np.sqrt(variances[kept])).astype(np.float32)  # (P, A), of length 1
    del sample  # as large as the sketch
    matrix = np.empty((len(axes), axes.shape[1] + RANDOM), dtype=np.float32)
    matrix[:, : axes.shape[1]] = axes
    random, drawn = matrix[:, axes.shape[1] :], np.random.default_rng(seed)
    rows = [slice(start, start + ROWS) for start in range(0, len(matrix), ROWS)]
    for some in rows:
        random[some] = drawn.standard_normal(random[some].shape, dtype=np.float32) / np.float32(np.sqrt(RANDOM))
    along = axes.T @ random
    for some in rows:
        random[some] -= axes[some] @ along
    return matrix
