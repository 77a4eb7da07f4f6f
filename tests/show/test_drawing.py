import numpy as np
import plotly.graph_objects as go
import pytest

from msiss.show.drawing import MOST_CORNERS, MOST_SIDE, Drawn, Marked, outlines, section_figure

SHAPE = (16, 20)


@pytest.fixture
def image():
    return np.random.default_rng(0).uniform(1, 2, SHAPE)


def heatmaps(figure):
    return [trace for trace in figure.data if isinstance(trace, go.Heatmap)]


def test_the_axes_are_columns_and_rows_in_pixels(image):
    measured = np.ones(SHAPE, bool)
    figure = section_figure(image, measured, measured, pixel_size=(20.0, 10.0))
    assert tuple(figure.layout.xaxis.range) == (-0.5, 19.5)
    assert tuple(figure.layout.yaxis.range) == (15.5, -0.5)
    assert figure.layout.yaxis.scaleratio == 2
    (heatmap,) = heatmaps(figure)
    assert (heatmap.x0, heatmap.dx, heatmap.y0, heatmap.dy) == (0, 1, 0, 1)
    np.testing.assert_allclose(heatmap.z, image, rtol=1e-6)


def test_what_goes_is_greyed_and_what_stays_has_an_outline(image):
    measured = np.ones(SHAPE, bool)
    measured[0] = False
    mask = measured.copy()
    mask[:, :5] = False
    figure = section_figure(image, measured, mask)
    picture, grey = heatmaps(figure)
    np.testing.assert_array_equal(np.isnan(picture.z), ~measured)
    np.testing.assert_array_equal(~np.isnan(grey.z), measured & ~mask)
    (outline,) = [trace for trace in figure.data if isinstance(trace, go.Contour)]
    np.testing.assert_array_equal(np.asarray(outline.z)[1:-1, 1:-1].astype(bool), mask)
    assert (outline.x0, outline.y0) == (-1, -1)


def test_marked_pixels_are_outlined_over_a_picture_that_hides_the_image(image):
    measured, pixels = np.ones(SHAPE, bool), np.zeros(SHAPE, bool)
    pixels[3:6, 4:9] = True
    marks = [Marked("<b>A", pixels, "#f53287", "dot"), Marked("none", np.zeros(SHAPE, bool), "#ffffff")]
    figure = section_figure(image, measured, measured, marked=marks, picture="data:image/png;base64,x", height=300)
    (outline,) = [trace for trace in figure.data if isinstance(trace, go.Contour)]
    np.testing.assert_array_equal(np.asarray(outline.z)[1:-1, 1:-1].astype(bool), pixels)
    assert (outline.line.color, outline.line.dash) == ("#f53287", "dot")
    (label,) = figure.layout.annotations
    assert (label.x, label.y) == (4, 3)
    assert "<b>" not in label.text
    (under,) = figure.layout.images
    assert (under.x, under.y, under.sizex, under.sizey) == (-0.5, -0.5, 20, 16)
    assert heatmaps(figure)[0].opacity == 0
    assert figure.layout.height == 300


def test_a_large_section_is_drawn_in_blocks_that_lie_where_their_pixels_are():
    image = np.zeros((1000, 700))
    image[600:605, 300:305] = 8.0
    measured = np.ones(image.shape, bool)
    figure = section_figure(image, measured, measured)
    (heatmap,) = heatmaps(figure)
    assert max(heatmap.z.shape) <= MOST_SIDE
    row, column = np.unravel_index(np.argmax(heatmap.z), heatmap.z.shape)
    assert heatmap.y0 + row * heatmap.dy == pytest.approx(602, abs=heatmap.dy)
    assert heatmap.x0 + column * heatmap.dx == pytest.approx(302, abs=heatmap.dx)
    assert tuple(figure.layout.xaxis.range) == (-0.5, 699.5)


def test_blocks_average_only_measured_pixels():
    image, measured = np.full((640, 640), 4.0), np.ones((640, 640), bool)
    measured[::2] = False
    (heatmap,) = heatmaps(section_figure(image, measured, measured))
    np.testing.assert_allclose(heatmap.z, 4)


def test_areas_are_closed_lines_with_their_names(image):
    measured = np.ones(SHAPE, bool)
    area = Drawn("cortex <1>", "region", ((1, 2), (1, 8), (9, 8)))
    figure = section_figure(image, measured, measured, areas=[area])
    (line,) = [trace for trace in figure.data if getattr(trace, "mode", "") == "lines"]
    assert line.x == (2, 8, 8, 2)
    assert line.y == (1, 1, 9, 1)
    (label,) = figure.layout.annotations
    assert (label.x, label.y, label.text) == (2, 1, "cortex &lt;1&gt;")


def test_there_are_dots_to_be_selected_which_nobody_sees(image):
    measured = np.ones(SHAPE, bool)
    dots = section_figure(image, measured, measured).data[-1]
    assert dots.mode == "markers"
    assert dots.marker.opacity == dots.selected.marker.opacity == dots.unselected.marker.opacity == 0
    assert len(dots.x) == 16 * 20


@pytest.mark.parametrize("value", [0.0, 1e-30])
def test_an_empty_section_is_drawn(value):
    nothing = np.zeros(SHAPE, bool)
    figure = section_figure(np.full(SHAPE, value), nothing, nothing)
    assert heatmaps(figure)[0].zmax > 0


def test_a_loop_and_a_box_become_corners_of_rows_and_columns():
    selection = {
        "lasso": [{"x": [1, 5.004, 5, 1], "y": [2, 2, 7, 7]}],
        "box": [{"x": [8, 3], "y": [4, 1]}],
    }
    assert outlines(selection) == [
        ((2, 1), (2, 5), (7, 5), (7, 1)),
        ((1, 3), (1, 8), (4, 8), (4, 3)),
    ]


@pytest.mark.parametrize(
    "selection",
    [
        {},
        {"lasso": [], "box": []},
        {"lasso": [{"x": [1, 2, 1], "y": [1, 2, 1]}]},
        {"box": [{"x": [1, 1], "y": [2, 2]}]},
    ],
)
def test_a_click_is_no_area(selection):
    assert outlines(selection) == []


def test_a_long_loop_has_no_more_corners_than_a_hand_draws():
    turn = np.linspace(0, 2 * np.pi, 5000, endpoint=False)
    (corners,) = outlines({"lasso": [{"x": list(50 * np.cos(turn)), "y": list(50 * np.sin(turn))}]})
    assert 300 < len(corners) <= MOST_CORNERS
