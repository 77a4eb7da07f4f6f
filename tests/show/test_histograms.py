import numpy as np
import pytest

from msiss.show.histograms import threshold_figure


def drawn(values, threshold, **options):
    return threshold_figure(np.array(values), threshold, axis="Moran's I (no unit)", things="ions", **options)


def test_every_value_is_counted_once_as_staying_or_going():
    values = np.random.default_rng(0).normal(size=500)
    stay, go = drawn(values, 0.3).data
    assert (stay.name, go.name) == ("stay", "go")
    assert sum(stay.y) == (values >= 0.3).sum()
    assert sum(go.y) == (values < 0.3).sum()


def test_the_threshold_is_a_line_where_it_lies_on_the_axis():
    assert drawn([0.0, 1.0], 0.4).layout.shapes[0].x0 == 0.4
    assert not drawn([0.0, 1.0], -1.0).layout.shapes


@pytest.mark.parametrize("values", [[0.5], [0.5, 0.5], [np.nan, 0.5], [], [np.nan]])
def test_few_equal_or_no_values_are_drawn(values):
    stay, go = drawn(values, 0.2).data
    assert sum(stay.y) + sum(go.y) == np.isfinite(values).sum()


def test_values_beyond_the_given_limits_count_in_the_last_bins():
    stay, _ = drawn([-5.0, 0.5, 9.0], -10.0, limits=(0.0, 1.0)).data
    assert (stay.y[0], stay.y[-1], sum(stay.y)) == (1, 1, 3)


def test_the_background_is_left_to_the_page():
    figure = drawn([0.0, 1.0], 0.4)
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0, 0, 0, 0)"
    assert figure.layout.xaxis.title.text == "Moran's I (no unit)"
    assert figure.layout.yaxis.title.text == "Number of ions"
