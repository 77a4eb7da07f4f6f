"""Trees of ions (dendrograms): which ions and groups of ions are joined first."""

from dataclasses import dataclass

import numpy as np

from msiss.analyse.vectors import unit

MOST_TURNED = 1000  # ions; the time grows with the third power of their number


@dataclass(frozen=True, eq=False)
class Tree:
    """A binary tree of n ions.

    Attributes
    ----------
    links : ndarray of shape (n - 1, 4), float64
        As of SciPy: the two parts that are joined (an ion below n, or n plus the row of an earlier link), their
        distance, and the number of ions in both. The distances do not decrease.
    order : ndarray of shape (n,), int64
        The ions from one end of the tree to the other.
    """

    links: np.ndarray
    order: np.ndarray


def ward_tree(vectors: np.ndarray) -> Tree:
    """Join ions to groups by Ward's method, which keeps the variance within the groups small.

    The method is defined for Euclidean distances only. Those of vectors of length 1 are used: they are the square root
    of 2 - 2 cosine, so the order of the distances is that of the cosines. The branches are turned so that neighbours in
    the tree are as near as possible (Bar-Joseph, Gifford and Jaakkola, Bioinformatics 2001, 17, S22); those of more
    than `MOST_TURNED` ions are not.

    Parameters
    ----------
    vectors : ndarray of shape (n, D)
        One vector per ion, n at least 2.

    Returns
    -------
    Tree
        Of both directions, that which begins with the smaller index.
    """
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import pdist

    points = unit(vectors.astype(np.float64))
    distances = pdist(points)
    links = linkage(distances, method="ward", optimal_ordering=len(points) <= MOST_TURNED)
    order = leaves_list(links).astype(np.int64)
    return Tree(links, order if order[0] < order[-1] else order[::-1])
