"""A map of ions, coloured by group."""

import numpy as np
from matplotlib.figure import Figure

from msiss.show.print.groups import Groups
from msiss.show.print.page import Box, Page, legend_height
from msiss.show.print.style import LINE, SINGLE, TITLE, drawing, shortened

# Beyond forty clusters the colours repeat with another symbol.
SYMBOLS = ("o", "D", "s", "X", "^")
COLOURS = 40
LEFT, BELOW = 5.0, 5.5  # mm for the texts of the axes


def map_figure(points: np.ndarray, groups: Groups, *, axes_titles: tuple[str, str], heading: str = "") -> Figure:
    """Draw every ion as a point in the colour of its group, with a legend.

    Parameters
    ----------
    points : ndarray of shape (N, 2)
    groups : Groups
    axes_titles : tuple of two str
        Such as "UMAP 1".
    heading : str
    """
    with drawing():
        entries = groups.legend()
        first = LINE * TITLE + 1.5 if heading else 0.0
        side = SINGLE - LEFT - 0.5
        box = Box(LEFT, first, side, side)
        below = legend_height(entries, side) if entries else 0.0
        page = Page(SINGLE, box.bottom + BELOW + below + 0.5)
        if heading:
            page.text(0, 0, shortened(heading, SINGLE, TITLE, bold=True), size=TITLE, bold=True)
        axes = page.plot(box)
        size = float(np.clip(3000 / len(points), 4, 16))  # square points
        for group in sorted(np.unique(groups.of).tolist()):
            ions = groups.of == group
            axes.scatter(
                points[ions, 0],
                points[ions, 1],
                s=size,
                c=groups.colour(group),
                marker=SYMBOLS[max(group, 0) // COLOURS % len(SYMBOLS)],
                linewidths=0.2,
                edgecolors="white",
            )
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_xlabel(axes_titles[0])
        page.axis_title(box, axes_titles[1])
        axes.margins(0.04)
        page.legend(LEFT, box.bottom + BELOW, side, entries)
        return page.figure
