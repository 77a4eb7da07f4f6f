"""Where the picture of the tissue lies on the section, as a person has placed it.

It is kept in ``placement.json`` in the folder of the data set. The images and results are not affected.
"""

import json
import math
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from msiss.durable import keeping, replace_text
from msiss.errors import DataError

FILE = "placement.json"  # in the folder of a data set
UNITS = (
    "column and row of the centre of the picture in pixels of the section, (0, 0) is the centre of its first pixel; "
    "scale in widths of a pixel of the section per pixel of the picture; angle in degrees clockwise; matrix: (column, "
    "row) on the section = matrix @ (column, row, 1) in the picture"
)
LEAST_SCALE, MOST_SCALE = 1e-4, 1e3
_FAR = 1e6  # pixels


class Placement(BaseModel):
    """A picture that is mirrored, scaled, turned and moved.

    Attributes
    ----------
    column, row : float
        Where the centre of the picture lies, in pixels of the section; (0, 0) is the centre of its first pixel.
    scale : float
        Widths of a pixel of the section per pixel of the picture.
    angle : float
        In degrees, clockwise.
    flipped : bool
        Whether left and right of the picture are exchanged, before it is turned.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    column: float = Field(ge=-_FAR, le=_FAR)
    row: float = Field(ge=-_FAR, le=_FAR)
    scale: float = Field(ge=LEAST_SCALE, le=MOST_SCALE)
    angle: float = Field(0.0, ge=-360, le=360)
    flipped: bool = False

    def matrix(self, picture: tuple[int, ...], pixel_aspect: float = 1.0) -> np.ndarray:
        """Return the matrix from pixels of the picture to pixels of the section, shape (2, 3).

        Parameters
        ----------
        picture : tuple of int
            Shape of the picture, rows first; its pixels are square.
        pixel_aspect : float
            Height of a pixel of the section over its width.
        """
        cosine, sine = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        mirror = -1.0 if self.flipped else 1.0
        turned = self.scale * np.array([[cosine * mirror, -sine], [sine * mirror, cosine]])
        turned[1] /= pixel_aspect
        centre = np.array([(picture[1] - 1) / 2, (picture[0] - 1) / 2])
        return np.column_stack([turned, np.array([self.column, self.row]) - turned @ centre])


def fitted(picture: tuple[int, ...], shape: tuple[int, int], pixel_aspect: float = 1.0) -> Placement:
    """Return where a picture lies that is put upright into the middle of a section, as large as fits.

    Parameters
    ----------
    picture : tuple of int
        Its shape, rows first.
    shape : tuple of two int
        Height and width of the section in pixels.
    pixel_aspect : float
        Height of a pixel of the section over its width.
    """
    height, width = shape
    scale = min(width / picture[1], height * pixel_aspect / picture[0])
    return Placement(column=(width - 1) / 2, row=(height - 1) / 2, scale=scale)


def read_placement(folder: Path) -> Placement | None:
    """Return the placement kept in the folder of a data set; None if there is none, or it cannot be read."""
    try:
        return Placement.model_validate_json((folder / FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def keep_placement(
    folder: Path, placement: Placement | None, picture: tuple[int, ...], pixel_aspect: float = 1.0
) -> None:
    """Keep a placement in the folder of a data set, with its matrix for other programs; None forgets it.

    Raises
    ------
    DataError
        If it cannot be written.
    """
    path = folder / FILE
    with keeping("The place of the picture", path, DataError):
        if placement is None:
            path.unlink(missing_ok=True)
            return
        matrix = placement.matrix(picture, pixel_aspect).tolist()
        content = placement.model_dump() | {"matrix": matrix, "picture": list(picture[:2]), "units": UNITS}
        replace_text(path, json.dumps(content, indent=1))
