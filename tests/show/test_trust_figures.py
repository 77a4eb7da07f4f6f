"""Figures of how far to trust clusters."""

import numpy as np

from msiss.show.trust_figures import confidence_trust_figure, refinement_figure, sweep_figure


def test_shares_are_in_per_cent_and_missing_where_no_ion_is_left():
    right, kept = np.array([0.5, 1, np.nan]), np.array([1, 0.25, 0])
    figure = confidence_trust_figure(np.array([0, 0.5, 0.9]), {"Right": right}, kept)
    assert [trace.name for trace in figure.data] == ["Right", "Ions above"]
    assert list(figure.data[0].y) == [50, 100, None]
    assert list(figure.data[1].y) == [100, 25, 0]
    assert list(figure.data[0].x) == [0, 0.5, 0.9]


def test_epoch_0_is_before_self_labelling():
    figure = refinement_figure({"Purity": np.array([0.5, 0.75]), "ARI": np.array([np.nan, 0.1])})
    assert [list(trace.x) for trace in figure.data] == [[0, 1]] * 2
    assert [list(trace.y) for trace in figure.data] == [[0.5, 0.75], [None, 0.1]]


def test_augmentations_are_bars_beside_the_line_of_before():
    figure = sweep_figure(["none", "crop"], [0.5, None], before=0.25)
    (bars,) = figure.data
    assert list(bars.y) == ["none", "crop"]
    assert list(bars.x) == [50, None]
    assert list(bars.text) == ["50.0", ""]
    assert figure.layout.shapes[0].x0 == 25
    assert not sweep_figure(["none"], [None], before=None).layout.shapes
