"""Pairs of ions that two measures of similarity judge most differently."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from msiss.analyse.partners import ranks_of
from msiss.analyse.similarity import BLOCK_BYTES, TIE, cosine_blocks

NEAR = 10  # as the ten nearest ions on which the graph of the clusters is made
NEAR_SHARE = 0.1  # of the partners at most, so that among a few ions not all pairs are near
COLUMNS = {
    "i": np.int64,
    "j": np.int64,
    "first_cosine": np.float32,
    "second_cosine": np.float32,
    "first_rank": np.float64,
    "second_rank": np.float64,
    "difference": np.float64,
}


def disagreements(
    first: np.ndarray,
    second: np.ndarray,
    *,
    number: int = 20,
    most_per_ion: int = 2,
    near: int = NEAR,
    progress: Callable[[float], object] | None = None,
) -> pd.DataFrame:
    """Find the pairs of ions that two measures judge most differently.

    Every measure has its own scale, so the cosines themselves cannot be compared. The rank of a pair is the mean of
    the ranks that each of its ions has among all partners of the other, from 1; its percentile goes from 1 for the
    nearest to 0 for the farthest pair. Pairs are compared by the difference of their percentiles.

    Only pairs that are near by one of the measures, of rank `near` at most, and not near by the other count. Whether
    two ions are somewhat or very different, which is most of what measures disagree about, nobody can see, and it has
    no consequence: no list of nearest ions has such a pair.

    Parameters
    ----------
    first, second : ndarray of shape (N, D)
        One vector per ion by each measure; D may differ.
    number : int
        Pairs to find. Half of them are near by the first and half by the second measure, if there are as many:
        otherwise a measure that is near to few would be asked about most.
    most_per_ion : int
        Pairs that an ion may be in, for variety: an ion that a measure misplaces is in many pairs.
    near : int
        Largest rank of a near pair; at most a tenth of the partners, but at least 1.
    progress : callable, optional
        Called with the completed fraction, 0 to 1; it may raise to stop the search.

    Returns
    -------
    DataFrame
        One row per pair, the largest difference first: i and j (int64, i < j), first_cosine and second_cosine
        (float32), first_rank and second_rank (float64, halves where the two ranks differ), and difference (float64,
        -1 to 1, positive if the pair is nearer by the first measure). Each pair is found once.
    """
    ions = len(first)
    if len(second) != ions:
        raise ValueError(f"The measures are of {ions} and of {len(second)} ions.")
    if ions < 3:  # a single pair has no percentile
        return _table(np.zeros((0, 2), np.int64), np.zeros((0, 2), np.float32), np.zeros((0, 2), np.int64), 1)
    near = max(1, min(near, int(NEAR_SHARE * (ions - 1))))
    pairs, cosines, ranks = _near_pairs(first, second, near, progress or (lambda _fraction: None))
    chosen = _varied(pairs, ranks[:, 1] - ranks[:, 0], number, most_per_ion)
    return _table(pairs[chosen], cosines[chosen], ranks[chosen], ions - 2)


def _near_pairs(
    first: np.ndarray, second: np.ndarray, near: int, progress: Callable[[float], object]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the pairs (P, 2) that are near by one measure, and by both the cosines and twice the ranks, (P, 2).

    The cosines of all pairs are not kept: if the mean of two ranks is at most `near`, each is at most 2 near - 1.
    """
    ions, widest = len(first), max(first.shape[1], second.shape[1])
    size = max(1, BLOCK_BYTES // (16 * (ions + widest)))
    blocks = zip(cosine_blocks(first, first, size=size), cosine_blocks(second, second, size=size), strict=True)
    found = []
    for (rows, one), (_, other) in blocks:
        progress(rows.start / ions)
        for place, ion in enumerate(range(rows.start, rows.stop)):
            found.append(_candidates(ion, one[place], other[place], 2 * near - 1))
    own, partner, *values = (np.concatenate(column) for column in zip(*found, strict=True))
    forward = own < partner
    low, high = np.minimum(own, partner), np.maximum(own, partner)
    code = low * ions + high
    # Both directions of each pair, in the same order; a pair that one ion alone finds near has no second one.
    code_forward, code_back = code[forward], code[~forward]
    _, there, back = np.intersect1d(code_forward, code_back, assume_unique=True, return_indices=True)
    cosines = np.stack([one[forward][there] for one in values[:2]], axis=1)
    ranks = np.stack([one[forward][there] + one[~forward][back] for one in values[2:]], axis=1)
    pairs = np.stack([low[forward][there], high[forward][there]], axis=1)
    kept = (ranks <= 2 * near).sum(axis=1) == 1
    return pairs[kept], cosines[kept], ranks[kept]


def _candidates(ion: int, first: np.ndarray, second: np.ndarray, most: int) -> tuple[np.ndarray, ...]:
    """Return the ion, its partners of rank `most` at most by either measure, their cosines and ranks by both."""
    others = [np.sort(np.delete(cosines, ion)) for cosines in (first, second)]
    near = np.zeros(len(first), dtype=bool)
    for cosines, ascending in zip((first, second), others, strict=True):
        if most < len(ascending):
            near |= cosines - np.float32(TIE) > ascending[-most - 1]
        else:
            near[:] = True
    near[ion] = False
    partners = np.flatnonzero(near)
    known = first[partners], second[partners]
    ranks = (ranks_of(ascending, cosines) for ascending, cosines in zip(others, known, strict=True))
    return np.full(len(partners), ion), partners, *known, *ranks


def _varied(pairs: np.ndarray, differences: np.ndarray, number: int, most_per_ion: int) -> np.ndarray:
    """Return the rows of the largest differences, half of each sign if there are as many, with few pairs per ion."""
    order = np.lexsort((pairs[:, 1], pairs[:, 0], -np.abs(differences)))
    times = np.zeros(pairs.max(initial=0) + 1, dtype=np.int64)
    taken = np.zeros(len(pairs), dtype=bool)

    def take(rows: np.ndarray, wanted: int) -> None:
        for row in rows:
            if not wanted:
                return
            if not taken[row] and (times[pairs[row]] < most_per_ion).all():
                taken[row] = True
                times[pairs[row]] += 1
                wanted -= 1

    take(order[differences[order] > 0], number - number // 2)
    take(order[differences[order] < 0], number // 2)
    take(order, number - int(taken.sum()))
    return order[taken[order]]


def _table(pairs: np.ndarray, cosines: np.ndarray, doubled: np.ndarray, span: int) -> pd.DataFrame:
    columns = [*pairs.T, *cosines.T, *(doubled / 2).T, (doubled[:, 1] - doubled[:, 0]) / (2 * span)]
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True))).astype(COLUMNS)
