"""All other ions as partners of an ion, by how similar they are to it."""

import numpy as np

from msiss.analyse.similarity import TIE, cosine_blocks


def partners(features: np.ndarray, ions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how similar all ions are to some ions, and the rank of each among the partners of these.

    Parameters
    ----------
    features : ndarray of shape (N, D)
        One vector per ion; N at least 2.
    ions : ndarray of shape (M,), int
        The ions whose partners are ranked.

    Returns
    -------
    cosines : ndarray of shape (M, N), float32
        1 for an ion with itself.
    ranks : ndarray of shape (M, N), int64
        From 1, the most similar of the N - 1 others; 0 for the ion itself. In ties, as in `similarity.ranks`, all get
        the worst rank, so that a measure that does not distinguish the ions finds none of them near.
    """
    ions = np.asarray(ions)
    cosines = np.empty((len(ions), len(features)), dtype=np.float32)
    # The few ions are the gallery, so that the others are processed block by block.
    for rows, block in cosine_blocks(features, features[ions]):
        cosines[:, rows] = block.T
    cosines[np.arange(len(ions)), ions] = 1
    places = np.empty(cosines.shape, dtype=np.int64)
    for ion, row, place in zip(ions, cosines, places, strict=True):
        place[:] = ranks_of(np.sort(np.delete(row, ion)), row)
        place[ion] = 0
    return cosines, places


def ranks_of(others: np.ndarray, cosines: np.ndarray) -> np.ndarray:
    """Return the rank of `cosines` among those of all partners of an ion, `others`, which are ascending."""
    return len(others) - np.searchsorted(others, cosines - np.float32(TIE), side="left")


def by_rank(ranks: np.ndarray) -> np.ndarray:
    """Return the partners of an ion, the most similar first and without itself, given their `ranks` (N,)."""
    order = np.argsort(ranks, kind="stable")
    return order[ranks[order] > 0]
