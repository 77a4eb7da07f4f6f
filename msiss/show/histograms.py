"""Histograms with a threshold: how many values a setting removes."""

import numpy as np
import plotly.graph_objects as go

from msiss.show.layout import finish
from msiss.show.palette import cluster_colour

BINS = 40
STAYS, GOES = cluster_colour(0), "#909090"  # grey is visible on white and on black
LINE = cluster_colour(1)


def threshold_figure(
    values: np.ndarray, threshold: float, *, axis: str, things: str, limits: tuple[float, float] | None = None
) -> go.Figure:
    """Draw a histogram of values, with those below a threshold in grey.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Such as Moran's I of each ion.
    threshold : float
        Values below it are removed.
    axis : str
        Title of the axis, with the unit.
    things : str
        Noun for the values, in the plural.
    limits : tuple of two float, optional
        Limits of the axis; by default the range of the values.

    Returns
    -------
    Figure
        Two stacked traces, "stay" and "go", on the same bins.
    """
    finite = values[np.isfinite(values)]
    low, high = limits or ((float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0))
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    figure = go.Figure()
    for name, part, colour in (
        ("stay", finite[finite >= threshold], STAYS),
        ("go", finite[finite < threshold], GOES),
    ):
        counts, _ = np.histogram(np.clip(part, edges[0], edges[-1]), edges)
        figure.add_bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            width=np.diff(edges),
            name=name,
            marker_color=colour,
            customdata=np.stack([edges[:-1], edges[1:]], axis=1),
            hovertemplate=f"%{{y}} {things} {name}, %{{customdata[0]:.3g}} to %{{customdata[1]:.3g}}<extra></extra>",
        )
    if edges[0] <= threshold <= edges[-1]:
        figure.add_vline(x=threshold, line_color=LINE, line_width=2)
    figure.update_xaxes(title_text=axis, range=[edges[0], edges[-1]])
    figure.update_yaxes(title_text=f"Number of {things}")
    return finish(figure, 240, barmode="stack", bargap=0, showlegend=False, margin={"l": 10, "r": 10, "t": 10, "b": 10})
