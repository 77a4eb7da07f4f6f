"""The bars of clusters add up to 100 %."""

import numpy as np

from msiss.show.region_figures import REGION_COLOURS, region_bars, region_colour


def test_bars_are_shares_in_percent():
    shares = np.array([[0.25, 0.75], [1.0, 0.0], [0.5, 0.5]])
    figure = region_bars(shares, ["0 wall", "1", "2 <i>"], ["A: <b>left", "B: rest"])
    assert [list(bar.x) for bar in figure.data] == [[25, 100, 50], [75, 0, 50]]
    assert figure.data[0].y[0] == "Cluster 0 wall"
    assert "<" not in figure.data[0].name + figure.data[0].y[2]
    assert [bar.marker.color for bar in figure.data] == list(REGION_COLOURS)
    assert figure.layout.barmode == "stack"
    assert figure.layout.yaxis.autorange == "reversed"


def test_ten_regions_have_colours_of_their_own():
    assert len({region_colour(number) for number in range(10)}) == 10
    assert region_colour(10) == region_colour(0)
