"""Consensus clustering: the agreement of several clusterings.

One clustering of ion images depends on its settings and on chance. Here the co-association of two ions is the share of
clusterings that put them into one cluster: spectral clustering with several numbers of neighbours, Ward's method and
average linkage, each for the requested number of clusters and for two more and two fewer. Average linkage of the
co-association matrix gives the clusters (evidence accumulation, Fred & Jain, IEEE TPAMI 2005, 27, 835).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse
from scipy.cluster.hierarchy import linkage
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from msiss.analyse.clustering import by_size, check_number, cuts, link, nearest_first, squared_distances
from msiss.analyse.similarity import inner_products
from msiss.analyse.vectors import unit

NEIGHBOURS = (5, 7, 10, 15, 20, 30)
AROUND = (-2, 0, 2)  # clusters more than requested
LINKAGE_VOTES = 3  # of Ward's method and of average linkage, so that they weigh as much as the spectral clusterings
CLUSTERINGS = len(AROUND) * (len(NEIGHBOURS) + 2)
# The co-association matrix has N x N numbers: of more ions, so many are clustered, and the others are assigned to them.
LARGEST = 3000
JOIN_NEIGHBOURS = 10


@dataclass(frozen=True)
class Consensus:
    """Clusters and their confidence.

    Attributes
    ----------
    clusters : ndarray of shape (N,), int64
        Numbered from 0, the largest cluster first.
    confidence : ndarray of shape (N,), float32
        Mean co-association of an ion with the others of its cluster, from 0 to 1; 1 for an ion alone.
    """

    clusters: np.ndarray
    confidence: np.ndarray


def consensus_clusters(
    vectors: np.ndarray, n_clusters: int, *, seed: int = 0, progress: Callable[[float], object] | None = None
) -> Consensus:
    """Group ions by the consensus of several clusterings.

    Parameters
    ----------
    vectors : ndarray of shape (N, D)
        One vector per ion; ions are compared by the cosine.
    n_clusters : int
        Number of clusters K, from 1 to N.
    seed : int
        The same seed gives the same clusters.
    progress : callable, optional
        Called with the fraction that is done; it may raise to stop the work.

    Raises
    ------
    SettingError
        If `n_clusters` is not between 1 and N.
    """
    check_number(n_clusters, len(vectors))
    if n_clusters == len(vectors):  # each ion is a cluster
        return Consensus(np.arange(n_clusters), np.ones(n_clusters, dtype=np.float32))
    if len(vectors) <= LARGEST:
        together = co_association(unit(vectors.astype(np.float32, copy=False)), n_clusters, seed, progress)
        clusters = by_size(branches(tree(1 - together, "average"), n_clusters))
        return Consensus(clusters, confidence_of(together, clusters))
    chosen = np.sort(np.random.default_rng(seed).permutation(len(vectors))[:LARGEST])
    core = consensus_clusters(vectors[chosen], n_clusters, seed=seed, progress=progress)
    return _join(vectors, unit(vectors[chosen].astype(np.float32, copy=False)), core, n_clusters)


def co_association(
    vectors: np.ndarray, n_clusters: int, seed: int, progress: Callable[[float], object] | None
) -> np.ndarray:
    """Return the weighted share of clusterings in which two ions share a cluster.

    Parameters
    ----------
    vectors : ndarray of shape (N, D), float32
        Of length 1.
    n_clusters, seed, progress
        As for `consensus_clusters`.

    Returns
    -------
    ndarray of shape (N, N), float32
    """
    number = len(vectors)
    if number == 1:
        return np.ones((1, 1), dtype=np.float32)
    together = np.zeros((number, number), dtype=np.float32)
    total = 0
    for done, (clusters, votes) in enumerate(_clusterings(vectors, n_clusters, seed), start=1):
        if progress is not None:
            progress(done / CLUSTERINGS)
        together += votes * (clusters[:, None] == clusters)
        total += votes
    return together / total


def _clusterings(vectors: np.ndarray, n_clusters: int, seed: int) -> Iterator[tuple[np.ndarray, int]]:
    """Yield the clusters of each clustering and its votes.

    All share one matrix of distances, all graphs one order of neighbours, and each graph and each tree serves all
    numbers of clusters.
    """
    numbers = [min(max(2, n_clusters + more), len(vectors)) for more in AROUND]
    products = inner_products(vectors)
    squares = squared_distances(products)
    nearest = nearest_first(squares, max(NEIGHBOURS))
    for neighbours in NEIGHBOURS:
        for clusters in _spectral(link(nearest, neighbours), numbers, seed):
            yield clusters, 1
    for merges in (tree(np.sqrt(squares), "ward"), tree(1 - products, "average")):
        for number in numbers:
            yield branches(merges, number), LINKAGE_VOTES


def _spectral(graph: sparse.csr_array, numbers: list[int], seed: int) -> list[np.ndarray]:
    """Return the spectral clusters of a graph for each number; as many as ions are each ion alone."""
    ions = graph.shape[0]
    possible = sorted({number for number in numbers if number < ions})
    found = dict(zip(possible, cuts(graph, possible, seed=seed), strict=True)) if possible else {}
    return [found.get(number, np.arange(ions)) for number in numbers]


def tree(distances: np.ndarray, method: Literal["ward", "average"]) -> np.ndarray:
    """Return the merges of ions by hierarchical clustering, nearest first; see `scipy.cluster.hierarchy.linkage`."""
    return linkage(squareform(distances, checks=False), method)


def branches(merges: np.ndarray, n_clusters: int) -> np.ndarray:
    """Return the clusters (N,) after the `merges` of a tree that leave so many."""
    ions = len(merges) + 1
    done = ions - n_clusters
    made = np.arange(ions, ions + done)
    ends = merges[:done, :2].astype(np.int64).ravel()
    edges = sparse.csr_array((np.ones(2 * done), (ends, np.repeat(made, 2))), shape=(ions + done,) * 2)
    return connected_components(edges, directed=False)[1][:ions]


def confidence_of(together: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Return the mean co-association (N, N) of each ion with the others of its cluster (N,); 1 for an ion alone."""
    same = clusters[:, None] == clusters
    others = same.sum(axis=1) - 1
    return np.where(others > 0, ((together * same).sum(axis=1) - 1) / np.maximum(others, 1), 1).astype(np.float32)


