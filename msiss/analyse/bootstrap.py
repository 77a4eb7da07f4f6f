"""How sure a difference between two representations is: the bootstrap of paired differences."""

import numpy as np

DRAWS = 2000
BLOCK = 100  # draws at a time, so that thousands of groups need no more memory than tens
INTERVAL = (2.5, 97.5)  # percentiles: 95 %


def paired_difference(
    first: np.ndarray, second: np.ndarray, groups: np.ndarray | None = None, *, seed: int = 0
) -> tuple[float, float, float]:
    """Return the mean of `first` less `second` over the same queries, with its 95 % interval.

    Both were asked the same, so the differences are drawn again, not the values: what makes a query hard for both
    does not widen the interval (percentile bootstrap, Efron 1979).

    Parameters
    ----------
    first, second : ndarray of shape (Q,)
        What each of two representations got for each query, such as whether it found the partner, or 1 / rank.
    groups : ndarray of shape (Q,), int, optional
        Queries that may stand or fall together, such as the two of a pair: they are drawn together. By default each
        query is a group.
    seed : int
        The same seed gives the same interval.

    Returns
    -------
    mean, low, high : float
        All NaN without any query.
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
    low, high = np.percentile(means, INTERVAL)
    return float(difference.mean()), float(low), float(high)
