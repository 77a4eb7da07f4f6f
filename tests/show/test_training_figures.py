"""Curves of a training: what they show, and nothing before there is anything."""

import json
from typing import Any

import plotly.graph_objects as go
import pytest

from msiss.show import training_figures as figures


def epoch(phase: str, number: int, **values: float) -> dict[str, Any]:
    return {"event": "EpochEnded", "phase": phase, "epoch": number, "epochs": 3, "values": values, "time": 0.0}


EVENTS = [
    {"event": "PhaseStarted", "phase": "contrastive", "epochs": 3, "time": 0.0},
    epoch("contrastive", 1, loss=5.0, alignment=0.5, uniformity=-1.0),
    epoch("contrastive", 2, loss=9.0),
    epoch("contrastive", 2, loss=4.0, alignment=0.25, uniformity=-2.0),  # resumed: the second epoch ran again
    epoch("self-label", 1, loss=1.0, confident=0.25),
]


@pytest.mark.parametrize("draw", [figures.loss_figure, figures.alignment_figure, figures.confidence_figure])
def test_figures_take_the_colours_of_the_page(draw: Any) -> None:
    figure: go.Figure = draw(EVENTS)
    assert figure.layout.paper_bgcolor == "rgba(0, 0, 0, 0)"
    assert figure.layout.plot_bgcolor == "rgba(0, 0, 0, 0)"
    assert figure.layout.font.color is None
    assert figure.layout.xaxis.title.text == "Epoch"
    assert figure.layout.yaxis.title.text
    json.loads(figure.to_json())


def test_losses_by_phase_count_a_repeated_epoch_once() -> None:
    figure = figures.loss_figure(EVENTS)
    assert [note.text for note in figure.layout.annotations] == ["Contrastive learning", "Self-labelling"]
    assert list(figure.data[0].x) == [1, 2]
    assert list(figure.data[0].y) == [5, 4]
    assert list(figure.data[1].y) == [1]


def test_alignment_and_uniformity_have_a_panel_each() -> None:
    figure = figures.alignment_figure(EVENTS)
    assert [list(trace.x) for trace in figure.data] == [[1, 2], [1, 2]]
    assert [list(trace.y) for trace in figure.data] == [[0.5, 0.25], [-1, -2]]


def test_confidence_in_percent() -> None:
    figure = figures.confidence_figure(EVENTS)
    assert list(figure.data[0].y) == [25]
    assert figure.layout.yaxis.title.text == "Confident ion images (%)"


def test_curves_before_the_first_epoch_are_empty() -> None:
    assert not figures.loss_figure([]).data
    assert not len(figures.confidence_figure([]).data[0].y)
