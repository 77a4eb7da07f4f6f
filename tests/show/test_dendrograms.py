"""Heat maps of several measures with their trees."""

import numpy as np
import pytest

from msiss.analyse.similarity import cosine_similarity
from msiss.analyse.trees import ward_tree
from msiss.show.dendrograms import DIVERGING, Panel, similarities_figure
from msiss.show.palette import ION_COLOURS


def panel(ions: int, seed: int = 0, *, positive: bool = True) -> Panel:
    vectors = np.random.default_rng(seed).normal(size=(ions, 4))
    vectors = np.abs(vectors) if positive else vectors
    tree = ward_tree(vectors)
    return Panel(f"measure {seed}", cosine_similarity(vectors), tree.order, tree.links)


def test_all_panels_share_one_range_of_colours_and_one_bar() -> None:
    panels = [panel(5, 0), panel(5, 1), panel(5, 2)]
    figure = similarities_figure(panels, list("abcde"))
    maps = [trace for trace in figure.data if trace.type == "heatmap"]
    assert [trace.coloraxis for trace in maps] == ["coloraxis"] * 3
    assert (figure.layout.coloraxis.cmin, figure.layout.coloraxis.cmax) == (0, 1)
    alone = similarities_figure(panels[:1], list("abcde"))
    assert figure.layout.coloraxis.colorscale == alone.layout.coloraxis.colorscale
    for trace, one in zip(maps, panels, strict=True):
        np.testing.assert_array_equal(trace.z, one.cosines[one.order][:, one.order])
        places = list(figure.layout[f"xaxis{trace.xaxis[1:]}"].ticktext)
        assert places == ["abcde"[ion] for ion in one.order]
        assert trace.customdata[0][1] == f"{places[0]} and {places[1]}"


def test_white_is_0_where_cosines_are_negative() -> None:
    figure = similarities_figure([panel(6, 0), panel(6, 1, positive=False)], list("abcdef"))
    assert (figure.layout.coloraxis.cmin, figure.layout.coloraxis.cmax) == (-1, 1)
    middle = figure.layout.coloraxis.colorscale[len(figure.layout.coloraxis.colorscale) // 2]
    assert middle[0] == 0.5
    assert middle[1] in ("rgb(247,247,247)", "rgb(247, 247, 247)")
    assert DIVERGING != ION_COLOURS


def test_noise_below_0_changes_no_colours() -> None:
    cosines = np.array([[1, -0.04], [-0.04, 1]])
    figure = similarities_figure([Panel("a", cosines, np.arange(2))], ["a", "b"])
    assert figure.layout.coloraxis.cmin == 0
    np.testing.assert_array_equal(figure.data[0].z, cosines)


@pytest.mark.parametrize(("ions", "measures", "columns"), [(4, 3, 3), (15, 3, 3), (16, 3, 2), (30, 3, 2), (30, 1, 1)])
def test_no_panel_covers_another(ions: int, measures: int, columns: int) -> None:
    names = [f"{400 + 7.31 * ion:.2f}" for ion in range(ions)]
    figure = similarities_figure([panel(ions, seed) for seed in range(measures)], names)
    boxes = []
    for trace in figure.data:
        x, y = figure.layout[f"xaxis{trace.xaxis[1:]}"].domain, figure.layout[f"yaxis{trace.yaxis[1:]}"].domain
        assert 0 <= x[0] < x[1] <= 1
        assert 0 <= y[0] < y[1] <= 1
        boxes.append((*x, *y))
    assert len({box[0] for box in boxes}) == columns
    for number, one in enumerate(boxes):
        for other in boxes[:number]:
            beside = one[1] <= other[0] + 1e-9 or other[1] <= one[0] + 1e-9
            above = one[3] <= other[2] + 1e-9 or other[3] <= one[2] + 1e-9
            assert beside or above
    cells = [trace for trace in figure.data if trace.type == "heatmap"]
    for trace in cells:
        axis = figure.layout[f"yaxis{trace.yaxis[1:]}"]
        row = (axis.domain[1] - axis.domain[0]) * figure.layout.height / ions
        assert row >= 1.15 * axis.tickfont.size  # names do not run together


def test_ions_of_the_same_name_stay_apart_and_names_are_only_text() -> None:
    one = panel(3)
    figure = similarities_figure([one], ["<b>a</b>", "b", "b"], axis="<i>")
    assert list(figure.data[0].x) == [0, 1, 2]
    assert "&lt;b&gt;a&lt;/b&gt;" in figure.layout.xaxis2.ticktext
    assert not [text.text for text in figure.layout.annotations if "<i>" in text.text]


def test_numbers_are_written_where_there_is_room() -> None:
    assert similarities_figure([panel(6)] * 3, list("abcdef")).data[0].texttemplate
    assert similarities_figure([panel(7)] * 3, list("abcdefg")).data[0].texttemplate is None


def test_without_a_tree_there_are_only_cells() -> None:
    plain = Panel("a", np.eye(3), np.arange(3))
    figure = similarities_figure([plain], ["a", "b", "c"])
    assert [trace.type for trace in figure.data] == ["heatmap"]
    assert figure.layout.height < similarities_figure([panel(3)], ["a", "b", "c"]).layout.height
