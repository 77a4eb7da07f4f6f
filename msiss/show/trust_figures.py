"""Plotly figures of how far to trust clusters: confidence, self-labelling over its epochs, single augmentations."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from msiss.show.layout import finish
from msiss.show.palette import cluster_colour

LEGEND = {"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0}
HEIGHT = 320  # screen pixels
ROW_PIXELS = 30


def confidence_trust_figure(thresholds: np.ndarray, right: Mapping[str, np.ndarray], kept: np.ndarray) -> go.Figure:
    """Draw what is right among the ions above a confidence, and how many ions that are (Fig. 2f of the paper).

    Parameters
    ----------
    thresholds : ndarray of shape (T,)
        Confidences.
    right : dict of str to ndarray of shape (T,)
        Shares by title, from `msiss.analyse.learning_curves.confidence_curve`; NaN where they are not known.
    kept : ndarray of shape (T,)
        Share of the ions above.
    """
    figure = go.Figure()
    for number, (name, values) in enumerate(({**right, "Ions above": kept}).items()):
        figure.add_scatter(
            x=thresholds.tolist(),
            y=[None if np.isnan(value) else 100 * value for value in values.tolist()],
            mode="lines",
            name=name,
            line={"color": cluster_colour(number), "dash": "dash" if number == len(right) else "solid"},
            hovertemplate=f"confidence above %{{x:.2f}}: {name.lower()} %{{y:.0f}}%<extra></extra>",
        )
    figure.update_xaxes(title_text="Confidence above")
    figure.update_yaxes(title_text="Share of the ions (%)", range=[0, 104])
    return finish(figure, HEIGHT, legend=LEGEND)


def refinement_figure(scores: Mapping[str, np.ndarray]) -> go.Figure:
    """Draw scores against known classes over the epochs of self-labelling (Fig. 2g of the paper).

    Parameters
    ----------
    scores : dict of str to ndarray of shape (E + 1,)
        By title; before the first epoch and in each of E epochs.
    """
    figure = go.Figure()
    for number, (title, values) in enumerate(scores.items()):
        figure.add_scatter(
            x=list(range(len(values))),
            y=[None if np.isnan(value) else value for value in values.tolist()],
            mode="lines",
            name=title,
            line={"color": cluster_colour(number)},
            hovertemplate=f"epoch %{{x}}: {title} %{{y:.3f}}<extra></extra>",
        )
    figure.update_xaxes(title_text="Epoch of self-labelling (0: before it)")
    figure.update_yaxes(title_text="Score (1 is best)", range=[0, 1.04])
    return finish(figure, HEIGHT, legend=LEGEND)


def sweep_figure(names: Sequence[str], accuracies: Sequence[float | None], *, before: float | None) -> go.Figure:
    """Draw the linear evaluation after contrastive learning with each augmentation alone (Fig. 2b of the paper).

    Parameters
    ----------
    names : sequence of str
        The augmentations.
    accuracies : sequence of float or None
        Accuracy of a linear classifier of the features; None if it is not known.
    before : float or None
        That of the features before the training, drawn as a line.
    """
    known = [None if value is None else 100 * value for value in accuracies]
    figure = go.Figure(
        go.Bar(
            x=known,
            y=list(names),
            orientation="h",
            marker_color=cluster_colour(0),
            text=["" if value is None else f"{value:.1f}" for value in known],
            textposition="outside",
            hovertemplate="%{y}: %{x:.1f}%<extra></extra>",
        )
    )
    if before is not None:
        figure.add_vline(x=100 * before, line={"color": cluster_colour(1), "width": 2, "dash": "dot"})
    figure.update_xaxes(title_text="Ions whose class a linear classifier finds (%)", range=[0, 104])
    figure.update_yaxes(title_text="Augmentation", autorange="reversed", automargin=True)
    return finish(figure, 110 + ROW_PIXELS * len(names))
