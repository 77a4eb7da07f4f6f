"""Matching of m/z values within a tolerance in ppm."""

import numpy as np


def nearest_within(mz: np.ndarray, listed: np.ndarray, *, ppm: float) -> np.ndarray:
    """Return the index of the listed m/z nearest to each m/z, or -1 if none is within the tolerance.

    Parameters
    ----------
    mz : ndarray of shape (N,)
        m/z in Th.
    listed : ndarray of shape (M,)
        m/z in Th, in any order.
    ppm : float
        Tolerance in parts per million of `mz`.

    Returns
    -------
    ndarray of shape (N,), int64
    """
    if not len(listed):
        return np.full(len(mz), -1)
    order = np.argsort(listed, kind="stable")
    right = np.clip(np.searchsorted(listed[order], mz), 1, max(len(listed) - 1, 1))
    candidates = order[np.stack([right - 1, np.minimum(right, len(listed) - 1)])]  # (2, N)
    distance = np.abs(listed[candidates] - mz)
    best = distance.argmin(axis=0)
    columns = np.arange(len(mz))
    within = distance[best, columns] <= ppm * 1e-6 * mz
    return np.where(within, candidates[best, columns], -1)
