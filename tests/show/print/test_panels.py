import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from msiss.show.print.montage import montage_pages
from msiss.show.print.page import Light
from msiss.show.print.pairs import Pair, pairs_figure, pairs_that_fit
from msiss.show.print.panels import Panel, Sheet, panels_figure, rows_that_fit, ticks_of
from msiss.show.print.style import DOUBLE, MARGIN, TALLEST, drawing

MASK = np.ones((20, 30), dtype=bool)
IMAGE = np.arange(600.0).reshape(20, 30)


def size_of(figure) -> tuple[float, float]:
    """Return width and height in mm, without the margins."""
    width, height = figure.get_size_inches() * 25.4 - 2 * MARGIN
    return width, height


def texts_in(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def boxes_of(figure) -> list:
    """Return the boxes of all texts in pixels."""
    with drawing():  # as it is saved
        renderer = FigureCanvasAgg(figure).get_renderer()
        return [text.get_window_extent(renderer) for text in figure.axes[0].texts if text.get_text()]


def overlapping(boxes) -> list:
    pairs = [(a, b) for n, a in enumerate(boxes) for b in boxes[n + 1 :]]
    return [(a, b) for a, b in pairs if a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 - 1 and b.y0 < a.y1 - 1]


@pytest.mark.parametrize("columns", [1, 6])
def test_no_text_lies_on_another_or_off_the_page(columns):
    panels = [
        Panel(
            IMAGE * 10.0 ** (n % 7),
            f"m/z 741.530{n} with a very long name of a lipid",
            ("±5 ppm, TIC-normalised", "x" * 90),
        )
        for n in range(columns + 1)
    ]
    sheet = Sheet(columns, heading="h" * 300, footer="f " * 150, unit="Intensity (a.u.)", colour="#123456")
    figure = panels_figure(panels, MASK, sheet, pixel_size=(10.0, 10.0), light=Light(quantile=0.9))
    boxes = boxes_of(figure)
    assert overlapping(boxes) == []
    width, height = figure.get_size_inches() * figure.dpi
    assert all(box.x0 > -3 and box.x1 < width + 3 and box.y0 > -3 and box.y1 < height + 3 for box in boxes)


def test_each_image_has_its_own_scale_and_the_page_a_scale_bar():
    figure = panels_figure(
        [Panel(IMAGE, "a"), Panel(IMAGE * 2, "b")], MASK, Sheet(2), pixel_size=(10.0, 10.0), light=Light(quantile=1)
    )
    assert size_of(figure)[0] == pytest.approx(DOUBLE)
    assert {"a", "b", "0", "599", "1198", "300", "100 µm"} <= set(texts_in(figure))


def test_without_a_pixel_size_there_is_no_scale_bar():
    figure = panels_figure([Panel(IMAGE, "a")], MASK, Sheet(1))
    assert not any("m" in text for text in texts_in(figure))


def test_one_colour_bar_for_all():
    figure = panels_figure([Panel(IMAGE, "a"), Panel(IMAGE, "b")], MASK, Sheet(2, bar="Mean"))
    assert sorted(texts_in(figure)) == ["0", "Mean", "a", "b", "maximum"]


def test_clipped_images_say_so():
    assert ticks_of(IMAGE, MASK, Light(quantile=1), middle=True) == {0: "0", 0.5: "300", 1: "599"}
    assert ticks_of(IMAGE, MASK, Light(quantile=0.5), middle=False) == {0: "0", 1: "≥ 300"}


class Panels:
    """A list of panels that counts which were made."""

    most_notes = 1

    def __init__(self, number: int) -> None:
        self.number, self.made = number, 0

    def __len__(self) -> int:
        return self.number

    def __getitem__(self, part: slice) -> list[Panel]:
        numbers = range(*part.indices(self.number))
        self.made += len(numbers)
        return [Panel(IMAGE, f"ion {number}", ("confidence 0.5",)) for number in numbers]


def test_a_montage_fills_a_page_and_makes_no_more_images_than_it_shows():
    sheet, panels = Sheet(6, heading="Cluster 3: 200 ions"), Panels(200)
    rows = rows_that_fit(MASK, sheet, 1)
    (figure,) = montage_pages(panels, MASK, sheet)
    assert panels.made == 6 * rows
    assert TALLEST - 40 < size_of(figure)[1] <= TALLEST
    assert f"Cluster 3: 200 ions, 1 to {6 * rows} shown here" in texts_in(figure)


def test_a_whole_montage_has_each_ion_once():
    panels, sheet = Panels(100), Sheet(6, heading="All")
    figures = list(montage_pages(panels, MASK, sheet, whole=True))
    shown = [text for figure in figures for text in texts_in(figure) if text.startswith("ion ")]
    assert shown == [f"ion {number}" for number in range(100)]
    assert len(figures) > 1
    assert all(size_of(figure)[1] <= TALLEST for figure in figures)


def test_pairs_fit_on_a_page():
    pair = Pair((IMAGE, IMAGE * 3), ("m/z 1", "m/z 2"), ("#ff0000", "#00ff00"), "13C, both in cluster 1")
    number = pairs_that_fit(MASK, footer="about", pixel_size=(10.0, 10.0))
    figure = pairs_figure([pair] * number, MASK, heading="Pairs", footer="about", pixel_size=(10.0, 10.0))
    assert number % 2 == 0
    assert TALLEST - 40 < size_of(figure)[1] <= TALLEST
    assert overlapping(boxes_of(figure)) == []
    assert texts_in(figure).count("13C, both in cluster 1") == number
