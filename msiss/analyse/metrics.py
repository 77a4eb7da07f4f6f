"""Scores of clusters and similarities against known classes, and against pairs that should co-localize.

Known classes are integers; ions with a negative class (`UNLABELLED`) have no known class and are left out of every
score here.
"""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from msiss.analyse.similarity import TIE, cosine_blocks, ranks

NEAR = 5  # nearest ions among which a partner counts as found


class PairScores(TypedDict):
    """How well pairs of ions that should co-localize are found."""

    n: int
    same_cluster: float
    chance: float
    top5: float
    mrr: float


def purity(clusters: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of ions in the majority class of their cluster.

    The "accuracy" of Hu, Bindu & Laskin (2022), who round each cluster's share to two decimals; this is exact.
    It grows with the number of clusters: show it only beside `ari` and `ami`.

    Parameters
    ----------
    clusters, labels : ndarray of shape (N,), int
        Cluster and known class of each ion.

    Returns
    -------
    float
        From 0 to 1; NaN if no ion has a class.
    """
    clusters, labels = _labelled(clusters, labels)
    from sklearn.metrics.cluster import contingency_matrix  # slow to import, here and below

    return float(contingency_matrix(labels, clusters).max(axis=0).sum() / len(labels)) if len(labels) else float("nan")


def rounded_purity(clusters: np.ndarray, labels: np.ndarray) -> float:
    """Return the purity as the code of Hu, Bindu & Laskin (2022) gives it: each cluster's share has two decimals.

    The difference from `purity` is rounding error, at most 0.005; this is for comparing with the paper's figures.

    Parameters
    ----------
    clusters, labels : ndarray of shape (N,), int
        Cluster and known class of each ion.

    Returns
    -------
    float
        The shares of the majority classes, each rounded, weighted by the sizes of the clusters; NaN if no ion has a
        class.
    """
    clusters, labels = _labelled(clusters, labels)
    if not len(labels):
        return float("nan")
    from sklearn.metrics.cluster import contingency_matrix

    table = contingency_matrix(labels, clusters)
    sizes = table.sum(axis=0)
    return float((np.round(table.max(axis=0) / sizes, 2) * sizes).sum() / len(labels))


def in_majority(clusters: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Tell of each ion whether its class is the most common one of its cluster; the lowest class of equal ones.

    Parameters
    ----------
    clusters, labels : ndarray of shape (N,), int
        Cluster and known class of each ion; ions without a class count nowhere.

    Returns
    -------
    ndarray of shape (N,), bool
        False for ions without a class. Its mean over the others is `purity`.
    """
    known = labels >= 0
    right = np.zeros(len(labels), dtype=bool)
    for cluster in np.unique(clusters[known]):
        members = known & (clusters == cluster)
        right |= members & (labels == np.bincount(labels[members]).argmax())
    return right


def ari(clusters: np.ndarray, labels: np.ndarray) -> float:
    """Return the adjusted Rand index: 1 for the same grouping, about 0 for a random one, NaN without classes."""
    clusters, labels = _labelled(clusters, labels)
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(labels, clusters)) if len(labels) else float("nan")


def ami(clusters: np.ndarray, labels: np.ndarray) -> float:
    """Return the adjusted mutual information: 1 for the same grouping, about 0 for random ones, NaN without classes."""
    clusters, labels = _labelled(clusters, labels)
    from sklearn.metrics import adjusted_mutual_info_score

    return float(adjusted_mutual_info_score(labels, clusters)) if len(labels) else float("nan")


def knn_purity(features: np.ndarray, labels: np.ndarray, k: int = 10) -> float:
    """Return the share of an ion's k nearest ions that have its class, averaged over the ions.

    Neighbours are by cosine, among the ions with a known class. Ties at the k-th place are weighted by the probability
    of being drawn, so that the result does not depend on the order of the ions.

    Parameters
    ----------
    features : ndarray of shape (N, D)
        One vector per ion.
    labels : ndarray of shape (N,), int
        Known class of each ion.
    k : int
        Number of neighbours; all others if fewer ions have a class.

    Returns
    -------
    float
        From 0 to 1; NaN if fewer than two ions have a class.
    """
    return float(knn_purities(features, labels, [k])[0])


def purity_of_ten(purities: np.ndarray, _labels: np.ndarray) -> float:
    """Return the k-NN purity for k = 10, given those for k = 1, 2, and so on."""
    return float(purities[9])


def knn_purities(features: np.ndarray, labels: np.ndarray, numbers: Sequence[int]) -> np.ndarray:
    """Return `knn_purity` for several numbers of neighbours.

    Parameters
    ----------
    features, labels
        As for `knn_purity`.
    numbers : sequence of int
        Numbers of neighbours, each at least 1.

    Returns
    -------
    ndarray of shape (len(numbers),), float64
    """
    features, labels = _labelled(features, labels)
    number = len(labels)
    if number < 2:
        return np.full(len(numbers), np.nan)
    neighbours = np.minimum(numbers, number - 1)
    total = np.zeros(len(numbers))
    for rows, similarity in cosine_blocks(features, features):
        similarity[np.arange(len(similarity)), np.arange(number)[rows]] = -np.inf
        match = labels[rows, None] == labels
        for place, k in enumerate(neighbours):
            total[place] += share_among_nearest(similarity, match, k).sum()
    return total / number


