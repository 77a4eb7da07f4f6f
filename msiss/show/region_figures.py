"""The figure of which cluster lives in which region."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from msiss.show.layout import finish
from msiss.show.markup import literal

REGION_COLOURS = ("#f53287", "#eb7814")  # of A and B, as on the section
_MORE = ("#1e78d7", "#46dcc8", "#be96ff", "#826400", "#dcc800", "#6437aa", "#008c78", "#a00064")
LEGEND = {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0, "traceorder": "normal"}
ROW_PIXELS = 26


def region_colour(number: int) -> str:
    """Return the colour of a region: that of A, of B, and of others."""
    colours = (*REGION_COLOURS, *_MORE)
    return colours[number % len(colours)]


def region_bars(shares: np.ndarray, clusters: Sequence[str], regions: Sequence[str]) -> go.Figure:
    """Draw how the intensity of each cluster is divided between regions, per pixel, as bars that add up to 100 %.

    Parameters
    ----------
    shares : ndarray of shape (K, R)
        Rows add up to 1; see `msiss.analyse.regions.shares`.
    clusters, regions : sequence of str
        Titles; text of files and people is escaped here.
    """
    titles = [f"Cluster {literal(title)}" for title in clusters]
    figure = go.Figure()
    for number, region in enumerate(regions):
        figure.add_bar(
            x=100 * shares[:, number],
            y=titles,
            orientation="h",
            name=literal(region),
            marker={"color": region_colour(number)},
            hovertemplate="%{y}: %{x:.0f}%<extra>%{fullData.name}</extra>",
        )
    figure.update_xaxes(title_text="Share of the intensity per pixel (%)", range=[0, 100])
    figure.update_yaxes(autorange="reversed", automargin=True)
    return finish(figure, 110 + ROW_PIXELS * len(titles), barmode="stack", bargap=0.25, legend=LEGEND)
