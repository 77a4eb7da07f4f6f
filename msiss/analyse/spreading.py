"""Corrections that spread: a person puts some ions into clusters, and ions like them follow.

The labels of a person and, with a small weight, the clusters that were there spread over the graph of nearest
neighbours, whose edges are weighted by the co-association of consensus clustering (label spreading, Zhou et al., NIPS
2003). An ion moves to the cluster that reaches it most strongly, but only if a part of that comes from the labels of a
person, so that nothing moves where nothing was said.

The numbers below were chosen on nine sets with known classes (`benchmarks/corrections.py`); constrained linkage and
the propagation of pairs (Lu & Ip, ECCV 2010) were tried there, too, and moved hardly any other ion to its right place.
"""

from collections.abc import Callable

import numpy as np
from scipy import sparse

from msiss.analyse.clustering import link, nearest_first, squared_distances
from msiss.analyse.consensus import Consensus, co_association, confidence_of, votes_of_nearest
from msiss.analyse.constrained import chosen_core
from msiss.analyse.constraints import FREE, Bonds, Constraints, assign, bonds
from msiss.analyse.similarity import inner_products
from msiss.analyse.vectors import unit

NEIGHBOURS = 11  # the ion itself counts as one; no more than a cluster of mean size has ions
FEWEST = 3
REACH = 0.9  # share of an ion's labels that comes from its neighbours
EARLIER = 0.1  # weight of the earlier cluster of an ion, times its relative confidence, compared with a label ...
MOST = 1 / 3  # ... which is at most this share of a whole cluster, so that it does not draw a small one away
UNSURE = 0.25  # share of each cluster, the least confident ions, whose earlier cluster has no weight
TOLD = 0.2  # share of what reaches an ion for its new cluster, more than for its old one, that must come from a person
STEPS = 150  # 0.9^150 is 1e-7, the rounding of single precision


def spread_corrections(
    vectors: np.ndarray,
    previous: np.ndarray,
    constraints: Constraints,
    *,
    seed: int = 0,
    progress: Callable[[float], object] | None = None,
) -> Consensus:
    """Find clusters again around what a person said.

    Parameters
    ----------
    vectors : ndarray of shape (N, D)
        One vector per ion; ions are compared by the cosine.
    previous : ndarray of shape (N,), int64
        The clusters before; their numbers stay. They are not negative.
    constraints : Constraints
        Holds in the result. A label may name a new cluster.
    seed : int
        The same seed gives the same clusters.
    progress : callable, optional
        Called with the fraction that is done; it may raise to stop the work.

    Returns
    -------
    Consensus
        The clusters, and the mean co-association of each ion with its cluster.

    Raises
    ------
    SettingError
        If the constraints contradict each other, or an ion must be apart from every cluster.
    """
    held = bonds(constraints)
    numbers = np.union1d(previous, constraints.labels[constraints.labels != FREE])
    core = chosen_core(held, seed)
    directions = unit(vectors[core].astype(np.float32, copy=False))
    ensemble = min(len(np.unique(previous)), len(core))
    together = co_association(directions, ensemble, seed, progress)
    some, before = constraints.subset(core), previous[core]
    near = max(FEWEST, min(NEIGHBOURS, len(core) // len(np.unique(before))))
    reached = _spread(_graph(directions, together, some, near), together, before, some, numbers)
    if len(core) == len(vectors):
        clusters = settled(reached, previous, held, numbers)
        return Consensus(clusters, confidence_of(together, clusters))
    found = settled(reached, before, bonds(some), numbers)
    sure = confidence_of(together, found)
    own = sure[:, None] * (found[:, None] == numbers)
    votes = votes_of_nearest(vectors, directions, np.concatenate([reached, own], axis=1))
    votes[core, : reached.shape[1]] = reached
    clusters = settled(votes[:, : reached.shape[1]], previous, held, numbers)
    confidence = votes[np.arange(len(votes)), reached.shape[1] + np.searchsorted(numbers, clusters)]
    confidence[core] = sure
    return Consensus(clusters, confidence.astype(np.float32))


def _graph(directions: np.ndarray, together: np.ndarray, constraints: Constraints, neighbours: int) -> sparse.csr_array:
    """Return the normalised graph (n, n) of ions that are near each other and often clustered together."""
    ions = len(directions)
    squares = squared_distances(inner_products(directions))
    edges = sparse.coo_array(link(nearest_first(squares, neighbours), neighbours))
    different = edges.row != edges.col
    rows, columns = edges.row[different], edges.col[different]
    weights = edges.data[different] * together[rows, columns]
    graph = sparse.lil_array((ions, ions))
    graph[rows, columns] = weights
    for pairs, weight in ((constraints.together, 1.0), (constraints.apart, 0.0)):
        for one, other in pairs[pairs[:, 0] != pairs[:, 1]].tolist():
            graph[one, other] = graph[other, one] = weight
    whole = graph.tocsr()
    degrees = whole.sum(axis=1)
    scale = sparse.diags_array(1 / np.sqrt(np.where(degrees > 0, degrees, 1)))
    return sparse.csr_array(scale @ whole @ scale)


def _spread(
    graph: sparse.csr_array, together: np.ndarray, previous: np.ndarray, constraints: Constraints, numbers: np.ndarray
) -> np.ndarray:
    """Return how strongly each cluster reaches each ion without the labels of a person, and with them, (n, 2 K)."""
    sure = confidence_of(together, previous)
    for cluster in np.unique(previous):
        members = previous == cluster
        sure[members & (sure < np.quantile(sure[members], UNSURE))] = 0
    # Of clusters that are loose as a whole, too, the ions outweigh a few labels.
    sure /= sure[sure > 0].mean() if (sure > 0).any() else 1
    labelled = constraints.labels != FREE
    start = EARLIER * sure[:, None] * (previous[:, None] == numbers)
    start[labelled] = 0
    label = min(1.0, MOST * EARLIER * len(previous) / len(np.unique(previous)))
    said = label * (labelled[:, None] & (constraints.labels[:, None] == numbers))
    both = np.concatenate([start, start + said], axis=1)
    reached = both
    for _ in range(STEPS):
        reached = REACH * (graph @ reached) + both
    return reached


def settled(reached: np.ndarray, previous: np.ndarray, held: Bonds, numbers: np.ndarray) -> np.ndarray:
    """Return clusters with which all constraints hold; an ion without any moves if what was said moves it.

    Parameters
    ----------
    reached : ndarray of shape (N, 2 K)
        What speaks for each cluster, without what a person said, and with it.
    previous : ndarray of shape (N,), int64
        The clusters before.
    held : Bonds
    numbers : ndarray of shape (K,), int64
        Numbers of the clusters, ascending.

    Returns
    -------
    ndarray of shape (N,), int64
    """
    without, reached = reached[:, : len(numbers)], reached[:, len(numbers) :]
    clusters = assign(reached, held, numbers)
    ions, new, old = np.arange(len(previous)), np.searchsorted(numbers, clusters), np.searchsorted(numbers, previous)
    said = reached - without
    moves = said[ions, new] - said[ions, old] > TOLD * reached[ions, new]
    return np.where(moves | held.bound, clusters, previous)
