import io

import numpy as np
import pytest
from PIL import Image

from msiss.show.palette import colour_table
from msiss.show.print.page import Box, Light, Page, coloured, fitted, legend_height
from msiss.show.print.save import save
from msiss.show.print.style import LINE, drawing


def pixels_of(page: Page) -> np.ndarray:
    """Return a page as drawn with 10 pixels per mm, without its margins of 1 mm."""
    return np.asarray(Image.open(io.BytesIO(save(page.figure, "png", dpi=254))).convert("RGB"))[10:-10, 10:-10]


def test_an_image_lies_where_it_was_placed_with_its_own_colours():
    image, mask = np.array([[0.0, 4.0], [2.0, 9.0]]), np.array([[True, True], [True, False]])
    with drawing():
        page = Page(20, 10)
        page.image(image, mask, Box(5, 2, 4, 6), Light(quantile=1))
    drawn, table = pixels_of(page), colour_table()
    assert drawn.shape == (100, 200, 3)
    for (row, column), expected in {
        (35, 60): table[0],
        (35, 80): table[255],
        (65, 60): table[128],
        (65, 80): (255, 255, 255),  # not measured
        (15, 60): (255, 255, 255),
        (35, 45): (255, 255, 255),
        (35, 95): (255, 255, 255),
        (85, 60): (255, 255, 255),
    }.items():
        np.testing.assert_array_equal(drawn[row, column], expected)


def test_a_scale_bar_is_as_long_as_it_says():
    with drawing():
        page = Page(60, 10)
        page.scale_bar(5, 2, across=1000, width=40)  # 40 % of 1000 µm, so 200 µm, and 8 mm
    edges = np.flatnonzero(np.diff((pixels_of(page)[32] < 60).all(axis=1))) + 1
    assert edges[:2].tolist() == [50, 130]  # the label comes after it
    assert page.figure.axes[0].texts[0].get_text() == "200 µm"


def test_bright_pixels_are_clipped_at_the_quantile_and_large_images_averaged():
    image = np.arange(10_000.0).reshape(100, 100)
    mask = np.ones_like(image, dtype=bool)
    assert Light(quantile=0.5).top(image, mask) == pytest.approx(4999.5)
    assert Light(brightest=7.0).top(image, mask) == 7
    assert Light().top(np.zeros((3, 3)), np.ones((3, 3), dtype=bool)) == 1  # an empty image is dark
    small = coloured(image, mask, Light(quantile=1), wanted=50)
    assert small.shape == (50, 50, 4)
    mean = image[:2, :2].mean()
    np.testing.assert_array_equal(small[0, 0, :3], colour_table()[round(mean / image.max() * 255)])


def test_an_image_keeps_the_shape_of_its_pixels():
    assert fitted((10, 20), None, 40, 100) == (40, 20)
    assert fitted((10, 20), (2.0, 1.0), 40, 100) == (40, 40)
    assert fitted((10, 20), (2.0, 1.0), 40, 10) == (10, 10)


def test_a_legend_takes_as_many_lines_as_its_entries_need():
    entries = [("#000000", f"Cluster {n} with a name") for n in range(7)]
    with drawing():
        assert legend_height([], 80) == 0
        assert legend_height(entries[:1], 80) == pytest.approx(LINE * 6)
        assert legend_height(entries, 400) == pytest.approx(LINE * 6)
        assert legend_height(entries, 40) == pytest.approx(7 * LINE * 6)
