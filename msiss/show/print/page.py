"""A page measured in millimetres from its upper left corner, on which images, texts and plots are placed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from msiss.show.palette import ION_COLOURS, colour_table
from msiss.show.print.style import LINE, MARGIN, MM, SMALL, TEXT, printable, shortened, text_width
from msiss.show.scale_bar import bar_length, length_text
from msiss.show.thumbnails import shrink

Align = Literal["left", "center", "right"]
DPI = 300
LONGEST_ENTRY = 50.0  # mm, of the text in a legend
BAR_SHARE = 0.4  # of the width of an image that a scale bar takes at most


@dataclass(frozen=True)
class Light:
    """How intensities become colours.

    Attributes
    ----------
    colours : str
        One of `palette.COLOUR_MAPS`.
    quantile : float
        Intensities above this quantile of the measured pixels get the brightest colour.
    brightest : float, optional
        Intensity of the brightest colour, instead of the quantile, for images on a common scale.
    """

    colours: str = ION_COLOURS
    quantile: float = 0.999
    brightest: float | None = None

    def top(self, image: np.ndarray, mask: np.ndarray) -> float:
        """Return the intensity of the brightest colour in an image (H, W)."""
        measured = image[mask]
        return float(self.brightest or np.quantile(measured, self.quantile) or measured.max() or 1)


@dataclass(frozen=True)
class Box:
    """A rectangle on a page, in mm."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height


class Page:
    """A figure with a white background.

    Parameters
    ----------
    width, height : float
        In mm, without the margins around it.
    """

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.figure = Figure(figsize=((width + 2 * MARGIN) * MM, (height + 2 * MARGIN) * MM), dpi=DPI)
        self._axes = self.figure.add_axes((0, 0, 1, 1))
        self._axes.set_axis_off()
        self._axes.set_autoscale_on(False)
        self._axes.set_xlim(-MARGIN, width + MARGIN)
        self._axes.set_ylim(height + MARGIN, -MARGIN)

    def plot(self, box: Box) -> Axes:
        """Return axes whose plotting area is `box`, with lines on the left and below only."""
        across, down = self.width + 2 * MARGIN, self.height + 2 * MARGIN
        left, bottom = (box.left + MARGIN) / across, 1 - (box.bottom + MARGIN) / down
        place = (left, bottom, box.width / across, box.height / down)
        axes = self.figure.add_axes(place)
        axes.spines[["top", "right"]].set_visible(False)
        return axes

    def axis_title(self, box: Box, text: str) -> None:
        """Write the title of the upright axis of a plot at the left edge of the page."""
        middle = box.top + box.height / 2
        self.text(1.5, middle, text, align="center", vertical="center", rotation=90)

    def text(
        self,
        left: float,
        top: float,
        text: object,
        *,
        size: float = TEXT,
        bold: bool = False,
        colour: str = "black",
        width: float | None = None,
        align: Align = "left",
        vertical: Literal["top", "center", "bottom"] = "top",
        rotation: float = 0,
    ) -> None:
        """Write a text in one line, shortened to `width` mm if that is given; `left` is where it is aligned."""
        said = printable(text) if width is None else shortened(text, width, size, bold=bold)
        # The top of a line, not of its letters, so that lines without tall letters stay in line.
        self._axes.text(
            left,
            top + (0.1 * size / 72 * 25.4 if vertical == "top" else 0),
            said,
            fontsize=size,
            fontweight="bold" if bold else "normal",
            color=colour,
            ha=align,
            va=vertical if rotation or vertical != "center" else "center_baseline",
            rotation=rotation,
            rotation_mode="anchor" if rotation else None,
        )

    def picture(self, pixels: np.ndarray, box: Box) -> None:
        """Place a picture (h, w, 3 or 4), uint8, with sharp pixels."""
        extent = (box.left, box.right, box.bottom, box.top)
        self._axes.imshow(pixels, extent=extent, interpolation="nearest", aspect="auto")

    def fill(self, box: Box, colour: str) -> None:
        """Fill a rectangle."""
        self._axes.add_patch(Rectangle((box.left, box.top), box.width, box.height, color=colour, linewidth=0))

    def frame(self, box: Box, *, line: float = 0.4, colour: str = "black") -> None:
        """Draw the outline of a rectangle; `line` is in points."""
        corner = (box.left, box.top)
        self._axes.add_patch(
            Rectangle(corner, box.width, box.height, facecolor="none", edgecolor=colour, linewidth=line)
        )

    def image(self, image: np.ndarray, mask: np.ndarray, box: Box, light: Light) -> None:
        """Place an ion image (H, W); pixels off the mask (H, W) stay white."""
        self.picture(coloured(image, mask, light, wanted=box.width * MM * DPI), box)

    def colour_bar(self, box: Box, light: Light, ticks: Mapping[float, str], *, size: float = SMALL) -> None:
        """Draw a colour bar: upright if it is higher than wide, with the texts of `ticks` by their place, 0 to 1."""
        table = colour_table(light.colours)
        upright = box.height > box.width
        self.picture(table[::-1, None] if upright else table[None], box)
        self.frame(box)
        for place, text in ticks.items():
            if upright:
                at = np.clip(
                    box.bottom - place * box.height, box.top + 0.4 * LINE * size, box.bottom - 0.4 * LINE * size
                )
                self.text(box.right + 0.7, float(at), text, size=size, vertical="center")
            else:
                self.text(box.left + place * box.width, box.bottom + 0.3, text, size=size, align=_alignment(place))

    def scale_bar(self, left: float, top: float, across: float, width: float) -> None:
        """Draw a scale bar of a round length with its length beside it.

        Parameters
        ----------
        left, top : float
            Where it begins, in mm.
        across : float
            Width of the section in micrometres ...
        width : float
            ... and on the page, in mm.
        """
        length = bar_length(across, BAR_SHARE)
        bar = Box(left, top + 0.9, length / across * width, 0.6)
        self.fill(bar, "black")
        self.text(bar.right + 1.0, top, length_text(length), size=SMALL)

    def legend(
        self, left: float, top: float, width: float, entries: Sequence[tuple[str, str]], *, size: float = SMALL
    ) -> None:
        """Draw dots with their texts, in as many lines as `legend_height` returns."""
        for x, line, colour, text in _flow(entries, width, size):
            middle = top + (line + 0.5) * LINE * size
            self._axes.plot([left + x + 1], [middle], "o", color=colour, markersize=3.6, markeredgewidth=0)
            self.text(left + x + 2.4, middle, text, size=size, vertical="center")


