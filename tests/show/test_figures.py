"""Figures: the right numbers at the right place, units on the axes, and no colours that a theme would fight."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from msiss.show import figures
from msiss.show.palette import cluster_colour

POINTS = np.arange(12.0).reshape(6, 2)
CLUSTERS = np.array([1, 0, 0, 2, 0, 1])
NAMES = list("abcdef")


ONE_OF_EACH = {
    "map": figures.map_figure(POINTS, CLUSTERS, NAMES),
    "image": figures.image_figure(np.ones((3, 4)), np.ones((3, 4), dtype=bool), title="m/z 400", pixel_size=(5, 10)),
}


@pytest.mark.parametrize("figure", ONE_OF_EACH.values(), ids=ONE_OF_EACH.keys())
def test_figures_take_the_colours_of_the_page(figure: go.Figure) -> None:
    assert figure.layout.paper_bgcolor == "rgba(0, 0, 0, 0)"
    assert figure.layout.plot_bgcolor == "rgba(0, 0, 0, 0)"
    assert figure.layout.font.color is None
    assert figure.layout.xaxis.title.text
    assert figure.layout.yaxis.title.text
    json.loads(figure.to_json())


def test_map_has_a_trace_per_cluster_and_knows_its_ions() -> None:
    figure = figures.map_figure(POINTS, CLUSTERS, NAMES)
    assert [trace.name for trace in figure.data] == ["Cluster 0", "Cluster 1", "Cluster 2"]
    assert [list(trace.customdata) for trace in figure.data] == [[1, 2, 4], [0, 5], [3]]
    for number, trace in enumerate(figure.data):
        ions = list(trace.customdata)
        assert trace.marker.color == cluster_colour(number)
        assert list(trace.x) == POINTS[ions, 0].tolist()
        assert list(trace.y) == POINTS[ions, 1].tolist()
        assert list(trace.text) == [NAMES[ion] for ion in ions]
        assert trace.selectedpoints is None


def test_map_customdata_stays_plain_numbers_in_json() -> None:
    trace = json.loads(figures.map_figure(POINTS, CLUSTERS, NAMES).to_json())["data"][0]
    assert trace["customdata"] == [1, 2, 4]


def test_map_shows_a_selection_and_fades_the_rest() -> None:
    figure = figures.map_figure(POINTS, CLUSTERS, NAMES, selected=[2, 0])
    *clusters, rings = figure.data
    assert [list(trace.selectedpoints) for trace in clusters] == [[1], [0], []]
    np.testing.assert_array_equal(np.stack([rings.x, rings.y], axis=1), POINTS[[0, 2]])
    assert rings.customdata is None  # a ring is not an ion


def test_map_repeats_colours_with_another_symbol() -> None:
    figure = figures.map_figure(POINTS, CLUSTERS * 40, NAMES)
    assert len({trace.marker.color for trace in figure.data}) == 1
    assert len({trace.marker.symbol for trace in figure.data}) == 3


@pytest.mark.parametrize(("method", "title"), [("umap", "UMAP 1 (no unit)"), ("tsne", "t-SNE 1 (no unit)")])
def test_map_axes_have_no_unit(method: str, title: str) -> None:
    figure = figures.map_figure(POINTS, CLUSTERS, NAMES, method=method)
    assert figure.layout.xaxis.title.text == title
    assert figure.layout.xaxis.showticklabels is False


def test_image_is_clipped_masked_and_in_micrometres() -> None:
    image = np.arange(12, dtype=np.float32).reshape(3, 4)
    mask = np.ones((3, 4), dtype=bool)
    mask[0, 0] = False
    figure = figures.image_figure(image, mask, title="m/z 400.1", pixel_size=(5.0, 10.0), quantile=0.5)
    heatmap = figure.data[0]
    assert np.isnan(heatmap.z[0, 0])
    np.testing.assert_array_equal(heatmap.z[mask], image[mask])
    assert heatmap.zmax == 6  # the median of 1 to 11
    assert (heatmap.dx, heatmap.dy, heatmap.x0, heatmap.y0) == (10, 5, 5, 2.5)
    assert heatmap.colorbar.title.text == "Intensity (a.u.)"
    assert figure.layout.xaxis.title.text == "x (µm)"
    assert figure.layout.xaxis.visible
    assert figure.layout.yaxis.autorange == "reversed"
    assert figure.layout.title.text == "m/z 400.1"


def test_an_image_is_as_high_as_its_shape_asks_for() -> None:
    mask = np.ones((10, 40), dtype=bool)
    heights = [
        figures.image_figure(np.ones(mask.shape), mask, pixel_size=size).layout.height
        for size in ((10.0, 10.0), (20.0, 10.0), (90.0, 10.0))
    ]
    assert heights == [210, 275, 440]  # least, half as high as wide, most


def test_a_long_title_is_broken_into_lines() -> None:
    title = "m/z 534.2962 · PC(O-14:0/2:0) (+5) · C24H50NO7P · M+K · phosphatidylcholines"
    figure = figures.image_figure(np.ones((3, 4)), np.ones((3, 4), dtype=bool), title=title)
    lines = figure.layout.title.text.split("<br>")
    assert " ".join(lines) == title
    assert max(map(len, lines)) <= figures.TITLE_LETTERS
    assert figure.layout.margin.t == 60


def test_image_without_a_pixel_size_has_no_axes() -> None:
    figure = figures.image_figure(np.zeros((3, 4)), np.ones((3, 4), dtype=bool))
    assert figure.layout.xaxis.visible is False
    assert figure.layout.yaxis.visible is False
    assert figure.data[0].zmax == 1  # an empty image still has a scale


def test_an_image_has_a_scale_bar_in_place_of_axes_where_the_pixel_size_is_known() -> None:
    image, mask = np.ones((30, 40)), np.ones((30, 40), dtype=bool)
    figure = figures.image_figure(image, mask, pixel_size=(10.0, 10.0), scale_bar=True)
    (bar,), (text,) = figure.layout.shapes, figure.layout.annotations
    assert (bar.x0, bar.x1, text.text) == (0, 100, "100 µm")  # a quarter of 400 µm
    assert bar.y0 == bar.y1 > 300  # below the image
    assert figure.layout.yaxis.range[0] > bar.y0
    assert figure.layout.xaxis.visible is False
    assert figure.data[0].colorbar.orientation == "h"
    assert not figures.image_figure(image, mask, scale_bar=True).layout.shapes


def test_differences_are_red_above_and_blue_below_zero() -> None:
    image = np.array([[-4.0, 1.0], [2.0, 3.0]])
    figure = figures.image_figure(image, np.ones((2, 2), dtype=bool), signed=True, quantile=1, quantity="Difference")
    heatmap = figure.data[0]
    assert (heatmap.zmin, heatmap.zmax) == (-4, 4)
    assert heatmap.reversescale  # RdBu begins with red
    assert heatmap.colorbar.title.text == "Difference (a.u.)"


def test_many_selected_ions_have_no_rings_that_would_hide_their_colours() -> None:
    points = np.random.default_rng(0).random((40, 2))
    clusters = np.zeros(40, dtype=int)
    names = [str(ion) for ion in range(40)]
    few = figures.map_figure(points, clusters, names, method="umap", selected=range(12))
    many = figures.map_figure(points, clusters, names, method="umap", selected=range(13))
    assert len(few.data) == 2
    assert len(many.data) == 1
    assert list(many.data[0].selectedpoints) == list(range(13))
