"""Optical images of the tissue, such as an H&E stain, to show beside the ion images."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from msiss.errors import DataError

LONGEST_SIDE = 2000  # pixels: enough for a screen
FORMATS = ("PNG", "TIFF", "JPEG", "BMP", "GIF")  # some of the other formats of Pillow start other programs
MOST_PIXELS = 170_000_000  # decoded; with its channels and copies it takes 2 GB, and Pillow refuses more


def read_picture(path: Path) -> np.ndarray:
    """Read a PNG, TIFF or JPEG image, rotated by its EXIF orientation, with at most `LONGEST_SIDE` pixels per side.

    Transparent parts become white, like the background of a stain.

    Returns
    -------
    ndarray of shape (h, w, 3), uint8

    Raises
    ------
    DataError
        If the file is not an image or too large.
    """
    try:
        with Image.open(path, formats=FORMATS) as opened:
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # JPEG only: decodes at a lower resolution
            if opened.width * opened.height > MOST_PIXELS:
                raise DataError(
                    f"{path.name} has {opened.width:,} x {opened.height:,} pixels, which do not fit into the memory. "
                    f"Save it smaller; {LONGEST_SIDE:,} pixels on the long side are enough."
                )
            picture = ImageOps.exif_transpose(opened).convert("RGBA")
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise DataError(f"{path.name} cannot be read as a picture. Save it as PNG, TIFF or JPEG.") from error
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    white = Image.new("RGBA", picture.size, "white")
    return np.asarray(Image.alpha_composite(white, picture).convert("RGB"))
