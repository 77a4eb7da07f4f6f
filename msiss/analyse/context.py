"""Similarity in context: ions are compared by their neighbours, too, and ions that resemble everything are corrected.

Two facts about nearest neighbours among many images are used. Images of one pattern have neighbours in common, so the
similarity of the neighbours of two ions confirms or contradicts their own, with the noise of many images averaged
(query expansion, Chum et al., ICCV 2007). And some images, such as smooth or bright ones, are near to many others
without sharing their pattern (hubs, Radovanovic et al., J. Mach. Learn. Res. 2010, 11, 2487). The mean similarity of an
ion to its nearest ions measures that, and similarities are divided by it (local scaling, Zelnik-Manor & Perona, NIPS
2004; CSLS, Conneau et al., ICLR 2018, subtracts it, which makes faint images similar to nothing).

The numbers were chosen on the open real sets, see `benchmarks/RESEARCH.md`.
"""

import numpy as np

from msiss.analyse.similarity import TIE, compact, spread_of_pairs
from msiss.analyse.sketch import MOST_EXACT, RANDOM, landmarks
from msiss.analyse.vectors import unit

NEIGHBOURS = 10
LEAST_HUB = 0.5  # of the median: ions that resemble none must not be divided by next to nothing
BLOCK = 1000  # ions at a time


def contextual_similarity(similarity: np.ndarray, share: float | None) -> np.ndarray:
    """Return the similarity in context between two measurements of the same ions, such as halves of a checkerboard.

    Nothing is computed from the similarity of images of the same measurement, as these have noise in common.

    Parameters
    ----------
    similarity : ndarray of shape (N, N)
        Cosines of the ions in the first measurement (rows) with those in the second one (columns).
    share : float
        Weight of the similarity of the neighbours, in standard deviations, relative to that of the ions themselves; 0
        for the correction of hubs alone; None if there is no context.

    Returns
    -------
    ndarray of shape (N, N), float64
        Comparable within the matrix only. Without context, and of less than three ions, that which was given.
    """
    similarity = similarity.astype(np.float64)
    if share is None or len(similarity) < 3:
        return similarity
    rows, columns = _near(similarity), _near(similarity.T)
    mixed = similarity / spread_of_pairs(similarity)
    if share:
        between = rows @ similarity @ columns.T
        mixed += share * between / spread_of_pairs(between)
    return mixed / np.sqrt(_at_least(_hubs(mixed))[:, None] * _at_least(_hubs(mixed.T)))


def contextual_vectors(vectors: np.ndarray, share: float | None) -> np.ndarray:
    """Return vectors whose cosines are the similarity in context, up to a factor.

    Parameters
    ----------
    vectors : ndarray of shape (N, D)
        One vector per ion, compared by the cosine.
    share : float
        As for `contextual_similarity`.

    Returns
    -------
    ndarray of shape (N, D'), float32
        Unit vectors with D' at most N, or of more than 3,000 ions 2 D + 1024; a zero vector stays zero. Less than three
        ions have no context: their unit vectors are returned. Without context, the vectors that were given.
    """
    if share is None:
        return vectors
    if len(vectors) < 3:
        return unit(vectors).astype(np.float32)
    scaled = Gallery(vectors, share).scaled
    lengths = (scaled**2).sum(axis=1)
    # Cosines divide by the lengths, which would undo the scaling: a dimension that no other ion has makes them equal.
    own = np.sqrt(lengths.max() - lengths)
    alive = vectors.any(axis=1, keepdims=True)
    if len(vectors) <= MOST_EXACT:
        return unit(compact(np.concatenate([scaled, np.diag(own)], axis=1) * alive)).astype(np.float32)
    directions = np.random.default_rng(0).standard_normal((len(vectors), RANDOM), dtype=np.float32)
    return unit(np.concatenate([scaled, own[:, None] * unit(directions)], axis=1) * alive).astype(np.float32)


