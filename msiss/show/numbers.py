"""Curves of the criteria for the number of clusters."""

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from msiss.show.layout import finish
from msiss.show.palette import cluster_colour

NUMBER_TITLES = {
    "eigengap": "Eigengap",
    "silhouette": "Silhouette",
    "stability": "Subsets of the ions",
    "split_half": "Halves of the pixels",
    "isotopes": "Isotopes, above chance",
}
# The first two have their own scales; the others are agreements, from about 0 by chance to 1.
PANELS = (("Eigengap", ("eigengap",)), ("Silhouette", ("silhouette",)), ("Agreement", tuple(NUMBER_TITLES)[2:]))
SUGGESTED, OWN = cluster_colour(1), "#808080"  # grey is visible on white and on black


def numbers_figure(table: pd.DataFrame, *, suggested: int, own: int) -> go.Figure:
    """Draw the criteria for the number of clusters.

    Parameters
    ----------
    table : DataFrame
        Columns k and those of `NUMBER_TITLES`, as in `msiss.analyse.choose_k.Choice`; columns without any number are
        left out.
    suggested : int
        Number of clusters marked by a line.
    own : int
        Number of clusters of the training, marked by a dotted line if it was evaluated.

    Returns
    -------
    Figure
        Three panels: eigengap, silhouette and agreements.
    """
    figure = make_subplots(cols=len(PANELS), horizontal_spacing=0.1, subplot_titles=[title for title, _ in PANELS])
    for column, (_, names) in enumerate(PANELS, start=1):
        for name in names:
            if table[name].notna().any():
                figure.add_trace(_curve(table, name, legend=column == len(PANELS)), row=1, col=column)
        if own in table["k"].to_numpy() and own != suggested:
            figure.add_vline(x=own, line={"color": OWN, "width": 2, "dash": "dot"}, col=column)
        figure.add_vline(x=suggested, line={"color": SUGGESTED, "width": 2}, col=column)
    figure.update_xaxes(title_text="Clusters")
    for column, title in enumerate(("Eigengap (no unit)", "Silhouette (−1 to 1)", "Agreement (1 is best)"), start=1):
        figure.update_yaxes(title_text=title, rangemode="tozero", col=column)
    return finish(figure, 340, legend={"orientation": "h", "x": 1, "xanchor": "right", "y": -0.25})


def _curve(table: pd.DataFrame, name: str, *, legend: bool) -> go.Scatter:
    title = NUMBER_TITLES[name]
    return go.Scatter(
        x=table["k"].tolist(),
        y=table[name].tolist(),
        mode="lines+markers",
        name=title,
        showlegend=legend,
        # Skips the colour of the line at the suggestion.
        line_color=cluster_colour((0, 0, 0, 3, 4)[list(NUMBER_TITLES).index(name)]),
        hovertemplate=f"%{{x}} clusters: {title.lower()} %{{y:.3f}}<extra></extra>",
    )
