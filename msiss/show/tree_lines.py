"""The lines of a tree of ions (dendrogram), for any program that draws them."""

import numpy as np


def tree_lines(links: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Return the lines of a tree whose leaves are at 0, 1, ... n - 1 in the order `order`.

    Parameters
    ----------
    links : ndarray of shape (n - 1, 4)
        As of `scipy.cluster.hierarchy.linkage`: the two parts that are joined, their distance, and their size.
    order : ndarray of shape (n,), int
        The ions from left to right.

    Returns
    -------
    ndarray of shape (n - 1, 4, 2)
        The corners (position, distance) of the line of each link, from left to right.
    """
    number = len(order)
    places, heights = np.zeros(2 * number - 1), np.zeros(2 * number - 1)
    places[order] = np.arange(number)
    lines = np.zeros((number - 1, 4, 2))
    for link, (one, other, height, _) in enumerate(links):
        left, right = sorted((int(one), int(other)), key=places.__getitem__)
        node = number + link
        heights[node] = height
        places[node] = (places[left] + places[right]) / 2
        lines[link, :, 0] = places[[left, left, right, right]]
        lines[link, :, 1] = heights[[left, node, node, right]]
    return lines
