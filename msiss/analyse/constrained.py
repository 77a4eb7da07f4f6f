"""Consensus clustering that honours what a person said: ions of one cluster, pairs together, pairs apart.

The clusters are found anew, by average linkage of the co-association matrix as in `msiss.analyse.consensus`. Ions that
must be together are merged first, and no merge may put ions together that must be apart. What was said is honoured
exactly, but brings hardly any other ion to its right place (`benchmarks/corrections.py`); that is what
`msiss.analyse.spreading` is for.

References
----------
Davidson & Ravi, Data Min. Knowl. Discov. 2009, 18, 257: agglomerative clustering with constraints.
"""

from collections.abc import Callable
from itertools import count as count_from

import numpy as np
from scipy.optimize import linear_sum_assignment

from msiss.analyse import consensus
from msiss.analyse.clustering import by_size, check_number
from msiss.analyse.consensus import Consensus, branches, co_association, confidence_of, tree, votes_of_nearest
from msiss.analyse.constraints import FREE, Bonds, Constraints, bonds
from msiss.analyse.vectors import unit
from msiss.errors import SettingError

FIRST = -1.0  # distance of ions that must be together: less than any
NEVER = 1e9  # of ions that must be apart: the mean distance of two clusters with one such pair is still above 1


def constrained_consensus(
    vectors: np.ndarray,
    n_clusters: int,
    constraints: Constraints,
    *,
    previous: np.ndarray | None = None,
    seed: int = 0,
    progress: Callable[[float], object] | None = None,
) -> Consensus:
    """Group ions by the consensus of several clusterings, with constraints that hold in the result.

    Parameters
    ----------
    vectors : ndarray of shape (N, D)
        One vector per ion; ions are compared by the cosine.
    n_clusters : int
        Number of clusters K, from 1 to N. There are more if no two of them may be merged.
    constraints : Constraints
    previous : ndarray of shape (N,), int64, optional
        Earlier clusters. The new ones get the numbers of those with which they have the most ions in common, and the
        most typical ion of each cluster that a label names stays in it, so that the label means that cluster.
    seed : int
        The same seed gives the same clusters.
    progress : callable, optional
        Called with the fraction that is done; it may raise to stop the work.

    Returns
    -------
    Consensus
        A cluster with labelled ions has the number of their label. Without labels and earlier clusters, they are
        numbered by size.

    Raises
    ------
    SettingError
        If the constraints contradict each other, or `n_clusters` is not between 1 and N or less than the number of
        labelled clusters.
    """
    check_number(n_clusters, len(vectors))
    named = len(np.unique(constraints.labels[constraints.labels != FREE]))
    if named > n_clusters:
        raise SettingError(f"clusters: ions were put into {named} clusters. Ask for at least so many.")
    core = chosen_core(bonds(constraints), seed)
    some = constraints.subset(core)
    directions = unit(vectors[core].astype(np.float32, copy=False))
    together = co_association(directions, min(n_clusters, len(core)), seed, progress)
    if previous is not None:
        some = _anchored(some, previous[core], together)
    held = bonds(some)
    found = by_size(_linked(1.0 - together, held, min(n_clusters, len(core))))
    found = numbered(found, some.labels, None if previous is None else previous[core])
    clustered = Consensus(found, confidence_of(together, found))
    return clustered if len(core) == len(vectors) else _joined(vectors, directions, core, clustered, bonds(constraints))


