"""Spectral clustering of ion images by their feature vectors."""

import warnings
from collections.abc import Sequence

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components, laplacian
from scipy.sparse.linalg import LinearOperator, eigsh
from sklearn.cluster import spectral_clustering
from sklearn.cluster._spectral import discretize  # not public, but the package's version is capped
from sklearn.manifold import spectral_embedding
from sklearn.neighbors import kneighbors_graph

from msiss.errors import SettingError

# Above this, eigenvectors are computed from products with the graph alone: scikit-learn factorizes it, which needs much
# memory if the groups are not well separated. `benchmarks/growth.py` compares both.
LARGEST_FACTORIZED = 2000


def spectral_clusters(features: np.ndarray, n_clusters: int, *, n_neighbours: int = 10, seed: int = 0) -> np.ndarray:
    """Group ions by spectral clustering of their nearest-neighbour graph.

    As in Hu, Bindu & Laskin, Chem. Sci. 2022, 13, 90: a graph of the 10 nearest neighbours (Euclidean distance, the ion
    itself counts as one), cut by the ``discretize`` strategy (Yu & Shi 2003).

    Parameters
    ----------
    features : ndarray of shape (N, D)
        One feature vector per ion.
    n_clusters : int
        Number of clusters K, from 1 to N. Some may be empty if the data have fewer distinct groups.
    n_neighbours : int
        Neighbours per ion in the graph; half of the ions if there are no more than that.
    seed : int
        The same seed gives the same clusters, unless ions are exact copies of each other: rounding then decides
        which of them are separated.

    Returns
    -------
    ndarray of shape (N,), int64
        Cluster of each ion, numbered from 0, the largest cluster first; equally large ones in the order of their ions.

    Raises
    ------
    SettingError
        If `n_clusters` is not between 1 and N.
    """
    number = len(features)
    check_number(n_clusters, number)
    if n_clusters == number:  # each ion is a cluster; the eigenvalue solver needs fewer vectors than ions
        return np.arange(number)
    return by_size(cut(neighbour_graph(features, n_neighbours), n_clusters, seed=seed))


def neighbour_graph(features: np.ndarray, n_neighbours: int) -> sparse.csr_array:
    """Return the symmetric graph of nearest neighbours, shape (N, N), which spectral clustering cuts; see `link`."""
    number = len(features)
    links = kneighbors_graph(features, _possible(n_neighbours, number), include_self=True)
    return sparse.csr_array(0.5 * (links + links.T))


def nearest_first(squares: np.ndarray, most: int) -> np.ndarray:
    """Return the nearest ions of each ion, itself first, for `link`.

    Parameters
    ----------
    squares : ndarray of shape (N, N)
        Squared distances.
    most : int
        Number of neighbours; all ions if there are fewer.

    Returns
    -------
    ndarray of shape (N, min(most, N)), int
    """
    order = np.empty((len(squares), min(most, len(squares))), dtype=np.int32)  # as scikit-learn needs
    for ion, row in enumerate(squares):
        row = row.copy()
        row[ion] = -np.inf  # an exact copy of the ion is as near as the ion itself
        near = np.argpartition(row, order.shape[1] - 1)[: order.shape[1]]
        order[ion] = near[np.argsort(row[near], kind="stable")]
    return order


def link(nearest: np.ndarray, n_neighbours: int) -> sparse.csr_array:
    """Return the symmetric graph of nearest neighbours, shape (N, N), which spectral clustering cuts.

    The weight is 1 between two ions that are each among the nearest neighbours of the other by Euclidean distance, and
    0.5 if only one of them is. With too few ions for `n_neighbours`, half of them are taken as neighbours, since the
    cut of a complete graph is decided by rounding alone.

    Parameters
    ----------
    nearest : ndarray of shape (N, M), int
        From `nearest_first`, with M at least `n_neighbours` or N. One order serves all smaller numbers of neighbours.
    n_neighbours : int
        The ion itself counts as one.
    """
    number = len(nearest)
    near = nearest[:, : _possible(n_neighbours, number)]
    ions = np.repeat(np.arange(number, dtype=np.int32), near.shape[1])
    links = sparse.csr_array((np.ones(near.size), (ions, near.ravel())), shape=(number, number))
    return sparse.csr_array(0.5 * (links + links.T))


def _possible(n_neighbours: int, number: int) -> int:
    return n_neighbours if n_neighbours < number else (number + 1) // 2


