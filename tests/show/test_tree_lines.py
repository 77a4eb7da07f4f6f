"""The lines of a tree of ions."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import dendrogram, leaves_list, linkage

from msiss.analyse.trees import ward_tree
from msiss.show.tree_lines import tree_lines


def test_lines_of_a_tree() -> None:
    # 0 and 2 are joined at 1, then 1 at 3; from left to right: 2, 0, 1.
    lines = tree_lines(np.array([[0, 2, 1.0, 2], [1, 3, 3.0, 3]]), np.array([2, 0, 1]))
    assert lines[:, :, 0].tolist() == [[0, 0, 1, 1], [0.5, 0.5, 2, 2]]
    assert lines[:, :, 1].tolist() == [[0, 1, 1, 0], [1, 3, 3, 0]]


def test_no_two_lines_of_a_tree_cross() -> None:
    tree = ward_tree(np.random.default_rng(3).normal(size=(12, 3)))
    x, y = np.moveaxis(tree_lines(tree.links, tree.order), 2, 0)
    stems = [(x[at, place], *sorted((y[at, place], y[at, other]))) for at in range(len(x))
             for place, other in ((0, 1), (3, 2))]  # fmt: skip
    for left, right, height in zip(x[:, 1], x[:, 2], y[:, 1], strict=True):
        assert not [stem for stem in stems if left < stem[0] < right and stem[1] < height < stem[2]]


@pytest.mark.parametrize("number", [2, 3, 50])
def test_a_tree_is_that_of_scipy(number) -> None:
    tree = linkage(np.random.default_rng(number).normal(size=(number, 4)), "ward")
    lines = tree_lines(tree, leaves_list(tree))
    expected = dendrogram(tree, no_plot=True)

    def shapes(x, y):
        return sorted((round(float(y[1]), 9), round(float(abs(x[2] - x[0])), 9)) for x, y in zip(x, y, strict=True))

    ours = shapes(lines[:, :, 0], lines[:, :, 1])
    theirs = shapes(np.array(expected["icoord"]) / 10, np.array(expected["dcoord"]))
    np.testing.assert_allclose(ours, theirs)
