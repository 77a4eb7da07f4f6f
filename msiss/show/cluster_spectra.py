"""The mean spectrum with every ion in the colour of its cluster, and its isotope groups marked."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from msiss.show.layout import finish
from msiss.show.markup import literal

GREY = "#8c8c8c"  # seen on white and on black
KEPT, SPLIT = "circle-open", "x-thin-open"
SPLIT_COLOUR = "#d55e00"  # of Okabe & Ito; beside grey told apart by any eye
LEAST = 0.5  # of the weakest ion: where sticks begin on a logarithmic axis


def cluster_spectrum_figure(
    mz: np.ndarray,
    intensity: np.ndarray,
    clusters: np.ndarray,
    titles: Mapping[int, str],
    colours: Mapping[int, str],
    names: Sequence[str],
    *,
    kept: Collection[int] = (),
    split: Collection[int] = (),
    selected: Collection[int] = (),
    axis: str = "m/z (Th)",
    log: bool = False,
    only: Collection[int] = (),
) -> go.Figure:
    """Draw the mean spectrum.

    Parameters
    ----------
    mz, intensity : ndarray of shape (N,)
        Position of each ion, and its mean intensity.
    clusters : ndarray of shape (N,), int
        Cluster of each ion.
    titles, colours : dict
        Of each cluster.
    names : sequence of N str
        Text on hover.
    kept, split : collection of int
        Ions of isotope groups whose ions are in one cluster, or are not.
    selected : collection of int
        Ions to mark.
    axis : str
        Title of the axis.
    log : bool
        Logarithmic intensity.
    only : collection of int
        Clusters in colour, the others grey; all by default.

    Returns
    -------
    Figure
        The `customdata` of each ion is its number, so that a selection event identifies the selected ions.
    """
    figure = go.Figure()
    hover = np.array([literal(name) for name in names], dtype=object)
    positive = intensity[intensity > 0]
    base = float(positive.min()) * LEAST if log and len(positive) else 0.0
    tops = np.maximum(intensity, base)
    shown = {one: colours[one] if not only or one in only else GREY for one in np.unique(clusters).tolist()}
    for cluster, colour in shown.items():
        ions = np.flatnonzero(clusters == cluster)
        x, y = np.repeat(mz[ions], 3), np.full(3 * len(ions), base)
        x[2::3], y[2::3], y[1::3] = np.nan, np.nan, tops[ions]
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines",
            line={"color": colour, "width": 1.5},
            hoverinfo="skip",
            name=literal(titles[cluster]),
            showlegend=True,
        )
    # One trace has all tops, which are only pointed at: a trace per cluster takes a browser seconds with 5,000 ions.
    figure.add_scatter(
        x=mz,
        y=tops,
        mode="markers",
        marker={"color": [shown[one] for one in clusters.tolist()], "size": 7, "opacity": 0},
        customdata=np.arange(len(mz)).tolist(),
        text=[f"{name}<br>cluster {literal(titles[one])}" for name, one in zip(hover, clusters.tolist(), strict=True)],
        hovertemplate="%{text}<br>mean intensity %{y:.4g}<extra></extra>",
        unselected={"marker": {"opacity": 0}},
        showlegend=False,
    )
    marked = (
        (sorted(kept), "isotopes kept together", {"symbol": KEPT, "size": 10, "color": GREY, "line": {"width": 1.5}}),
        (sorted(split), "isotopes split", {"symbol": SPLIT, "size": 9, "line": {"width": 2.5, "color": SPLIT_COLOUR}}),
        (sorted(selected), "selected", {"symbol": "diamond-open", "size": 14, "color": GREY, "line": {"width": 2}}),
    )
    for some, title, marker in marked:
        if some:
            figure.add_scatter(
                x=mz[some], y=tops[some], mode="markers", marker=marker, name=title, hoverinfo="skip", showlegend=True
            )
    figure.update_xaxes(title=literal(axis), showgrid=False)
    figure.update_yaxes(title="Mean intensity (a.u.)", rangemode="normal" if log else "tozero")
    if log:
        figure.update_yaxes(type="log", exponentformat="power")
    else:
        figure.update_yaxes(fixedrange=True)  # a box zooms along the m/z
    return finish(
        figure,
        360,
        margin={"l": 60, "r": 10, "t": 10, "b": 50},
        legend={"itemsizing": "constant", "itemclick": "toggle", "itemdoubleclick": "toggleothers"},
        dragmode="zoom",
        hovermode="closest",
        uirevision="spectrum",  # the zoom stays while clusters change
    )
