"""Figures that compare clusterings."""

import numpy as np

from msiss.show.comparison_figures import company_figure, shared_figure, value_map_figure


def test_a_cell_has_its_number_of_ions_and_the_colour_of_its_share_of_the_row():
    table = np.array([[3, 1], [0, 2], [0, 0]])
    figure = shared_figure(table, ["0 <b>", "1", "2"], ["a", "b"], row_title="Class", column_title="Cluster")
    (cells,) = figure.data
    np.testing.assert_allclose(cells.z, [[0.75, 0.25], [0, 1], [0, 0]])
    assert [list(row) for row in cells.text] == [["3", "1"], ["", "2"], ["", ""]]
    assert cells.customdata[0][1] == "Class 0 &lt;b&gt;, Cluster b: 1"
    assert figure.layout.yaxis.ticktext[0] == "0 &lt;b&gt;"
    assert cells.texttemplate == "%{text}"
    many = shared_figure(np.ones((40, 2)), ["x" * 99] * 40, ["a", "b"], row_title="", column_title="")
    assert many.data[0].texttemplate is None
    assert many.layout.yaxis.ticktext[0] == "x" * 23 + "…"
    assert many.layout.height < 700


def test_company_is_in_per_cent():
    (bars,) = company_figure(np.array([0.25, 1])).data
    assert bars.x.tolist() == [25, 100]


def test_a_map_has_a_value_per_point_and_escaped_names():
    points, values = np.array([[0.0, 1], [2, 3]]), np.array([0.5, 1])
    (dots,) = value_map_figure(points, values, ["<a>", "b"], title="Kept").data
    assert list(dots.marker.color) == [0.5, 1]
    assert (dots.marker.cmin, dots.marker.cmax) == (0, 1)
    assert (dots.x.tolist(), dots.y.tolist()) == ([0, 2], [1, 3])
    assert dots.text[0] == "&lt;a&gt;"
