"""The figures with axes: spectrum, map, heat maps and dendrograms."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from scipy.cluster.hierarchy import leaves_list, linkage

from msiss.show.palette import colour_table
from msiss.show.print.dendrograms import dendrograms
from msiss.show.print.groups import NO_COLOUR, Groups
from msiss.show.print.heat_maps import _colours, heat_maps
from msiss.show.print.scatter import map_figure
from msiss.show.print.spectrum import spectrum_figure

MZ = np.array([100.0, 200.0, 300.0, 301.0, 400.0, 500.0])
INTENSITY = np.array([1.0, 2.0, 9.0, 8.0, 3.0, 4.0])


def texts_in(figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_each_stem_has_the_colour_and_the_height_of_its_ion(groups):
    axes = spectrum_figure(MZ, INTENSITY, groups).axes[1]
    stems = {}
    for collection in axes.collections:
        for (x, low), (_, high) in collection.get_segments():
            stems[x] = (low, high, to_hex(collection.get_color()[0]))
    assert stems == {
        mz: (0, height, groups.colours[group])
        for mz, height, group in zip(MZ, INTENSITY, groups.of.tolist(), strict=True)
    }
    assert (axes.get_xlabel(), "Mean intensity (a.u.)" in texts_in(axes.figure)) == ("m/z (Th)", True)


def test_labels_of_a_spectrum_do_not_run_together(groups):
    labels = [text for text in spectrum_figure(MZ, INTENSITY, groups).axes[1].texts if text.get_text()]
    assert [one.get_text() for one in labels] == ["300.0000", "500.0000", "400.0000", "200.0000", "100.0000"]  # not 301


def test_zoomed_in_only_the_ions_there_are_drawn(groups):
    figure = spectrum_figure(MZ, INTENSITY, groups, zoom=(299.0, 302.0))
    axes = figure.axes[1]
    assert sum(len(one.get_segments()) for one in axes.collections) == 2
    assert axes.get_xlim() == (299, 302)
    assert axes.get_ylim()[1] == pytest.approx(9 * 1.08)
    assert {"300.0000", "301.0000", "Cluster 0", "Cluster 1"} <= set(texts_in(figure))
    assert "Cluster 2" not in texts_in(figure)


def test_every_point_of_a_map_has_the_colour_of_its_group(groups):
    points = np.random.default_rng(0).normal(size=(6, 2))
    some = Groups(np.array([0, 0, -1, 1, 1, 2]), groups.titles, groups.colours, "no known class")
    figure = map_figure(points, some, axes_titles=("UMAP 1", "UMAP 2"), heading="A map")
    drawn = {}
    for collection in figure.axes[1].collections:
        for place in collection.get_offsets():
            drawn[tuple(np.round(place, 6))] = to_hex(collection.get_facecolor()[0])
    assert drawn == {
        tuple(np.round(point, 6)): some.colour(group) for point, group in zip(points, some.of.tolist(), strict=True)
    }
    assert {"A map", "UMAP 2", "Cluster 0", "no known class"} <= set(texts_in(figure))
    assert NO_COLOUR in drawn.values()


def test_heat_maps_have_one_range_of_colours(groups):
    one, other = np.full((6, 6), -0.5), np.eye(6)
    figure = heat_maps({"Learned": one, "Pixels": other}, [f"{mz:.0f}" for mz in MZ], groups)
    pictures = [image.get_array() for image in figure.axes[0].images]
    first, second = (picture for picture in pictures if picture.shape[:2] == (6, 6))
    table = colour_table()
    np.testing.assert_array_equal(first[0, 0], table[0])
    np.testing.assert_array_equal(second[0, 0], table[255])
    np.testing.assert_array_equal(second[0, 1], table[85])  # 0 is a third of the way from -0.5 to 1
    texts = texts_in(figure)
    assert {"Learned", "Pixels", "−0.5", "1", "100", "-0.50", "Cosine similarity"} <= set(texts)
    assert texts.count("500") == 3  # once for the rows, and below each


def test_a_heat_map_of_many_ions_is_averaged_in_blocks():
    number = 2000
    matrix = np.zeros((number, number), dtype=np.float32)
    matrix[: number // 2, : number // 2] = 1
    picture = _colours(matrix, 0.0, 40.0, "gray")  # 472 dots at 300 dpi
    assert picture.shape == (500, 500, 3)
    assert picture[:250, :250].min() == 255
    assert picture[250:].max() == 0


def tree_of(number: int) -> tuple[np.ndarray, np.ndarray]:
    links = linkage(np.random.default_rng(0).normal(size=(number, 3)), "ward")
    return links, leaves_list(links)


def test_dendrograms_name_their_leaves_as_long_as_there_is_room(groups):
    trees = {"Learned": tree_of(6)}
    figure = dendrograms(trees, [f"ion {n}" for n in range(6)], groups, label="Ward distance")
    assert {f"ion {n}" for n in range(6)} | {"Learned", "Ward distance", "Cluster 2"} <= set(texts_in(figure))
    many = Groups(np.zeros(400, dtype=int), groups.titles, groups.colours)
    trees = {"Learned": tree_of(400)}
    assert "ion 5" not in texts_in(dendrograms(trees, [f"ion {n}" for n in range(400)], many, label="Ward distance"))
