"""Spectral clustering of ion images by their feature vectors."""

import warnings

import numpy as np
from sklearn.cluster import SpectralClustering

from msiss.errors import SettingError


def spectral_clusters(features: np.ndarray, n_clusters: int, *, n_neighbours: int = 10, seed: int = 0) -> np.ndarray:
    """Group ions by spectral clustering of their nearest-neighbour graph.

    As in Hu, Bindu & Laskin, Chem. Sci. 2022, 13, 90: a graph of the 10 nearest neighbours (Euclidean distance, the ion
    itself counts as one), cut by the ``discretize`` strategy (Yu & Shi 2003).

    Parameters
    ----------
    features : ndarray of shape (N, D)
        One feature vector per ion.
    n_clusters : int
        Number of clusters K, from 1 to N. A few may come out empty where the data has fewer distinct groups.
    n_neighbours : int
        Neighbours per ion in the graph; all N ions where there are fewer.
    seed : int
        The same seed gives the same clusters.

    Returns
    -------
    ndarray of shape (N,), int64
        Cluster of each ion, numbered from 0, the largest cluster first; equally large ones in the order of their ions.

    Raises
    ------
    SettingError
        Where `n_clusters` is not between 1 and N.
    """
    number = len(features)
    check_number(n_clusters, number)
    if n_clusters == number:  # nothing left to decide, and the eigenvalue solver needs fewer vectors than ions
        return np.arange(number)
    clustering = SpectralClustering(
        n_clusters,
        affinity="nearest_neighbors",
        n_neighbors=min(n_neighbours, number),
        assign_labels="discretize",
        random_state=seed,
    )
    with warnings.catch_warnings():
        # Groups without any connection are what we hope for, and as many features as ions are no mistake.
        warnings.filterwarnings("ignore", message="Graph is not fully connected")
        warnings.filterwarnings("ignore", message="The spectral clustering API has changed")
        return by_size(clustering.fit_predict(features))


def check_number(n_clusters: int, number: int) -> None:
    """Raise a `SettingError` where so many clusters cannot be made of `number` ions."""
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
