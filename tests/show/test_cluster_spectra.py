"""The mean spectrum in the colours of the clusters."""

import numpy as np
import pytest

from msiss.show.cluster_spectra import GREY, LEAST, cluster_spectrum_figure

MZ, INTENSITY = np.array([700.0, 500.0, 600.0, 701.0]), np.array([4.0, 8.0, 0.0, 2.0])
CLUSTERS = np.array([1, 0, 0, 1])
TITLES, COLOURS = {0: "0 <b>cortex", 1: "1"}, {0: "#111111", 1: "#222222"}
NAMES = ["a", "b", "<i>c", "d"]


def drawn(**more):
    return cluster_spectrum_figure(MZ, INTENSITY, CLUSTERS, TITLES, COLOURS, NAMES, **more)


def test_every_ion_is_a_stick_in_the_colour_of_its_cluster_and_can_be_pointed_at():
    sticks, other, tops = drawn().data
    np.testing.assert_array_equal(sticks.x, [500, 500, np.nan, 600, 600, np.nan])
    np.testing.assert_array_equal(sticks.y, [0, 8, np.nan, 0, 0, np.nan])
    assert (sticks.line.color, other.line.color) == ("#111111", "#222222")
    assert sticks.name == "0 &lt;b&gt;cortex"
    assert list(tops.customdata) == [0, 1, 2, 3]
    np.testing.assert_array_equal([tops.x, tops.y], [MZ, INTENSITY])
    assert tops.text[2] == "&lt;i&gt;c<br>cluster 0 &lt;b&gt;cortex"
    assert tops.marker.opacity == 0


def test_isotopes_and_selected_ions_are_marked_at_their_tops():
    marks = {trace.name: trace for trace in drawn(kept=[3, 0], split=[1], selected=[2]).data[3:]}
    assert list(marks) == ["isotopes kept together", "isotopes split", "selected"]
    assert list(marks["isotopes kept together"].x) == [700, 701]
    assert list(marks["isotopes split"].y) == [8]
    assert len({trace.marker.symbol for trace in marks.values()}) == 3  # not told apart by colour alone


def test_other_clusters_are_grey_where_some_were_chosen():
    assert [drawn(only=[1]).data[place].line.color for place in (0, 1)] == [GREY, "#222222"]


def test_sticks_begin_below_the_weakest_ion_on_a_logarithmic_axis():
    figure = drawn(log=True)
    assert figure.layout.yaxis.type == "log"
    values = np.concatenate([trace.y for trace in figure.data])
    assert np.nanmin(values) == pytest.approx(2 * LEAST)  # an ion without signal, too
