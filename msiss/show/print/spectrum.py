"""The mean spectrum with the ions coloured by their group."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from msiss.show.print.groups import Groups
from msiss.show.print.numbers import short
from msiss.show.print.page import Box, Page, legend_height
from msiss.show.print.style import DOUBLE, LINE, SMALL, TITLE, drawing, text_width

LEFT, RIGHT, BELOW = 13.0, 4.0, 9.0  # mm for the texts of the axes
HEIGHT = 55.0  # mm
MOST_LABELS = 18


def spectrum_figure(
    mz: np.ndarray,
    intensity: np.ndarray,
    groups: Groups,
    *,
    zoom: tuple[float, float] | None = None,
    heading: str = "",
    axis: str = "m/z (Th)",
    decimals: int = 4,
    width: float = DOUBLE,
) -> Figure:
    """Draw the mean intensity of each ion as a stem in the colour of its group; the highest have their m/z.

    Parameters
    ----------
    mz, intensity : ndarray of shape (N,)
        Position of each ion and its mean intensity.
    groups : Groups
    zoom : tuple of two float, optional
        First and last position shown; all by default.
    heading : str
    axis : str
        Title of the axis of positions.
    decimals : int
        Of the positions.
    width : float
        In mm.
    """
    with drawing():
        low, high = zoom or _margins(mz)
        seen = np.flatnonzero((mz >= low) & (mz <= high))
        shown = Groups(groups.of[seen], groups.titles, groups.colours, groups.none)
        entries = shown.legend()
        first = LINE * TITLE + 1.5 if heading else 0.0
        box = Box(LEFT, first + 1.5, width - LEFT - RIGHT, HEIGHT)
        below = legend_height(entries, width - LEFT) + 1 if entries else 0.0
        page = Page(width, box.bottom + BELOW + below)
        if heading:
            page.text(0, 0, heading, size=TITLE, bold=True, width=width)
        axes = page.plot(box)
        top = float(intensity[seen].max()) if len(seen) else 1.0
        for group in np.unique(shown.of).tolist():
            ions = seen[shown.of == group]
            axes.vlines(mz[ions], 0, intensity[ions], colors=groups.colour(group), linewidth=0.9)
        axes.axhline(0, color="black", linewidth=0.5)
        axes.set_xlim(low, high)
        axes.set_ylim(0, (top or 1.0) * 1.08)
        axes.set_xlabel(axis)
        page.axis_title(box, "Mean intensity (a.u.)")
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
        _label(axes, box, mz[seen], intensity[seen], decimals)
        page.legend(LEFT, box.bottom + BELOW, width - LEFT, entries)
        return page.figure


def _margins(mz: np.ndarray) -> tuple[float, float]:
    margin = 0.02 * float(np.ptp(mz)) or 1.0
    return float(mz.min()) - margin, float(mz.max()) + margin


def _label(axes: Axes, box: Box, mz: np.ndarray, intensity: np.ndarray, decimals: int) -> None:
    """Write the m/z of the highest ions where neither another text nor a higher stem is in the way."""
    (low, high), (_, top) = axes.get_xlim(), axes.get_ylim()
    x, y = (mz - low) / (high - low) * box.width, intensity / top * box.height  # mm
    placed: list[tuple[float, float, float]] = []
    height = LINE * SMALL
    for ion in np.argsort(-intensity, kind="stable").tolist():
        text = f"{mz[ion]:.{decimals}f}"
        half = text_width(text, SMALL) / 2
        middle, bottom = float(np.clip(x[ion], half + 0.8, max(half + 0.8, box.width - half))), y[ion] + 0.5
        overlaps = any(
            abs(middle - other) < half + other_half + 0.6 and abs(bottom - base) < height
            for other, base, other_half in placed
        )
        crossed = ((np.abs(x - middle) < half + 0.3) & (y > bottom)).any()
        if overlaps or crossed or intensity[ion] <= 0:
            continue
        placed.append((middle, bottom, half))
        place = (low + middle / box.width * (high - low), bottom / box.height * top)
        axes.annotate(text, place, fontsize=SMALL, ha="center", va="bottom", annotation_clip=False)
        if len(placed) == MOST_LABELS:
            return