def _join(vectors: np.ndarray, core_vectors: np.ndarray, core: Consensus, n_clusters: int) -> Consensus:
    """Assign every ion to the most frequent cluster of its nearest clustered ions, weighted by their confidence."""
    votes = votes_of_nearest(
        vectors, core_vectors, np.eye(n_clusters, dtype=np.float32)[core.clusters] * core.confidence[:, None]
    )
    return Consensus(by_size(votes.argmax(axis=1)), votes.max(axis=1))


def votes_of_nearest(vectors: np.ndarray, core_vectors: np.ndarray, membership: np.ndarray) -> np.ndarray:
    """Return the mean membership of the nearest ions of a core.

    Parameters
    ----------
    vectors : ndarray of shape (N, D)
    core_vectors : ndarray of shape (M, D), float32
        Of length 1; M is larger than `JOIN_NEIGHBOURS`.
    membership : ndarray of shape (M, K), float32
        Weight of each cluster for each ion of the core.

    Returns
    -------
    ndarray of shape (N, K), float32
    """
    votes = np.empty((len(vectors), membership.shape[1]), dtype=np.float32)
    for start in range(0, len(vectors), LARGEST):
        block = slice(start, start + LARGEST)
        cosines = unit(vectors[block].astype(np.float32, copy=False)) @ core_vectors.T
        nearest = np.argpartition(-cosines, JOIN_NEIGHBOURS)[:, :JOIN_NEIGHBOURS]
        votes[block] = membership[nearest].mean(axis=1)
    return votes
