"""Pairs of ion images side by side, such as those of isotopes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from msiss.show.print.page import Box, Light, Page, fitted
from msiss.show.print.panels import BAR_GAP, GAP, SCALE_HEIGHT, WIDEST_TICK, ticks_of
from msiss.show.print.style import DOUBLE, GREY, LINE, SMALL, TALLEST, TEXT, TITLE, drawing, wrapped

COLUMNS = 2
BAR = 1.2  # mm
BETWEEN = 6.0  # mm from one pair to the next in a row
MARK = 1.8  # mm, the colour of a cluster before the m/z


@dataclass(frozen=True)
class Pair:
    """Two ions.

    Attributes
    ----------
    images : tuple of two ndarray of shape (H, W)
    titles : tuple of two str
        Such as their m/z.
    colours : tuple of two str
        Of their clusters.
    about : str
        A line about the pair.
    """

    images: tuple[np.ndarray, np.ndarray]
    titles: tuple[str, str]
    colours: tuple[str, str]
    about: str


def pairs_figure(
    pairs: Sequence[Pair],
    mask: np.ndarray,
    *,
    heading: str = "",
    footer: str = "",
    pixel_size: tuple[float, float] | None = None,
    light: Light | None = None,
) -> Figure:
    """Draw pairs of ion images, two pairs in a row.

    Parameters
    ----------
    pairs : sequence of Pair
        At least one.
    mask : ndarray of shape (H, W), bool
        True where a spectrum was measured.
    heading, footer : str
        Texts above and below.
    pixel_size : tuple of two float, optional
        Height and width of a pixel in micrometres; there is no scale bar without it.
    light : Light, optional
    """
    light = light or Light()
    with drawing():
        layout = _Layout(mask, pixel_size, heading, footer)
        page = Page(DOUBLE, layout.height(-(-len(pairs) // COLUMNS)))
        if heading:
            page.text(0, 0, heading, size=TITLE, bold=True, width=DOUBLE)
        for place, pair in enumerate(pairs):
            row, column = divmod(place, COLUMNS)
            layout.draw(page, pair, column * (layout.half + BETWEEN), layout.first + row * layout.row, light)
        bottom = layout.first + -(-len(pairs) // COLUMNS) * layout.row
        if pixel_size:
            page.scale_bar(0, bottom, mask.shape[1] * pixel_size[1], layout.width)
        for number, line in enumerate(layout.foot):
            page.text(0, bottom + layout.scale + number * LINE * SMALL, line, size=SMALL, colour=GREY)
        return page.figure


def pairs_that_fit(mask: np.ndarray, *, footer: str = "", pixel_size: tuple[float, float] | None = None) -> int:
    """Return how many pairs fit on one page, with a heading."""
    with drawing():
        layout = _Layout(mask, pixel_size, "heading", footer)
        return COLUMNS * max(1, int((TALLEST - layout.height(0)) // layout.row))


class _Layout:
    """Sizes in mm, and where the parts of a pair are drawn."""

    def __init__(self, mask: np.ndarray, pixel_size: tuple[float, float] | None, heading: str, footer: str) -> None:
        self.mask = mask
        self.half = (DOUBLE - BETWEEN * (COLUMNS - 1)) / COLUMNS
        self.each = (self.half - GAP) / 2
        room = self.each - BAR_GAP - BAR - 0.7 - WIDEST_TICK
        self.width, self.image_height = fitted(mask.shape, pixel_size, room, 1.25 * self.each)
        self.row = LINE * SMALL + LINE * TEXT + 0.6 + self.image_height + GAP
        self.foot = wrapped(footer, DOUBLE, SMALL)
        self.first = LINE * TITLE + 1.5 if heading else 0.0
        self.scale = SCALE_HEIGHT if pixel_size else 0.0

    def height(self, rows: int) -> float:
        return self.first + rows * self.row + self.scale + len(self.foot) * LINE * SMALL + 0.5

    def draw(self, page: Page, pair: Pair, left: float, top: float, light: Light) -> None:
        for side, (image, title, colour) in enumerate(zip(pair.images, pair.titles, pair.colours, strict=True)):
            start = left + side * (self.each + GAP)
            page.fill(Box(start, top + (LINE * TEXT - MARK) / 2 - 0.1, MARK, MARK), colour)
            page.text(start + MARK + 1, top, title, bold=True, width=self.each - MARK - 1)
            box = Box(start, top + LINE * TEXT + LINE * SMALL + 0.6, self.width, self.image_height)
            page.image(image, self.mask, box, light)
            bar = Box(box.right + BAR_GAP, box.top, BAR, self.image_height)
            page.colour_bar(bar, light, ticks_of(image, self.mask, light, middle=self.image_height > 12))
        page.text(left, top + LINE * TEXT, pair.about, size=SMALL, colour=GREY, width=self.half)
