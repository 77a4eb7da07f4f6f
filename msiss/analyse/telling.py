"""What tells a cluster from the rest: where its ions are brighter than the others, and how typical each ion is."""

from dataclasses import dataclass

import numpy as np

from msiss.analyse.vectors import unit

MOST = 400  # ions whose spread is measured, evenly spaced: more change the median hardly
ROBUST = 1.4826  # from the median absolute deviation to the standard deviation of a normal distribution
LEAST_SPREAD = 0.5  # of the median spread of all pixels: a pixel where the others are equal would be infinitely bright


@dataclass(frozen=True, eq=False)
class Telling:
    """What tells a cluster from the rest.

    Attributes
    ----------
    difference : ndarray of shape (H, W), float32
        By how many robust standard deviations of the other ions the cluster is brighter than these, in the mean; NaN
        outside the mask.
    ions : ndarray of shape (n,), int64
        Its ions, the most typical first.
    typical : ndarray of shape (n,), float32
        How typical each of them is: mean cosine to the others of the cluster; 1 for an ion alone.
    """

    difference: np.ndarray
    ions: np.ndarray
    typical: np.ndarray


def telling(images: np.ndarray, mask: np.ndarray, vectors: np.ndarray, clusters: np.ndarray, cluster: int) -> Telling:
    """Return what tells a cluster from the rest.

    Parameters
    ----------
    images : ndarray of shape (N, H, W)
        Cleaned ion images. Each counts relative to its own mean inside the mask.
    mask : ndarray of shape (H, W), bool
        True where a spectrum was measured.
    vectors : ndarray of shape (N, D)
        One per ion, compared by the cosine.
    clusters : ndarray of shape (N,), int64
    cluster : int
        A cluster that has ions.

    Returns
    -------
    Telling
    """
    members = np.flatnonzero(clusters == cluster)
    ions, typical = typicality(vectors, members)
    return Telling(difference(images, mask, members), ions, typical)


def difference(images: np.ndarray, mask: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Return where some of the ion images are brighter than the others; see `Telling.difference`.

    Parameters
    ----------
    images, mask
        As for `telling`.
    members : ndarray of shape (n,), int
        The ions that are compared with all others. If there are no others, the difference is 0.
    """
    found = np.full(mask.shape, np.nan, dtype=np.float32)
    others = np.setdiff1d(np.arange(len(images)), members)
    found[mask] = 0
    if not len(others) or not len(members):
        return found
    sample = others[np.linspace(0, len(others) - 1, min(len(others), MOST)).round().astype(int)]
    rest = _relative(images, mask, sample)
    middle = np.median(rest, axis=0)
    spread = ROBUST * np.median(np.abs(rest - middle), axis=0)
    usual = float(np.median(spread[spread > 0])) if (spread > 0).any() else 1.0
    found[mask] = (_mean(images, mask, members) - _mean(images, mask, others)) / np.maximum(
        spread, LEAST_SPREAD * usual
    )
    return found


def typicality(vectors: np.ndarray, members: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the ions of a cluster, the most typical first, and the mean cosine of each to the others.

    Parameters
    ----------
    vectors : ndarray of shape (N, D)
    members : ndarray of shape (n,), int

    Returns
    -------
    ions : ndarray of shape (n,), int64
    typical : ndarray of shape (n,), float32
    """
    directions = unit(vectors[members].astype(np.float64))
    if len(members) < 2:
        return np.asarray(members, dtype=np.int64), np.ones(len(members), dtype=np.float32)
    cosines = (directions @ directions.sum(axis=0) - (directions**2).sum(axis=1)) / (len(members) - 1)
    order = np.argsort(-cosines, kind="stable")
    return np.asarray(members, dtype=np.int64)[order], cosines[order].astype(np.float32)


def _relative(images: np.ndarray, mask: np.ndarray, ions: np.ndarray) -> np.ndarray:
    """Return the measured pixels of some images over their means, (n, P), float32; an empty image stays 0."""
    values = np.asarray(images[ions], dtype=np.float32)[:, mask]
    means = values.mean(axis=1, keepdims=True)
    return values / np.where(means > 0, means, 1)


def _mean(images: np.ndarray, mask: np.ndarray, ions: np.ndarray) -> np.ndarray:
    """Return the mean of some relative images, (P,), read in blocks."""
    total = np.zeros(np.count_nonzero(mask), dtype=np.float64)
    for start in range(0, len(ions), MOST):
        total += _relative(images, mask, ions[start : start + MOST]).sum(axis=0)
    return total / len(ions)
