"""Thumbnails of ion images, as PNG."""

import base64
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from msiss.show.palette import ION_COLOURS, colour_table

# A palette PNG has 256 entries: 255 intensities and this one, which is transparent.
TRANSPARENT = 255
# Readable on white and on black alike.
CAPTION_COLOUR = (128, 128, 128, 255)
CAPTION_HEIGHT = 18


def thumbnail(
    image: np.ndarray,
    mask: np.ndarray,
    *,
    side: int = 160,
    pixel_size: tuple[float, float] | None = None,
    quantile: float = 0.999,
    brightest: float | None = None,
    colours: str = ION_COLOURS,
) -> bytes:
    """Draw one ion image.

    Parameters
    ----------
    image : ndarray of shape (H, W)
        Intensities; finite and not negative.
    mask : ndarray of shape (H, W), bool
        True where a spectrum was measured; other pixels are transparent.
    side : int
        Least length of the longer side in screen pixels. Smaller images are enlarged without interpolation; images of
        at least twice this length are downsampled by averaging blocks.
    pixel_size : tuple of two float, optional
        Height and width of a measured pixel in micrometres; square if unknown.
    quantile : float
        Intensities above this quantile of the measured pixels get the brightest colour.
    brightest : float, optional
        Intensity of the brightest colour, instead of the quantile, for images on a common scale.
    colours : str
        One of `palette.COLOUR_MAPS`.

    Returns
    -------
    bytes
        A PNG file.
    """
    return _png(_picture(image, mask, side, pixel_size, quantile, brightest, colours))


def montage(
    images: np.ndarray,
    mask: np.ndarray,
    *,
    captions: Sequence[str] = (),
    columns: int = 6,
    gap: int = 6,
    side: int = 160,
    pixel_size: tuple[float, float] | None = None,
    quantile: float = 0.999,
    brightest: float | None = None,
    colours: str = ION_COLOURS,
) -> bytes:
    """Draw several ion images, each with its own scale, row by row in one transparent image.

    Parameters
    ----------
    images : ndarray of shape (n, H, W)
        Ion images, n at least 1.
    mask : ndarray of shape (H, W), bool
        True where a spectrum was measured.
    captions : sequence of n str, optional
        Text above each image, shortened to its width.
    columns, gap : int
        Images per row, and screen pixels between them.
    side, pixel_size, quantile, brightest, colours
        As for `thumbnail`.

    Returns
    -------
    bytes
        A PNG file.
    """
    pictures = [
        _picture(image, mask, side, pixel_size, quantile, brightest, colours).convert("RGBA") for image in images
    ]
    width, height = pictures[0].size
    head = CAPTION_HEIGHT if captions else 0
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGBA", (columns * (width + gap) - gap, rows * (height + head + gap) - gap))
    font = ImageFont.load_default(12)
    for number, picture in enumerate(pictures):
        left, top = number % columns * (width + gap), number // columns * (height + head + gap)
        sheet.paste(picture, (left, top + head))
        if captions:
            ImageDraw.Draw(sheet).text((left, top), _cut(captions[number], width, font), CAPTION_COLOUR, font)
    return _png(sheet)


def sheet(
    images: np.ndarray,
    mask: np.ndarray,
    *,
    columns: int = 10,
    side: int = 48,
    pixel_size: tuple[float, float] | None = None,
    quantile: float = 0.999,
    colours: str = ION_COLOURS,
) -> bytes:
    """Draw many small ion images in square cells without gaps, for a program that cuts them out.

    Parameters
    ----------
    images : ndarray of shape (n, H, W)
        Ion images, n at least 1.
    mask : ndarray of shape (H, W), bool
        True where a spectrum was measured.
    columns, side : int
        Cells per row, and length of a cell in screen pixels; an image is in the middle of its cell.
    pixel_size, quantile, colours
        As for `thumbnail`.

    Returns
    -------
    bytes
        A PNG file of `columns` x `side` pixels width.
    """
    drawn = None
    for number, image in enumerate(images):
        picture = _picture(image, mask, side, pixel_size, quantile, None, colours)
        picture.thumbnail((side, side), Image.Resampling.NEAREST)
        if drawn is None:
            drawn = Image.new("P", (columns * side, -(-len(images) // columns) * side), TRANSPARENT)
            drawn.putpalette(picture.getpalette() or [])
            drawn.info["transparency"] = TRANSPARENT
        left = number % columns * side + (side - picture.width) // 2
        drawn.paste(picture, (left, number // columns * side + (side - picture.height) // 2))
    assert drawn is not None
    return _png(drawn)


def data_uri(png: bytes) -> str:
    """Return a PNG file as an address that a page or a table cell can show."""
    return "data:image/png;base64," + base64.b64encode(png).decode()


def _picture(
    image: np.ndarray,
    mask: np.ndarray,
    side: int,
    pixel_size: tuple[float, float] | None,
    quantile: float,
    brightest: float | None,
    colours: str,
) -> Image.Image:
    image, mask = shrink(image, mask, max(image.shape) // side)
    measured = image[mask]
    # If only a few pixels are not 0, the quantile is 0.
    top = brightest or np.quantile(measured, quantile) or measured.max() or 1
    levels = np.full(image.shape, TRANSPARENT, dtype=np.uint8)
    levels[mask] = (np.minimum(measured / top, 1) * (TRANSPARENT - 1)).round()
    scale = -(-side // max(image.shape))
    height, width = np.array(pixel_size or (1, 1)) / min(pixel_size or (1, 1)) * image.shape * scale
    picture = Image.fromarray(levels).resize((round(width), round(height)), Image.Resampling.NEAREST)
    places = np.linspace(0, 255, TRANSPARENT).round().astype(int)
    # The transparent entry needs a colour, or the file would be written without it.
    picture.putpalette(colour_table(colours)[[*places, 0]].tobytes())
    picture.info["transparency"] = TRANSPARENT
    return picture


def shrink(image: np.ndarray, mask: np.ndarray, factor: int) -> tuple[np.ndarray, np.ndarray]:
    """Average blocks of `factor` x `factor` pixels over those that were measured, of an image and its mask (H, W)."""
    if factor < 2:
        return image, mask
    rest = [(0, -length % factor) for length in image.shape]
    shape = (-(-image.shape[0] // factor), factor, -(-image.shape[1] // factor), factor)
    counts = np.pad(mask, rest).reshape(shape).sum(axis=(1, 3))
    sums = np.pad(image * mask, rest).reshape(shape).sum(axis=(1, 3))
    return sums / np.maximum(counts, 1), counts > 0


def _cut(text: str, width: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """Shorten `text` until it fits `width` screen pixels."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text + "…"


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, format="PNG", compress_level=3)  # twice as fast as the default, hardly larger
    return file.getvalue()
