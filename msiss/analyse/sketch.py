"""Sketches: vectors of thousands of pixels as two thousand numbers, for more ions than can be compared exactly.

What vectors have in common is kept exactly, along their principal axes. What is left of each, mostly its own noise,
matters by its length and is cast along random directions, which keep lengths (Johnson & Lindenstrauss 1984). Without
it, the noisiest ions would seem as sharp as the others, and more alike than they are.
"""

import numpy as np

# Of more ions than that, or more numbers (1 GB), vectors are kept as sketches.
MOST_EXACT = 5000
MOST_NUMBERS = 2**28
# Principal axes are taken from so many vectors at most, spread evenly over all: more add cost, not directions.
LANDMARKS = 2000
AXES = 1024
RANDOM = 1024  # an inner product errs by about 1 / sqrt(1024) = 3 % of the product of the two lengths that are left


def landmarks(number: int) -> np.ndarray:
    """Return the indices of at most `LANDMARKS` of `number` vectors, spread evenly."""
    return np.linspace(0, number - 1, min(number, LANDMARKS)).round().astype(int)


def too_large(number: int, dimensions: int) -> bool:
    """Return whether so many vectors of so many dimensions are to be kept as sketches."""
    return dimensions > AXES + RANDOM and (number > MOST_EXACT or number * dimensions > MOST_NUMBERS)


def shorten(vectors: np.ndarray) -> np.ndarray:
    """Return vectors of shape (N, P) as they are, or their sketch (N, D), float32, where they are `too_large`."""
    if not too_large(*vectors.shape):
        return vectors
    return vectors @ fit_sketch(vectors[landmarks(len(vectors))])


def fit_sketch(sample: np.ndarray, *, seed: int = 0) -> np.ndarray:
    """Return the matrix that takes vectors to their sketch, by a product from the right.

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
    sample = sample.astype(np.float32)
    variances, left = np.linalg.eigh((sample @ sample.T).astype(np.float64))  # ascending
    kept = (variances > 1e-6 * max(variances[-1], 1e-30)).nonzero()[0][-AXES:]
    axes = sample.T @ (left[:, kept] / np.sqrt(variances[kept])).astype(np.float32)  # (P, A), of length 1
    random = np.random.default_rng(seed).standard_normal((sample.shape[1], RANDOM), dtype=np.float32)
    random /= np.float32(np.sqrt(RANDOM))
    random -= axes @ (axes.T @ random)
    return np.concatenate([axes, random], axis=1)
