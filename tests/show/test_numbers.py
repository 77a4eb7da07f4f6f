"""The curves against the number of clusters: each where it belongs, with the two numbers marked."""

import json

import numpy as np
import pandas as pd

from msiss.show.numbers import NUMBER_TITLES, numbers_figure

TABLE = pd.DataFrame({"k": [2, 3, 4]} | {name: [0.1, 0.3, 0.2] for name in NUMBER_TITLES})


def test_each_curve_is_in_its_panel() -> None:
    figure = numbers_figure(TABLE, suggested=3, own=4)
    assert [trace.name for trace in figure.data] == list(NUMBER_TITLES.values())
    assert [trace.xaxis for trace in figure.data] == ["x", "x2", "x3", "x3", "x3"]
    assert all(list(trace.x) == [2, 3, 4] and list(trace.y) == [0.1, 0.3, 0.2] for trace in figure.data)
    assert len({trace.line.color for trace in figure.data[2:]}) == 3


def test_the_suggestion_and_the_trainings_number_are_marked_in_every_panel() -> None:
    shapes = numbers_figure(TABLE, suggested=3, own=4).layout.shapes
    assert [(line.xref, line.x0, line.line.dash) for line in shapes] == [
        (axis, *line) for axis in ("x", "x2", "x3") for line in ((4, "dot"), (3, None))
    ]
    assert [line.x0 for line in numbers_figure(TABLE, suggested=3, own=9).layout.shapes] == [3, 3, 3]


def test_what_was_not_measured_is_left_out() -> None:
    figure = numbers_figure(TABLE.assign(split_half=np.nan, isotopes=np.nan), suggested=3, own=3)
    assert [trace.name for trace in figure.data] == ["Eigengap", "Silhouette", "Subsets of the ions"]


def test_the_background_is_left_to_the_page() -> None:
    figure = numbers_figure(TABLE, suggested=3, own=3)
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0, 0, 0, 0)"
    assert figure.layout.font.color is None
    assert figure.layout.xaxis3.title.text == "Clusters"
    assert figure.layout.yaxis2.title.text == "Silhouette (−1 to 1)"
    json.loads(figure.to_json())