def _alignment(place: float) -> Align:
    return "left" if place == 0 else "right" if place == 1 else "center"


def legend_height(entries: Sequence[tuple[str, str]], width: float, *, size: float = SMALL) -> float:
    """Return the height of a legend in mm: entries (colour, text) in lines of `width` mm."""
    return (1 + max((line for _, line, _, _ in _flow(entries, width, size)), default=-1)) * LINE * size


def _flow(entries: Sequence[tuple[str, str]], width: float, size: float) -> list[tuple[float, int, str, str]]:
    """Return the place in mm, the line, the colour and the text of each entry."""
    placed: list[tuple[float, int, str, str]] = []
    x, line = 0.0, 0
    for colour, given in entries:
        text = shortened(given, min(width - 3, LONGEST_ENTRY), size)
        wide = text_width(text, size) + 2.4
        if x and x + wide > width:
            x, line = 0.0, line + 1
        placed.append((x, line, colour, text))
        x += wide + 3.0
    return placed


def coloured(image: np.ndarray, mask: np.ndarray, light: Light, *, wanted: float) -> np.ndarray:
    """Return an ion image as colours, with about `wanted` pixels in a row; those off the mask are transparent.

    Returns
    -------
    ndarray of shape (h, w, 4), uint8
    """
    top = light.top(image, mask)
    image, mask = shrink(image, mask, int(image.shape[1] / max(wanted, 1)))
    levels = (np.clip(image / top, 0, 1) * 255).round().astype(np.uint8)
    pixels = np.concatenate([colour_table(light.colours)[levels], np.full((*mask.shape, 1), 255, np.uint8)], axis=2)
    pixels[~mask] = 255, 255, 255, 0
    return pixels


def fitted(
    shape: tuple[int, int], pixel_size: tuple[float, float] | None, width: float, height: float
) -> tuple[float, float]:
    """Return width and height in mm of an image (H, W) that fits into `width` x `height` mm."""
    tall, wide = pixel_size or (1.0, 1.0)
    scale = min(width / (shape[1] * wide), height / (shape[0] * tall))
    return shape[1] * wide * scale, shape[0] * tall * scale
