"""Sketches: random projections of vectors, for more ions than can be compared exactly.

Components along the leading principal axes are kept exactly. The residuals, mostly noise, are projected onto random
directions, which approximately preserve lengths (Johnson & Lindenstrauss 1984). Without the residuals, the cosines of
noisy ions would be overestimated.
"""

import numpy as np

# Above this number of ions, or of values (1 GB), vectors are stored as sketches.
MOST_EXACT = 5000
MOST_NUMBERS = 2**28
# Principal axes are computed from at most so many vectors, evenly spaced over all: more add cost but few directions.
LANDMARKS = 2000
AXES = 1024
RANDOM = 1024  # the error of an inner product is about 1 / sqrt(1024) = 3 % of the product of the residual lengths


def landmarks(number: int) -> np.ndarray:
    """Return the indices of at most `LANDMARKS` of `number` vectors, evenly spaced."""
    return np.linspace(0, number - 1, min(number, LANDMARKS)).round().astype(int)


def too_large(number: int, dimensions: int) -> bool:
    """Return whether so many vectors of so many dimensions are to be stored as sketches."""
    return dimensions > AXES + RANDOM and (number > MOST_EXACT or number * dimensions > MOST_NUMBERS)


def shorten(vectors: np.ndarray) -> np.ndarray:
    """Return vectors of shape (N, P) unchanged, or their sketch (N, D), float32, if they are `too_large`."""
    if not too_large(*vectors.shape):
        return vectors
    return vectors @ fit_sketch(vectors[landmarks(len(vectors))])


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
    sample = sample.astype(np.float32)
    variances, left = np.linalg.eigh((sample @ sample.T).astype(np.float64))  # ascending
    kept = (variances > 1e-6 * max(variances[-1], 1e-30)).nonzero()[0][-AXES:]
    axes = sample.T @ (left[:, kept] / np.sqrt(variances[kept])).astype(np.float32)  # (P, A), of length 1
    random = np.random.default_rng(seed).standard_normal((sample.shape[1], RANDOM), dtype=np.float32)
    random /= np.float32(np.sqrt(RANDOM))
    random -= axes @ (axes.T @ random)
    return np.concatenate([axes, random], axis=1)
