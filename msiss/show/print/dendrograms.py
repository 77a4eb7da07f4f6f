"""Dendrograms of ions by several representations, one above the other."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from msiss.show.print.groups import Groups
from msiss.show.print.page import Box, Page, legend_height
from msiss.show.print.style import DOUBLE, LINE, SMALL, TEXT, TITLE, drawing, text_width
from msiss.show.tree_lines import tree_lines

LEFT = 11.0  # mm for the texts of the axis
HEIGHT = 45.0  # mm of a tree
STRIP = 1.8  # mm, the colours of the groups
LEAST_LEAF = 2.05  # mm, the width of a leaf whose name is written


def dendrograms(
    trees: Mapping[str, tuple[np.ndarray, np.ndarray]],
    names: Sequence[str],
    groups: Groups,
    *,
    heading: str = "",
    label: str,
) -> Figure:
    """Draw trees of the same ions.

    Parameters
    ----------
    trees : mapping of str to (ndarray of shape (n - 1, 4), ndarray of shape (n,))
        By title: the links and the order of the ions, as of `msiss.show.tree_lines.tree_lines`.
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
        for place, (title, (links, order)) in enumerate(trees.items()):
            top = first + place * each
            page.text(LEFT, top, title, bold=True, width=width)
            box = Box(LEFT, top + LINE * TEXT + 1, width, HEIGHT)
            axes = page.plot(box)
            thin = 0.6 if len(names) <= 300 else 0.25
            axes.add_collection(
                LineCollection(list(tree_lines(links, order)), colors="black", linewidths=thin, capstyle="projecting")
            )
            axes.set_xlim(-0.5, len(names) - 0.5)
            axes.set_ylim(0, float(links[:, 2].max()) * 1.03 or 1.0)
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