class Gallery:
    """Ions in context, with which further images can be compared.

    Parameters
    ----------
    vectors : ndarray of shape (N, D)
        One vector per ion, compared by the cosine; N at least 3. Neighbours are looked for among the landmarks of many.
    share : float
        As for `contextual_similarity`.

    Attributes
    ----------
    scaled : ndarray of shape (N, D or 2 D), float32
        Vectors of the ions and their neighbours, divided by the root of the mean inner product of each ion with its
        nearest ions; their inner products are the similarities in context.
    """

    def __init__(self, vectors: np.ndarray, share: float) -> None:
        self._share = share
        directions = unit(vectors.astype(np.float32))
        self._chosen = landmarks(len(vectors)) if len(vectors) > MOST_EXACT else np.arange(len(vectors))
        self._known = directions[self._chosen]
        similarity = self._known.astype(np.float64) @ self._known.T
        self._scale = np.sqrt(spread_of_pairs(similarity))
        if share:
            near = _near(similarity)
            self._neighbours_scale = np.sqrt(spread_of_pairs(near @ similarity @ near.T) / share)
        vectors = np.concatenate(
            [self._with_neighbours(directions[block], self._itself(block)) for block in self._blocks(len(vectors))]
        )
        known = vectors[self._chosen].T
        hubs = [
            _mean_of_largest(np.where(self._itself(block), -np.inf, vectors[block] @ known))
            for block in self._blocks(len(vectors))
        ]
        self.scaled = vectors / np.sqrt(_at_least(np.concatenate(hubs)))[:, None]

    def similarity(self, queries: np.ndarray) -> np.ndarray:
        """Return the similarity in context of other images, vectors of shape (M, D), with the ions, shape (M, N).

        It is comparable for each image by itself.
        """
        directions = unit(queries.astype(np.float32))
        return self._with_neighbours(directions, None) @ self.scaled.T

    def _with_neighbours(self, directions: np.ndarray, itself: np.ndarray | None) -> np.ndarray:
        own = directions / self._scale
        if not self._share:
            return own.astype(np.float32)
        near = _nearest(directions @ self._known.T, itself, number_of_neighbours(len(self._known)))
        return np.concatenate([own, near @ self._known / self._neighbours_scale], axis=1).astype(np.float32)

    def _itself(self, block: slice) -> np.ndarray:
        """Return where the ions of a block (rows) are themselves the known ones (columns)."""
        return np.arange(block.start, block.stop)[:, None] == self._chosen

    @staticmethod
    def _blocks(number: int) -> list[slice]:
        return [slice(start, min(start + BLOCK, number)) for start in range(0, number, BLOCK)]


def _near(similarity: np.ndarray) -> np.ndarray:
    """Return the weights (N, N) of the nearest other ions of each ion (rows)."""
    return _nearest(similarity, np.eye(len(similarity), dtype=bool), number_of_neighbours(len(similarity)))


def _nearest(similarity: np.ndarray, itself: np.ndarray | None, number: int) -> np.ndarray:
    """Return equal weights, in all 1, of the nearest ions of each row and those that tie with the last of them."""
    others = similarity if itself is None else np.where(itself, -np.inf, similarity)
    last = np.partition(others, -number, axis=1)[:, [-number]]
    near = (others >= last - TIE).astype(similarity.dtype)
    return near / near.sum(axis=1, keepdims=True)


def number_of_neighbours(ions: int) -> int:
    """Return the number of neighbours among so many ions: of few ions, not more than a quarter."""
    return min(NEIGHBOURS, max(1, ions // 4))


def _hubs(similarity: np.ndarray) -> np.ndarray:
    return _mean_of_largest(np.where(np.eye(len(similarity), dtype=bool), -np.inf, similarity))


def _mean_of_largest(others: np.ndarray) -> np.ndarray:
    number = min(NEIGHBOURS, others.shape[1] - 1)
    return np.partition(others, -number, axis=1)[:, -number:].mean(axis=1)


def _at_least(hubs: np.ndarray) -> np.ndarray:
    return np.maximum(hubs, max(LEAST_HUB * float(np.median(hubs)), TIE))
