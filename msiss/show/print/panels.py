"""Ion images side by side on one page: single ions, the members of a cluster, and the mean images of all clusters."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from msiss.show.print.numbers import short
from msiss.show.print.page import Box, Light, Page, fitted
from msiss.show.print.style import DOUBLE, GREY, LINE, SMALL, TALLEST, TEXT, TITLE, drawing, text_width, wrapped

GAP = 3.0  # mm between panels
BAR_GAP = 0.8  # mm between an image and its colour bar
WIDEST_TICK = 9.8  # mm, of a number such as ≥ 1.23e8
SCALE_HEIGHT = 3.2  # mm
DOT = 2.8  # mm, the colour of a cluster before a title
MOST_SIDES = 1.25  # height of an image over the width of its panel, at most
WIDEST_PAGE_BAR = 40.0  # mm


@dataclass(frozen=True)
class Panel:
    """One image with its texts.

    Attributes
    ----------
    image : ndarray of shape (H, W)
        Not negative.
    title : str
        Such as the m/z.
    notes : tuple of str
        Lines below the title.
    colour : str
        Of the dot before the title; none if empty.
    """

    image: np.ndarray
    title: str
    notes: tuple[str, ...] = ()
    colour: str = ""


@dataclass(frozen=True)
class Sheet:
    """How panels are laid out.

    Attributes
    ----------
    columns : int
        Panels in a row.
    width : float
        Of the page in mm.
    heading, footer : str
        Text above and below all panels; the footer is wrapped.
    colour : str
        Of the dot before the heading; none if empty.
    bar : str
        Label of the one colour bar of the page, from 0 to "maximum of each image"; if empty, each panel has its own.
    unit : str
        Title of the colour bars of panels that are wide enough.
    title_lines : int
        Lines that the title of a panel takes at most.
    """

    columns: int
    width: float = DOUBLE
    heading: str = ""
    footer: str = ""
    colour: str = ""
    bar: str = ""
    unit: str = ""
    title_lines: int = 2


def panels_figure(
    panels: Sequence[Panel],
    mask: np.ndarray,
    sheet: Sheet,
    *,
    pixel_size: tuple[float, float] | None = None,
    light: Light | None = None,
) -> Figure:
    """Draw ion images row by row, each on its own colour scale unless `light` has one for all.

    Parameters
    ----------
    panels : sequence of Panel
        At least one.
    mask : ndarray of shape (H, W), bool
        True where a spectrum was measured; other pixels stay white.
    sheet : Sheet
    pixel_size : tuple of two float, optional
        Height and width of a pixel in micrometres; there is no scale bar without it.
    light : Light, optional

    Returns
    -------
    Figure
        As high as its content.
    """
    light = light or Light()
    with drawing():
        layout = _Layout(panels, mask, sheet, pixel_size)
        page = Page(sheet.width, layout.height)
        top = layout.draw_heading(page)
        for place, panel in enumerate(panels):
            row, column = divmod(place, layout.columns)
            corner = column * (layout.cell + GAP), top + row * layout.row
            layout.draw_panel(page, panel, layout.titles[place], corner, light)
        layout.draw_foot(page, top + layout.rows * layout.row, light)
        return page.figure


def rows_that_fit(mask: np.ndarray, sheet: Sheet, notes: int, *, pixel_size: tuple[float, float] | None = None) -> int:
    """Return how many rows of panels with so many notes fit on one page."""
    with drawing():
        empty = Panel(np.zeros_like(mask, dtype=np.float32), "", ("",) * notes)
        one = _Layout([empty], mask, sheet, pixel_size, columns=sheet.columns)
        return max(1, int((TALLEST - one.height) // one.row) + 1)


class _Layout:
    """Sizes in mm, and what is drawn where."""

    def __init__(
        self,
        panels: Sequence[Panel],
        mask: np.ndarray,
        sheet: Sheet,
        pixel_size: tuple[float, float] | None,
        columns: int | None = None,
    ) -> None:
        self.sheet, self.mask, self.pixel_size = sheet, mask, pixel_size
        self.columns = columns or min(sheet.columns, len(panels))
        self.rows = -(-len(panels) // self.columns)
        self.cell = (sheet.width - (self.columns - 1) * GAP) / self.columns
        self.bar_width = 0.0 if sheet.bar else (2.0 if self.cell > 50 else 1.2)
        beside = 0.0 if sheet.bar else BAR_GAP + self.bar_width + 0.7 + WIDEST_TICK
        self.labelled = bool(sheet.unit) and not sheet.bar and self.cell > 50
        beside += 3.5 if self.labelled else 0.0
        self.image_width, self.image_height = fitted(mask.shape, pixel_size, self.cell - beside, MOST_SIDES * self.cell)
        self.titles = [
            wrapped(panel.title, self.cell - DOT, TEXT, bold=True, most=sheet.title_lines) for panel in panels
        ]
        self.title_height = LINE * TEXT * (1 if columns else max(map(len, self.titles)))
        self.notes = max(len(panel.notes) for panel in panels)
        self.row = self.title_height + self.notes * LINE * SMALL + 0.6 + self.image_height + GAP
        self.footer = wrapped(sheet.footer, sheet.width, SMALL)
        self.heading_height = LINE * TITLE + 1.5 if sheet.heading else 0.0
        self.has_scale = pixel_size is not None
        self.foot_line = SCALE_HEIGHT + (LINE * SMALL + 1.2 if sheet.bar else 0.0)
        if not self.has_scale and not sheet.bar:
            self.foot_line = 0.0
        foot = self.foot_line + len(self.footer) * LINE * SMALL
        self.height = self.heading_height + self.rows * self.row - (0 if foot else GAP) + foot + 0.5

    def draw_heading(self, page: Page) -> float:
        if self.sheet.heading:
            left = _dot(page, 0, 0, self.sheet.colour, TITLE)
            page.text(left, 0, self.sheet.heading, size=TITLE, bold=True, width=self.sheet.width - left)
        return self.heading_height

    def draw_panel(
        self, page: Page, panel: Panel, title: Sequence[str], corner: tuple[float, float], light: Light
    ) -> None:
        left, top = corner
        start = _dot(page, left, top, panel.colour, TEXT)
        for number, line in enumerate(title):
            page.text(start, top + number * LINE * TEXT, line, bold=True)
        top += self.title_height
        for note in panel.notes:
            page.text(left, top, note, size=SMALL, colour=GREY, width=self.cell)
            top += LINE * SMALL
        top += (self.notes - len(panel.notes)) * LINE * SMALL + 0.6
        box = Box(left, top, self.image_width, self.image_height)
        page.image(panel.image, self.mask, box, light)
        if not self.sheet.bar:
            bar = Box(box.right + BAR_GAP, top, self.bar_width, self.image_height)
            page.colour_bar(bar, light, ticks_of(panel.image, self.mask, light, middle=self.image_height > 12))
            if self.labelled:
                x = bar.right + 0.7 + WIDEST_TICK + 1.2
                y = top + self.image_height / 2
                page.text(x, y, self.sheet.unit, size=SMALL, align="center", vertical="center", rotation=90)

    def draw_foot(self, page: Page, top: float, light: Light) -> None:
        if self.has_scale:
            _, wide = self.pixel_size or (1.0, 1.0)
            page.scale_bar(0, top, self.mask.shape[1] * wide, self.image_width)
        if self.sheet.bar:
            width = min(WIDEST_PAGE_BAR, self.sheet.width / 2 - 2)
            bar = Box(self.sheet.width - width, top, width, 2.0)
            high = "maximum" if light.brightest is None else short(light.brightest)
            page.colour_bar(bar, light, {0: "0", 1: high})
            room = self.sheet.width - width - 2
            if text_width(self.sheet.bar, SMALL) < room - (20 if self.has_scale else 0):
                page.text(bar.left - 1.5, top - 0.2, self.sheet.bar, size=SMALL, align="right")
        top += self.foot_line
        for line in self.footer:
            page.text(0, top, line, size=SMALL, colour=GREY)
            top += LINE * SMALL


def ticks_of(image: np.ndarray, mask: np.ndarray, light: Light, *, middle: bool) -> dict[float, str]:
    """Return the texts beside a colour bar by their place; "≥" if brighter pixels have the brightest colour, too."""
    top = light.top(image, mask)
    more = "≥ " if float(image[mask].max()) > top * (1 + 1e-6) else ""
    ticks = {0.0: "0", 1.0: f"{more}{short(top)}"}
    return ticks | {0.5: short(top / 2)} if middle else ticks


def _dot(page: Page, left: float, top: float, colour: str, size: float) -> float:
    """Draw the dot of a cluster before a text, and return where the text begins."""
    if not colour:
        return left
    side = 0.7 * size / 72 * 25.4
    page.fill(Box(left, top + (LINE * size - side) / 2 - 0.15, side, side), colour)
    return left + side + 1.0
