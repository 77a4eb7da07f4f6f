"""Dendrograms of ions by several representations, one above the other."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from msiss.show.print.groups import Groups
from msiss.show.print.page import Box, Page, legend_height
from msiss.show.print.style import DOUBLE, LINE, SMALL, TEXT, TITLE, drawing, text_width

LEFT = 11.0  # mm for the texts of the axis
HEIGHT = 45.0  # mm of a tree
STRIP = 1.8  # mm, the colours of the groups
LEAST_LEAF = 2.05  # mm, the width of a leaf whose name is written


def dendrograms(
    trees: Mapping[str, np.ndarray], names: Sequence[str], groups: Groups, *, heading: str = "", label: str
) -> Figure:
    """Draw trees of the same ions.

    Parameters
    ----------
    trees : mapping of str to ndarray of shape (n - 1, 4)
        Linkage matrices by title, in the form of SciPy: the two parts, their distance, and the number of ions.
    names : sequence of n str
        Written if there is room.
    groups : Groups
        Of the n ions, as a strip of colours below the leaves.
    heading, label : str
        Text above, and that of the axis of distances.
    """
    with drawing():
        width = DOUBLE - LEFT - 1
        named = width / len(names) >= LEAST_LEAF
        room = max(text_width(name, SMALL) for name in names) + 1 if named else 0.5
        first = LINE * TITLE + 1.5 if heading else 0.0
        each = LINE * TEXT + 1 + HEIGHT + STRIP + 0.8 + room + 4
        entries = groups.legend()
        page = Page(DOUBLE, first + len(trees) * each + legend_height(entries, width) + 0.5)
        if heading:
            page.text(0, 0, heading, size=TITLE, bold=True, width=DOUBLE)
        for place, (title, tree) in enumerate(trees.items()):
            top = first + place * each
            page.text(LEFT, top, title, bold=True, width=width)
            box = Box(LEFT, top + LINE * TEXT + 1, width, HEIGHT)
            order, segments = branches(tree)
            axes = page.plot(box)
            thin = 0.6 if len(names) <= 300 else 0.25
            axes.add_collection(LineCollection(list(segments), colors="black", linewidths=thin, capstyle="projecting"))
            axes.set_xlim(-0.5, len(names) - 0.5)
            axes.set_ylim(0, float(tree[:, 2].max()) * 1.03 or 1.0)
            axes.spines["bottom"].set_visible(False)
            axes.set_xticks([])
            page.axis_title(box, label)
            page.picture(groups.pixels(order)[None], Box(LEFT, box.bottom + 0.6, width, STRIP))
            if named:
                for leaf, ion in enumerate(order.tolist()):
                    x = LEFT + (leaf + 0.5) * width / len(names)
                    y = box.bottom + STRIP + 1.2
                    page.text(x, y, names[ion], size=SMALL, align="right", vertical="center", rotation=90)
        page.legend(LEFT, first + len(trees) * each, width, entries)
        return page.figure


def branches(tree: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the order of the leaves, and the lines of the tree.

    Parameters
    ----------
    tree : ndarray of shape (n - 1, 4)
        A linkage matrix.

    Returns
    -------
    order : ndarray of shape (n,), int64
        The ions from left to right.
    lines : ndarray of shape (n - 1, 4, 2)
        The corners (position, distance) of the line of each merge; the leaves are at 0, 1, 2, ...
    """
    number = len(tree) + 1
    parts = tree[:, :2].astype(np.int64)
    order: list[int] = []
    waiting = [2 * number - 2]
    while waiting:  # not recursive: a chain of thousands of ions would be too deep
        node = waiting.pop()
        if node < number:
            order.append(node)
        else:
            left, right = parts[node - number]
            waiting += [right, left]
    places, heights = np.zeros(2 * number - 1), np.zeros(2 * number - 1)
    places[order] = np.arange(number)
    lines = np.zeros((number - 1, 4, 2))
    for merge, (left, right) in enumerate(parts):
        node = number + merge
        heights[node] = tree[merge, 2]
        places[node] = (places[left] + places[right]) / 2
        x = places[[left, left, right, right]]
        lines[merge] = np.stack([x, [heights[left], heights[node], heights[node], heights[right]]], axis=1)
    return np.array(order, dtype=np.int64), lines
