"""Confidence intervals of the difference between two representations: the bootstrap of paired differences."""

import numpy as np

DRAWS = 2000
BLOCK = 100  # draws at a time, which bounds the memory for thousands of groups
LEVEL = 0.95  # of the interval


def paired_difference(
    first: np.ndarray, second: np.ndarray, groups: np.ndarray | None = None, *, level: float = LEVEL, seed: int = 0
) -> tuple[float, float, float]:
    """Return the mean of `first` less `second` over the same queries, with its interval.

    The differences are resampled, not the values, as both representations answer the same queries: the difficulty that
    a query has for both does not widen the interval (percentile bootstrap, Efron 1979).

    Parameters
    ----------
    first, second : ndarray of shape (Q,)
        Result of each of two representations for each query, such as whether it found the partner, or 1 / rank.
    groups : ndarray of shape (Q,), int, optional
        Group of each query. Queries whose results are correlated, such as the two of a pair, are resampled together.
        By default each query is a group.
    level : float
        Probability of the interval, 95 % by default.
    seed : int
        The same seed gives the same interval.

    Returns
    -------
    mean, low, high : float
        NaN if there are no queries.
    """
    difference = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    if not len(difference):
        return float("nan"), float("nan"), float("nan")
    member = np.arange(len(difference)) if groups is None else np.unique(groups, return_inverse=True)[1]
    sums, sizes = np.bincount(member, difference), np.bincount(member)
    rng = np.random.default_rng(seed)
    even = np.full(len(sums), 1 / len(sums))
    times = (rng.multinomial(len(sums), even, size=BLOCK) for _ in range(DRAWS // BLOCK))  # (BLOCK, groups) each
    means = np.concatenate([drawn @ sums / (drawn @ sizes) for drawn in times])
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(difference.mean()), float(low), float(high)