def chosen_core(held: Bonds, seed: int) -> np.ndarray:
    """Return the ions that are clustered, ascending: all, or one of each bound group, further bound ones and others."""
    number = len(held.group)
    if number <= consensus.LARGEST:
        return np.arange(number)
    order = np.random.default_rng(seed).permutation(number)
    first = np.zeros(number, dtype=bool)
    first[np.unique(held.group, return_index=True)[1]] = True
    bound = held.bound
    first &= bound
    kept = [order[first[order]], order[(bound & ~first)[order]][: consensus.LARGEST // 2], order[~bound[order]]]
    return np.sort(np.concatenate(kept)[: max(consensus.LARGEST, np.count_nonzero(first))])


def numbered(clusters: np.ndarray, labels: np.ndarray, previous: np.ndarray | None) -> np.ndarray:
    """Return clusters (N,), from 0, with the numbers of their labelled ions, else of the earlier clusters most like.

    Parameters
    ----------
    clusters : ndarray of shape (N,), int64
    labels : ndarray of shape (N,), int64
        `FREE` for most; all labels in one cluster are equal.
    previous : ndarray of shape (N,), int64, optional
        Earlier clusters; clusters that are matched to none get the next free numbers.
    """
    count = int(clusters.max()) + 1
    number = np.full(count, FREE, dtype=np.int64)
    known = labels != FREE
    number[clusters[known]] = labels[known]
    earlier = np.zeros(0, dtype=np.int64) if previous is None else np.unique(previous)
    left, free = np.flatnonzero(number == FREE), np.setdiff1d(earlier, number)
    if len(left) and len(free):
        common = np.array(
            [[np.count_nonzero((clusters == one) & (previous == other)) for other in free] for one in left]
        )
        rows, columns = linear_sum_assignment(common, maximize=True)
        matched = common[rows, columns] > 0
        number[left[rows[matched]]] = free[columns[matched]]
    taken = {*number.tolist(), *earlier.tolist()}
    unused = (candidate for candidate in count_from(0) if candidate not in taken)
    for one in np.flatnonzero(number == FREE):
        number[one] = next(unused)
    return number[clusters]


def _linked(distances: np.ndarray, held: Bonds, n_clusters: int) -> np.ndarray:
    """Return clusters (N,) by average linkage of distances in [0, 1], (N, N)."""
    group, label = held.group, held.label[held.group]
    known = label != FREE
    forbidden = np.zeros((len(held.label),) * 2, dtype=bool)
    forbidden[held.apart[:, 0], held.apart[:, 1]] = forbidden[held.apart[:, 1], held.apart[:, 0]] = True
    changed = np.where(forbidden[group[:, None], group], NEVER, distances.astype(np.float64))
    changed[(label[:, None] != label) & known[:, None] & known] = NEVER
    changed[group[:, None] == group] = FIRST
    np.fill_diagonal(changed, 0)
    if len(group) == 1:
        return np.zeros(1, dtype=np.int64)
    merges = tree(changed, "average")
    most = int(np.count_nonzero(merges[:, 2] <= 1 + 1e-6))
    least = len(group) - len(held.label)  # merges of what must be together
    return branches(merges, len(group) - max(min(most, len(group) - n_clusters), least))


def _anchored(constraints: Constraints, previous: np.ndarray, together: np.ndarray) -> Constraints:
    """Label the most typical ion of each earlier cluster that a label names, among those that nothing is said about."""
    labels = constraints.labels.copy()
    free = ~bonds(constraints).bound
    for cluster in np.unique(labels[labels != FREE]):
        members = np.flatnonzero((previous == cluster) & free)
        if len(members):
            labels[members[together[np.ix_(members, members)].sum(axis=1).argmax()]] = cluster
    return Constraints(labels, constraints.together, constraints.apart)


def _joined(
    vectors: np.ndarray, directions: np.ndarray, core: np.ndarray, clustered: Consensus, held: Bonds
) -> Consensus:
    """Let all ions join the clusters of the core, those about which something was said where they must be."""
    numbers, column = np.unique(clustered.clusters, return_inverse=True)
    membership = np.eye(len(numbers), dtype=np.float32)[column] * clustered.confidence[:, None]
    votes = votes_of_nearest(vectors, directions, membership)
    bound = held.bound
    of_group = np.full(len(held.label), FREE, dtype=np.int64)
    of_group[held.group[core]] = clustered.clusters
    clusters = numbers[votes.argmax(axis=1)]
    clusters[core] = clustered.clusters
    clusters[bound] = of_group[held.group[bound]]
    confidence = votes[np.arange(len(votes)), np.searchsorted(numbers, clusters)]
    confidence[core] = clustered.confidence
    return Consensus(clusters, confidence)
