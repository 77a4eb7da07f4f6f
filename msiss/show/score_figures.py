"""Plotly figures that compare representations, one row each, so that ten remain readable."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from msiss.show.layout import finish
from msiss.show.palette import cluster_colour

PAIR_TITLES = {
    "same_cluster": "Same cluster",
    "chance": "Same cluster by chance",
    "top5": "Partner among 5 nearest",
    "mrr": "Mean of 1 / partner's rank",
}
EVIDENCE_TITLES = {
    "halves": "Found again in half the pixels",
    "agreement": "Same clusters from either half",
    "stability": "Same clusters from 80% of ions",
    "top5": "Isotopes and adducts near",
    "apart": "… in other pixels",
    "above_chance": "Isotopes and adducts together",
}
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "star", "hexagon", "x")
ROW_PIXELS = 34
# At the top of the figure, not of the rows: Plotly makes room for as many lines of it as there were before the titles
# of the rows took their width, so that it would lie over the first row in a narrow window.
LEGEND = {"orientation": "h", "yref": "container", "yanchor": "top", "y": 1.0, "x": 0}
LEGEND_PIXELS = 70  # three lines, as in a window of 1024 pixels
MARGIN = {"l": 10, "r": 10, "t": LEGEND_PIXELS, "b": 10}


def scores_figure(scores: Mapping[str, Mapping[str, Any]], titles: Mapping[str, str]) -> go.Figure:
    """Draw the scores against known classes, one row per representation.

    Parameters
    ----------
    scores : dict
        Scores by title of the representation; those that are None are left out.
    titles : dict of str
        Titles by name of the scores to draw.

    Returns
    -------
    Figure
        One trace per score.
    """
    return _dots(scores, titles, "Score (1 is best)")


def pairs_figure(scores: Mapping[str, Mapping[str, Any]], *, kind: str = "all") -> go.Figure:
    """Draw how well pairs of one kind are found, with the value expected by chance.

    Parameters
    ----------
    scores : dict
        Scores by title of the representation, with "pairs" by kind.
    kind : str
        Kind of pairs.

    Returns
    -------
    Figure
        One trace per score.
    """
    found = {name: values["pairs"].get(kind, {}) for name, values in scores.items()}
    number = max((values.get("n", 0) for values in found.values()), default=0)
    return _dots(found, PAIR_TITLES, f"Share of {number} pairs (1 is best)")


def evidence_figure(rows: Mapping[str, Mapping[str, float | None]]) -> go.Figure:
    """Draw the scores of representations that need no labels.

    Parameters
    ----------
    rows : dict
        Values by title of the representation and by the keys of `EVIDENCE_TITLES`; None if unknown.

    Returns
    -------
    Figure
        One trace per column.
    """
    return _dots(rows, EVIDENCE_TITLES, "1 is best")


def neighbours_figure(scores: Mapping[str, Mapping[str, Any]], *, dashed: Collection[str]) -> go.Figure:
    """Draw the k-NN purity against the number of neighbours k.

    Parameters
    ----------
    scores : dict
        Scores by title of the representation; those without "knn" are left out.
    dashed : collection of str
        Titles of the representations with dashed lines.

    Returns
    -------
    Figure
        One trace per representation.
    """
    figure = go.Figure()
    for number, (title, values) in enumerate(scores.items()):
        purities: Sequence[float] = values["knn"]
        if purities:
            figure.add_scatter(
                x=list(range(1, len(purities) + 1)),
                y=list(purities),
                mode="lines",
                name=title,
                line={"color": cluster_colour(number), "dash": "dash" if title in dashed else "solid"},
                hovertemplate=f"{title}, k = %{{x}}: %{{y:.3f}}<extra></extra>",
            )
    figure.update_xaxes(title_text="Nearest neighbours k")
    figure.update_yaxes(title_text="k-NN purity (1 is best)")
    return finish(figure, 420, legend=LEGEND, margin=MARGIN)


def _dots(rows: Mapping[str, Mapping[str, Any]], titles: Mapping[str, str], axis: str) -> go.Figure:
    figure = go.Figure()
    for number, (key, title) in enumerate(titles.items()):
        known = {name: row[key] for name, row in rows.items() if row.get(key) is not None}
        if known:
            figure.add_scatter(
                x=list(known.values()),
                y=list(known),
                mode="markers",
                name=title,
                marker={"symbol": SYMBOLS[number % len(SYMBOLS)], "size": 11, "color": cluster_colour(number)},
                hovertemplate=f"{title}: %{{x:.3f}}<extra>%{{y}}</extra>",
            )
    figure.update_xaxes(title_text=axis, rangemode="tozero")
    figure.update_yaxes(
        title_text="Representation", categoryorder="array", categoryarray=list(rows)[::-1], automargin=True
    )
    return finish(figure, 100 + LEGEND_PIXELS + ROW_PIXELS * len(rows), legend=LEGEND, margin=MARGIN)
