"""Comparison of several clusterings of the same ions, whose numbers of clusters and numbering may differ."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score


@dataclass(frozen=True, eq=False)
class Matching:
    """Two clusterings of N ions, with the clusters of the second matched to those of the first.

    Attributes
    ----------
    first, second : ndarray of shape (K,) and (L,), int64
        Numbers of the clusters that have ions, ascending.
    table : ndarray of shape (K, L), int64
        Number of ions that two clusters share.
    partners : dict of int to int
        Cluster of the first by that of the second: one to one, so that together they share as many ions as possible.
        Clusters that share no ion with what would be left for them have none.
    moved : ndarray of shape (N,), bool
        Whether an ion is in clusters that are not partners.
    ari, ami : float
        Adjusted Rand index and adjusted mutual information: 1 for the same clusters, about 0 for random ones.
    """

    first: np.ndarray
    second: np.ndarray
    table: np.ndarray
    partners: dict[int, int]
    moved: np.ndarray
    ari: float
    ami: float

    def ordered(self) -> np.ndarray:
        """Return the places in `second`, shape (L,), partners first, in the order of the clusters of the first."""
        places = {int(cluster): place for place, cluster in enumerate(self.second)}
        partner_of = {first: second for second, first in self.partners.items()}
        matched = [places[partner_of[int(cluster)]] for cluster in self.first if int(cluster) in partner_of]
        return np.array([*matched, *sorted(set(places.values()) - set(matched))], dtype=np.int64)


def match(first: np.ndarray, second: np.ndarray) -> Matching:
    """Match the clusters of two clusterings by the ions that they share (Hungarian method).

    Parameters
    ----------
    first, second : ndarray of shape (N,), int
        Cluster of each ion, N at least 1. Known classes serve as well.
    """
    rows, row_of = np.unique(first, return_inverse=True)
    columns, column_of = np.unique(second, return_inverse=True)
    table = np.zeros((len(rows), len(columns)), dtype=np.int64)
    np.add.at(table, (row_of, column_of), 1)
    partners = {
        int(columns[column]): int(rows[row])
        for row, column in zip(*linear_sum_assignment(table, maximize=True), strict=True)
        if table[row, column]
    }
    moved = np.array([partners.get(int(b)) != a for a, b in zip(first.tolist(), second.tolist(), strict=True)], bool)
    return Matching(
        first=rows.astype(np.int64),
        second=columns.astype(np.int64),
        table=table,
        partners=partners,
        moved=moved,
        ari=float(adjusted_rand_score(first, second)),
        ami=float(adjusted_mutual_info_score(first, second)),
    )


def kept_company(clusterings: Sequence[np.ndarray]) -> np.ndarray:
    """Return how far each ion keeps the same company in several clusterings.

    For two clusterings it is the Jaccard index of the two clusters that have the ion: the ions that are with it in
    both, itself included, as a share of those that are with it in either. Of more clusterings it is the mean over all
    pairs.
    It does not depend on how the clusters are numbered.

    Parameters
    ----------
    clusterings : sequence of R ndarrays of shape (N,), int
        R at least 2.

    Returns
    -------
    ndarray of shape (N,), float64
        From near 0 to 1, where the ion is always with the same ions.
    """
    found = [np.unique(one, return_inverse=True, return_counts=True)[1:] for one in clusterings]
    total, pairs = np.zeros(len(clusterings[0])), 0
    for place, (first, sizes) in enumerate(found):
        for second, other_sizes in found[place + 1 :]:
            shared = np.zeros((len(sizes), len(other_sizes)))
            np.add.at(shared, (first, second), 1)
            both = shared[first, second]
            total += both / (sizes[first] + other_sizes[second] - both)
            pairs += 1
    return total / pairs


def agreement(clusterings: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the ARI and the AMI of every pair of R clusterings, each of shape (R (R - 1) / 2,)."""
    pairs = [(a, b) for place, a in enumerate(clusterings) for b in clusterings[place + 1 :]]
    return (
        np.array([adjusted_rand_score(a, b) for a, b in pairs]),
        np.array([adjusted_mutual_info_score(a, b) for a, b in pairs]),
    )