def company_of_nearest(features: np.ndarray, clusters: np.ndarray, k: int = 10) -> np.ndarray:
    """Return the share of an ion's k nearest ions, by cosine, that are in its cluster.

    Parameters
    ----------
    features : ndarray of shape (N, D)
        One vector per ion, N at least 2.
    clusters : ndarray of shape (N,), int
    k : int
        Number of neighbours; all others if there are fewer.

    Returns
    -------
    ndarray of shape (N,), float64
    """
    number = len(features)
    shares = np.empty(number)
    for rows, similarity in cosine_blocks(features, features):
        similarity[np.arange(len(similarity)), np.arange(number)[rows]] = -np.inf
        match = clusters[rows, None] == clusters
        shares[rows] = share_among_nearest(similarity, match, min(k, number - 1))
    return shares


def share_among_nearest(similarity: np.ndarray, match: np.ndarray, k: int) -> np.ndarray:
    """Return the share of the k most similar ions that match, for each ion.

    Parameters
    ----------
    similarity : ndarray of shape (B, N)
        Of B ions (rows) with all ions; minus infinity for an ion with itself.
    match : ndarray of shape (B, N), bool
        Whether two ions match, such as by their class.
    k : int
        Number of neighbours, less than N. Ties at the k-th place are weighted by the probability of being drawn.

    Returns
    -------
    ndarray of shape (B,), float64
    """
    limit = np.partition(similarity, -k, axis=1)[:, [-k]]  # (B, 1), the k-th largest of each row
    nearer = similarity > limit + TIE
    tied = np.abs(similarity - limit) <= TIE
    places_left = k - nearer.sum(axis=1)
    tied_match = (tied & match).sum(axis=1) / tied.sum(axis=1)
    return ((nearer & match).sum(axis=1) + places_left * tied_match) / k


def pair_scores(features: np.ndarray, clusters: np.ndarray, pairs: np.ndarray) -> PairScores:
    """Return how well pairs of ions that should co-localize are found.

    Parameters
    ----------
    features : ndarray of shape (N, D)
        One vector per ion; similarity is their cosine.
    clusters : ndarray of shape (N,), int
        Cluster of each ion.
    pairs : ndarray of shape (M, 2), int
        Indices of two different ions per pair, M at least 1.

    Returns
    -------
    PairScores
        `n`: number of pairs M. `same_cluster`: share of the pairs in one cluster. `chance`: the same for permuted
        clusters, as the exact expectation: the sum of n_c (n_c - 1) over the cluster sizes n_c, divided by N (N - 1).
        `top5`: each ion of a pair is a query for its partner; share of these 2 M queries whose partner is one of the
        five most similar ions. `mrr`: mean of 1 / rank of the partner. In ties the partner gets the worst rank, so that
        a measure that does not distinguish ions scores nothing.
    """
    return _pair_scores(partner_ranks(features, pairs), clusters, pairs)


def pair_scores_by_kind(
    ranks: np.ndarray, clusters: np.ndarray, pairs: np.ndarray, kinds: Sequence[str]
) -> dict[str, PairScores]:
    """Return `pair_scores` of each kind of pair, and of all pairs as "all".

    Parameters
    ----------
    ranks : ndarray of shape (2 M,), int
        Of the pairs, from `partner_ranks`.
    clusters, pairs
        As for `pair_scores`.
    kinds : sequence of M str
        Kind of each pair.
    """
    kind_of = np.asarray(kinds, dtype=str)
    scores = {}
    for kind in np.unique(kind_of):
        rows = kind_of == kind
        scores[str(kind)] = _pair_scores(ranks[np.tile(rows, 2)], clusters, pairs[rows])
    return scores | {"all": _pair_scores(ranks, clusters, pairs)}


def _pair_scores(ranks: np.ndarray, clusters: np.ndarray, pairs: np.ndarray) -> PairScores:
    together, chance = same_cluster(clusters, pairs)
    return {
        "n": len(pairs),
        "same_cluster": together,
        "chance": chance,
        "top5": float((ranks <= NEAR).mean()),
        "mrr": float((1 / ranks).mean()),
    }


def partner_ranks(features: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Return the rank of an ion's partner among all other ions, from 1; ties get the worst rank.

    Parameters
    ----------
    features : ndarray of shape (N, D)
        One vector per ion, compared by cosine.
    pairs : ndarray of shape (M, 2), int
        Indices of two different ions per pair.

    Returns
    -------
    ndarray of shape (2 M,), int64
        First with the first ions of all pairs as queries, then with the second ones.
    """
    ions, partners = np.concatenate([pairs, pairs[:, ::-1]]).T  # (2M,), both directions
    return ranks(features[ions], features, partners, without=ions)


def same_cluster(clusters: np.ndarray, pairs: np.ndarray) -> tuple[float, float]:
    """Return the share of pairs of ions that are in one cluster, and that expected for permuted clusters.

    Parameters
    ----------
    clusters : ndarray of shape (N,), int
        Cluster of each ion.
    pairs : ndarray of shape (M, 2), int
        Indices of two different ions per pair, M at least 1.

    Returns
    -------
    share, chance : float
        `chance` is the exact expectation; see `pair_scores`.
    """
    sizes = np.unique(clusters, return_counts=True)[1].astype(float)
    number = len(clusters)
    share = float((clusters[pairs[:, 0]] == clusters[pairs[:, 1]]).mean())
    return share, float((sizes * (sizes - 1)).sum() / (number * (number - 1)))


def _labelled(values: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known = labels >= 0
    return values[known], labels[known]
