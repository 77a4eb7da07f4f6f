"""Plotly figures of the similarity of ions by several measures: heat maps with the trees of their ions."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from msiss.show.figures import RING_COLOUR
from msiss.show.layout import finish
from msiss.show.markup import literal
from msiss.show.palette import ION_COLOURS
from msiss.show.tree_lines import tree_lines

NEGATIVE = -0.05  # noise makes cosines that are less below 0, and no difference of colours would show them
# White at 0. Purple and orange are told apart with any colour vision, as dark as they are bright.
DIVERGING = "PuOr_r"
WIDTH = 760  # screen pixels beside the colour bar on a page of 1280, for which the parts are laid out
TREE_HEIGHT, TITLE_HEIGHT, LETTER = 64, 24, 6.2  # screen pixels; the last of a letter of a label
SIDE_BY_SIDE = 15  # ions whose labels are readable with three panels in a row; with more there are two
WRITTEN = 18  # cells beside each other that are wide enough for a number


@dataclass(frozen=True, eq=False)
class Panel:
    """The similarities of n ions by one measure.

    Attributes
    ----------
    title : str
    cosines : ndarray of shape (n, n)
    order : ndarray of shape (n,), int
        The order in which the ions are shown.
    links : ndarray of shape (n - 1, 4), optional
        A tree in that order, as of SciPy; see `tree_lines`.
    """

    title: str
    cosines: np.ndarray
    order: np.ndarray
    links: np.ndarray | None = None


def similarities_figure(panels: Sequence[Panel], names: Sequence[str], *, axis: str = "m/z (Th)") -> go.Figure:
    """Draw the cosine of each pair of ions by one or several measures, with one range of colours for all.

    Parameters
    ----------
    panels : sequence of Panel
        At least one.
    names : sequence of n str
        Short names of the ions, such as their m/z; two may be equal.
    axis : str
        What the names are.

    Returns
    -------
    Figure
        The colours go from 0 to 1; if any cosine is clearly negative, from -1 to 1 with white at 0.
    """
    names = [literal(name) for name in names]
    grid = _Grid(panels, names)
    negative = min(float(panel.cosines.min()) for panel in panels) < NEGATIVE
    figure = go.Figure()
    for number, panel in enumerate(panels, start=1):
        _draw(figure, grid, panel, number, names, axis)
    return finish(
        figure,
        round(grid.height),
        margin={"l": 0, "r": 0, "t": 10, "b": 10},
        showlegend=False,
        coloraxis={
            "cmin": -1 if negative else 0,
            "cmax": 1,
            "colorscale": DIVERGING if negative else ION_COLOURS,
            "colorbar": {
                "title": {"text": "Cosine similarity (no unit)", "side": "right"},
                "len": 220,
                "lenmode": "pixels",
                "y": 1,
                "yanchor": "top",
                "thickness": 16,
            },
        },
    )


class _Grid:
    """Where the panels are, in shares of the figure."""

    def __init__(self, panels: Sequence[Panel], names: Sequence[str]) -> None:
        number, label = len(names), max(map(len, names)) * LETTER + 12
        self.label = label
        self.columns = min(len(panels), 3 if number <= SIDE_BY_SIDE else 2)
        rows = -(-len(panels) // self.columns)
        self.gap = (label + 10) / WIDTH
        self.width = 1 / self.columns - self.gap
        per_line = int(self.width * WIDTH / 7)
        self.titles = [textwrap.wrap(panel.title, per_line) or [""] for panel in panels]
        head = TITLE_HEIGHT + 16 * (max(map(len, self.titles)) - 1)
        tree = TREE_HEIGHT if any(panel.links is not None for panel in panels) else 0
        cells = number * float(np.clip(300 / number, 13, 40))
        foot = label + 26  # the labels, and the title of the axis
        row = head + tree + cells + foot
        self.height = rows * row + 20
        self.parts = [(head, head + tree, head + tree + cells) for _ in range(rows)]
        self.tops = [place * row for place in range(rows)]
        self.total = rows * row

    def across(self, number: int) -> tuple[float, float]:
        """Return the left and the right end of a panel, from 1."""
        left = (number - 1) % self.columns * (self.width + self.gap) + self.gap
        return left, left + self.width

    def down(self, number: int) -> tuple[float, float, float]:
        """Return the heights of the top of the tree, of the top of the cells, and of their bottom."""
        row = (number - 1) // self.columns
        tree, cells, end = (1 - (self.tops[row] + part) / self.total for part in self.parts[row])
        return tree, cells, end


def _draw(figure: go.Figure, grid: _Grid, panel: Panel, number: int, names: Sequence[str], axis: str) -> None:
    order, count = panel.order, len(names)
    (left, right), (top, middle, bottom) = grid.across(number), grid.down(number)
    x, y, tree = (f"x{2 * number}", f"y{2 * number}", f"y{2 * number + 1}")
    shown = [names[ion] for ion in order]
    figure.add_trace(
        go.Heatmap(
            z=panel.cosines[np.ix_(order, order)],
            x=list(range(count)),  # not the names themselves: plotly would merge equal ones into one row
            y=list(range(count)),
            xaxis=x,
            yaxis=y,
            coloraxis="coloraxis",
            xgap=1 if count <= SIDE_BY_SIDE else 0,
            ygap=1 if count <= SIDE_BY_SIDE else 0,
            texttemplate="%{z:.2f}" if count * grid.columns <= WRITTEN else None,
            customdata=[[f"{row} and {column}" for column in shown] for row in shown],
            hovertemplate="%{customdata}: %{z:.3f}<extra></extra>",
        )
    )
    labels = {
        "tickvals": list(range(count)),
        "ticktext": shown,
        "tickfont": {"size": 11 if count <= SIDE_BY_SIDE else 9},
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
    }
    span = [-0.5, count - 0.5]
    figure.layout[f"xaxis{2 * number}"] = {
        "domain": [left, right], "anchor": y, "range": span, "tickangle": -90, **labels
    }  # fmt: skip
    figure.layout[f"yaxis{2 * number}"] = {"domain": [bottom, middle], "anchor": x, "range": span[::-1], **labels}
    if panel.links is not None:
        _draw_tree(figure, panel, x, tree)
        figure.layout[f"yaxis{2 * number + 1}"] = {
            "domain": [middle, top],
            "anchor": x,
            "rangemode": "tozero",
            "showgrid": False,
            "zeroline": False,
            "tickvals": _ticks(float(panel.links[-1, 2])),
            "tickfont": {"size": 9},
        }
    figure.add_annotation(
        text="<br>".join(map(literal, grid.titles[number - 1])),
        x=(left + right) / 2,
        y=top,
        xref="paper",
        yref="paper",
        xanchor="center",
        yanchor="bottom",
        showarrow=False,
        font={"size": 13},
    )
    figure.add_annotation(  # Plotly's own title of the axis does not keep clear of labels that are turned
        text=literal(axis),
        x=(left + right) / 2,
        y=bottom,
        xref="paper",
        yref="paper",
        yanchor="top",
        yshift=-grid.label,
        showarrow=False,
        font={"size": 11},
    )


def _draw_tree(figure: go.Figure, panel: Panel, x: str, y: str) -> None:
    lines = tree_lines(np.asarray(panel.links), panel.order)
    apart = np.pad(lines, ((0, 0), (0, 1), (0, 0)), constant_values=np.nan)  # no stroke from one link to the next
    figure.add_trace(
        go.Scatter(
            x=apart[:, :, 0].ravel(),
            y=apart[:, :, 1].ravel(),
            xaxis=x,
            yaxis=y,
            mode="lines",
            line={"color": RING_COLOUR, "width": 1.2},
            hovertemplate="Ward distance %{y:.3f}<extra></extra>",
        )
    )


def _ticks(top: float) -> list[float]:
    """Return one to three round heights of a tree, none near its foot, where the name of an ion is."""
    step = 10.0 ** np.floor(np.log10(top)) if top > 0 else 1.0
    return [round(step * part, 12) for part in (0.5, 1, 2, 4, 8) if 0.3 * top < step * part <= top]
