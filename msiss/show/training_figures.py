"""Plotly figures of the progress of a training, by the events of its epochs."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from msiss.show.layout import finish
from msiss.show.palette import cluster_colour

PHASE_TITLES = {"contrastive": "Contrastive learning", "classifier": "Classifier", "self-label": "Self-labelling"}
HEIGHT = 260  # screen pixels


def loss_figure(events: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Draw the loss of each phase over its epochs.

    Parameters
    ----------
    events : sequence of dict
        Events of a run, of which those of the kind "EpochEnded" are used. If an epoch ran twice, because the run was
        resumed, the later event counts.

    Returns
    -------
    Figure
        One panel per phase that has started, as each has its own loss.
    """
    panels = [
        (title, values, "loss %{y:.4f}")
        for phase, title in PHASE_TITLES.items()
        if (values := _by_epoch(events, phase, "loss"))
    ]
    return _panels(panels, "Loss (no unit)")


def alignment_figure(events: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Draw alignment and uniformity against the epochs of contrastive learning.

    Parameters
    ----------
    events : sequence of dict
        As for `loss_figure`.

    Returns
    -------
    Figure
        One panel for each.
    """
    titles = {"alignment": "Distance of two views (alignment)", "uniformity": "Crowding of all ions (uniformity)"}
    panels = [(title, _by_epoch(events, "contrastive", name), f"{name} %{{y:.3f}}") for name, title in titles.items()]
    return _panels(panels, "No unit")


def confidence_figure(events: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Draw the share of confident ion images against the epochs of self-labelling.

    Parameters
    ----------
    events : sequence of dict
        As for `loss_figure`.

    Returns
    -------
    Figure
    """
    shares = _by_epoch(events, "self-label", "confident")
    percent = {epoch: 100 * share for epoch, share in shares.items()}
    figure = go.Figure(_curve(percent, "%{y:.0f}% confident"))
    figure.update_xaxes(title_text="Epoch", dtick=_whole_epochs(percent))
    figure.update_yaxes(title_text="Confident ion images (%)", range=[0, 105])
    return finish(figure, HEIGHT, showlegend=False)


def _panels(panels: Sequence[tuple[str, Mapping[int, float], str]], axis: str) -> go.Figure:
    """Draw the `panels`, each given by its title, its values by epoch and the hover text of its points."""
    figure = make_subplots(cols=max(1, len(panels)), subplot_titles=[title for title, _, _ in panels])
    for column, (_, values, hover) in enumerate(panels, start=1):
        figure.add_trace(_curve(values, hover), row=1, col=column)
        figure.update_xaxes(dtick=_whole_epochs(values), col=column)
    figure.update_xaxes(title_text="Epoch")
    figure.update_yaxes(title_text=axis, col=1)
    return finish(figure, HEIGHT, showlegend=False)


def _by_epoch(events: Sequence[Mapping[str, Any]], phase: str, value: str) -> dict[int, float]:
    ended = [event for event in events if event.get("event") == "EpochEnded" and event["phase"] == phase]
    values = {event["epoch"]: event["values"][value] for event in ended if value in event["values"]}
    return dict(sorted(values.items()))


def _curve(values: Mapping[int, float], hover: str) -> go.Scatter:
    return go.Scatter(
        x=list(values),
        y=list(values.values()),
        mode="lines+markers",
        line_color=cluster_colour(0),
        hovertemplate=f"epoch %{{x}}: {hover}<extra></extra>",
    )


def _whole_epochs(values: Mapping[int, float]) -> int:
    """Return a spacing of ticks in whole epochs."""
    return max(1, len(values) // 5)