def squared_distances(products: np.ndarray) -> np.ndarray:
    """Return the squared Euclidean distances (N, N) of vectors with these inner products (N, N)."""
    lengths = np.diagonal(products)
    squares = np.maximum(lengths[:, None] + lengths - 2 * products, 0)
    np.fill_diagonal(squares, 0)
    return squares


def cut(graph: sparse.csr_array, n_clusters: int, *, seed: int) -> np.ndarray:
    """Return the spectral clusters of a graph, shape (N,), in no particular order."""
    if graph.shape[0] > LARGEST_FACTORIZED:
        return discretize(graph_eigenvectors(graph, n_clusters, seed=seed), random_state=seed)
    with warnings.catch_warnings():
        # scikit-learn warns of a disconnected graph, which is the ideal case here.
        warnings.filterwarnings("ignore", message="Graph is not fully connected")
        return spectral_clustering(graph, n_clusters=n_clusters, assign_labels="discretize", random_state=seed)


def cuts(graph: sparse.csr_array, numbers: Sequence[int], *, seed: int) -> list[np.ndarray]:
    """Return what `cut` gives for several numbers of clusters, from one computation of the eigenvectors.

    The first eigenvectors are the same for every number, unless the graph has islands: any combinations of their
    eigenvectors are as good, and each number gets its own.
    """
    if connected_components(graph, directed=False)[0] > 1:
        return [cut(graph, number, seed=seed) for number in numbers]
    drawn = np.random.RandomState(seed)
    if graph.shape[0] > LARGEST_FACTORIZED:
        embedding = graph_eigenvectors(graph, max(numbers), seed=seed)
    else:
        embedding = spectral_embedding(graph, n_components=max(numbers), random_state=drawn, drop_first=False)
    state = drawn.get_state()
    found = []
    for number in numbers:
        drawn.set_state(state)
        found.append(discretize(embedding[:, :number], random_state=drawn))
    return found


def graph_eigenvectors(graph: sparse.sparray, number: int, *, seed: int = 0) -> np.ndarray:
    """Return the smoothest functions on a graph: the first eigenvectors of its random walk.

    They are those of the normalized Laplacian with the smallest eigenvalues, divided by the square roots of the
    degrees, as in scikit-learn's spectral clustering. The eigenvector of each connected component is known and has
    eigenvalue 0; the Lanczos method, which finds equal eigenvalues one by one, computes only the others. Needs as much
    memory as the graph and a few dozen vectors.

    Parameters
    ----------
    graph : sparse array of shape (N, N)
        Symmetric weights, none negative.
    number : int
        Number of eigenvectors K, less than N. If there are more connected components than that, K random combinations
        of their eigenvectors are returned.
    seed : int
        Of the random combinations and of the start vector of the iteration.

    Returns
    -------
    ndarray of shape (N, K), float64
        Smallest eigenvalue first.
    """
    rng = np.random.default_rng(seed)
    ions = graph.shape[0]
    normalized, roots = laplacian(graph, normed=True, return_diag=True)
    count, island = connected_components(graph, directed=False)
    weights = np.sqrt(np.bincount(island, roots**2))[island]
    still = sparse.csr_array((roots / weights, (np.arange(ions), island)), shape=(ions, count))  # orthonormal columns
    if count >= number:
        vectors = still @ np.linalg.qr(rng.normal(size=(count, number)))[0]
    else:
        turned = LinearOperator(  # largest for the smallest eigenvalues above 0, and 0 for the components
            (ions, ions), matvec=lambda vector: 2 * (vector - still @ (still.T @ vector)) - normalized @ vector
        )
        wanted = number - count
        _, moving = eigsh(turned, wanted, which="LA", ncv=min(ions, 2 * wanted + 40), v0=rng.normal(size=ions))
        vectors = np.concatenate([still.toarray(), moving[:, ::-1]], axis=1)
    return vectors / roots[:, None]


def check_number(n_clusters: int, number: int) -> None:
    """Raise a `SettingError` if `number` ions cannot form so many clusters."""
    if not 1 <= n_clusters <= number:
        raise SettingError(
            f"clusters: {n_clusters} clusters cannot be made of {number} ion images. Choose between 1 and {number}."
        )


def by_size(clusters: np.ndarray) -> np.ndarray:
    """Renumber clusters from the largest to the smallest; equally large ones by their first member."""
    _, first, inverse, sizes = np.unique(clusters, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    return number[inverse]
