"""An overlay as a PNG to take away: with a legend and a scale bar, on white or black."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from msiss.show.overlay import rgb
from msiss.show.scale_bar import bar_length, length_text

_MARGIN, _LINE, _DOT = 24, 34, 18
_TEXT, _SMALL = 22, 18
_LEAST_WIDTH = 900  # so that the legend fits beside


@dataclass(frozen=True)
class Entry:
    """A line of the legend.

    Attributes
    ----------
    colour : str
        Such as "#00aaff".
    title : str
        Such as "m/z 741.5307".
    about : str
        Smaller, after the title, such as the intensities between which it becomes visible.
    """

    colour: str
    title: str
    about: str = ""


def zoom_for(shape: tuple[int, int], pixel_aspect: float = 1.0, *, side: int = 1600) -> tuple[int, int]:
    """Return by how many rows and columns each pixel of a section is drawn, so that it is about `side` pixels long."""
    height, width = shape
    across = max(1, round(side / max(height * pixel_aspect, width)))
    return max(1, round(across * pixel_aspect)), across


def overlay_sheet(
    picture: np.ndarray,
    entries: Sequence[Entry],
    *,
    zoom: tuple[int, int],
    pixel_width: float | None = None,
    dark: bool = True,
    footer: str = "",
) -> bytes:
    """Draw a blended overlay with its legend below it.

    Parameters
    ----------
    picture : ndarray of shape (H * zoom[0], W * zoom[1], 3), uint8
        See `msiss.show.overlay.blend`.
    entries : sequence of Entry
    zoom : tuple of two int
        Rows and columns per pixel of the section.
    pixel_width : float, optional
        Of a pixel of the section in micrometres; without it the scale bar counts pixels.
    dark : bool
        Whether paper and letters are light on black.
    footer : str
        Last line, such as the name of the data set.

    Returns
    -------
    bytes
        A PNG file.
    """
    paper, ink = ((0, 0, 0), (255, 255, 255)) if dark else ((255, 255, 255), (0, 0, 0))
    height, width = picture.shape[:2]
    lines = len(entries) + bool(footer)
    size = (max(width, _LEAST_WIDTH) + 2 * _MARGIN, height + 3 * _MARGIN + _LINE * (lines + 1))
    sheet = Image.new("RGB", size, paper)
    sheet.paste(Image.fromarray(picture), (_MARGIN, _MARGIN))
    draw = ImageDraw.Draw(sheet)
    font, small = _font(_TEXT), _font(_SMALL)
    top = height + 2 * _MARGIN
    _draw_bar(draw, top, width, zoom[1], pixel_width, ink, font)
    top += _LINE
    for entry in entries:
        draw.ellipse((_MARGIN, top + 4, _MARGIN + _DOT, top + 4 + _DOT), rgb(entry.colour), ink)
        left = _MARGIN + _DOT + 12
        draw.text((left, top), entry.title, ink, font)
        if entry.about:
            draw.text((left + font.getlength(entry.title) + 16, top + 3), entry.about, ink, small)
        top += _LINE
    if footer:
        draw.text((_MARGIN, top + 3), footer, ink, small)
    file = io.BytesIO()
    sheet.save(file, "PNG")
    return file.getvalue()


def _font(size: int) -> ImageFont.FreeTypeFont:
    """Return DejaVu Sans, which comes with matplotlib; Pillow's own font has neither µ nor Greek letters."""
    import matplotlib  # slow to import

    return ImageFont.truetype(f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSans.ttf", size)


def _draw_bar(
    draw: ImageDraw.ImageDraw,
    top: int,
    width: int,
    across: int,
    pixel_width: float | None,
    ink: tuple[int, int, int],
    font: ImageFont.FreeTypeFont,
) -> None:
    """Draw the scale bar with its length."""
    unit = pixel_width or 1.0
    length = bar_length(width / across * unit)
    long = round(length / unit * across)
    draw.rectangle((_MARGIN, top + 10, _MARGIN + long - 1, top + 15), ink)
    text = length_text(length) if pixel_width else f"{length:g} px"
    draw.text((_MARGIN + long + 12, top), text, ink, font)
