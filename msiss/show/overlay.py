"""Several images over each other in colours, over a picture of the tissue: what the page Overlay and its PNG show.

`msiss/ui/components/overlay_canvas.js` draws by the same formulas in the browser.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

MOST_CHANNELS = 7
# Each as distant as possible in OKLab (Ottosson 2020) from the previous ones, also with simulated protanopia and
# deuteranopia (Machado et al. 2009), among colours that are bright on black; the first two for two channels.
CHANNEL_COLOURS = ("#00aaff", "#ff9900", "#aa1188", "#ffff00", "#6600ff", "#00eeff", "#dd5566")

Blend = Literal["light", "paint"]
BLENDS: dict[Blend, str] = {"light": "Mix as light", "paint": "Paint over"}


@dataclass(frozen=True, eq=False)
class Layer:
    """One channel.

    Attributes
    ----------
    values : ndarray of shape (H, W)
        Strength in [0, 1]; see `strength`.
    colour : str
        Such as "#00aaff": the colour of the strength 1.
    opacity : float
        From 0, invisible, to 1.
    """

    values: np.ndarray
    colour: str
    opacity: float = 1.0


def limits(image: np.ndarray, mask: np.ndarray, low: float = 0.0, high: float = 0.999) -> tuple[float, float]:
    """Return the intensities at two quantiles of the measured pixels, between which a channel becomes visible.

    If both are the same, as where few pixels are not 0, the brightest pixel is the upper one.
    """
    lower, upper = (float(value) for value in np.quantile(image[mask], [low, high]))
    if upper <= lower:
        upper = float(image[mask].max())
    return lower, upper


def strength(image: np.ndarray, lower: float, upper: float, gamma: float = 1.0) -> np.ndarray:
    """Return an image as strength: 0 up to `lower`, 1 from `upper` on, and a power of `gamma` of the line between.

    With a `gamma` below 1, weak intensities become visible.
    """
    if upper <= lower:
        return np.zeros(image.shape, dtype=np.float64)
    scaled = np.clip((image.astype(np.float64) - lower) / (upper - lower), 0, 1)
    return scaled**gamma


def blend(
    layers: Sequence[Layer],
    shape: tuple[int, int],
    *,
    how: Blend = "light",
    dark: bool = True,
    under: np.ndarray | None = None,
    under_opacity: float = 1.0,
) -> np.ndarray:
    """Lay channels over each other, the first one lowest.

    Parameters
    ----------
    layers : sequence of Layer
    shape : tuple of two int
        H and W.
    how : {"light", "paint"}
        As light on black, colours add up: 1 - (1 - a)(1 - b), the mode "screen" of other programs. On white they take
        light away as inks do ("multiply"). Paint covers what is below by its strength.
    dark : bool
        Whether the background is black, else white.
    under : ndarray of shape (H, W, 3), uint8, optional
        A picture under all channels.
    under_opacity : float
        Of that picture, from 0 to 1.

    Returns
    -------
    ndarray of shape (H, W, 3), uint8
    """
    ground = 0.0 if dark else 1.0
    result = np.full((*shape, 3), ground)
    if under is not None:
        result = ground + under_opacity * (under / 255 - ground)
    for layer in layers:
        weight = (layer.opacity * layer.values)[..., None]
        colour = np.array(rgb(layer.colour)) / 255
        if how == "paint":
            result = result + weight * (colour - result)
        elif dark:
            result = 1 - (1 - result) * (1 - weight * colour)
        else:
            result = result * (1 - weight * (1 - colour))
    return (255 * np.clip(result, 0, 1)).round().astype(np.uint8)


def place(
    picture: np.ndarray,
    matrix: np.ndarray,
    shape: tuple[int, int],
    *,
    zoom: tuple[int, int] = (1, 1),
    ground: int = 255,
) -> np.ndarray:
    """Draw a picture where it lies on the section.

    Parameters
    ----------
    picture : ndarray of shape (h, w, 3), uint8
    matrix : ndarray of shape (2, 3)
        (column, row) on the section = matrix @ (column, row, 1) in the picture; (0, 0) is the centre of the first pixel
        of each.
    shape : tuple of two int
        H and W of the section in pixels.
    zoom : tuple of two int
        Rows and columns of the result per pixel of the section.
    ground : int
        Grey level where there is no picture.

    Returns
    -------
    ndarray of shape (H * zoom[0], W * zoom[1], 3), uint8
    """
    inverse = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))
    # Result pixels to section pixels; Pillow counts from the corner of a pixel and asks for the way back.
    down, across = zoom
    to_section = np.array([[1 / across, 0, -0.5], [0, 1 / down, -0.5], [0, 0, 1]])
    from_corner = inverse @ to_section
    coefficients = [*from_corner[0], *from_corner[1]]
    coefficients[2] += 0.5
    coefficients[5] += 0.5
    size = (shape[1] * across, shape[0] * down)
    drawn = Image.fromarray(np.ascontiguousarray(picture)).transform(
        size,
        Image.Transform.AFFINE,
        coefficients,
        resample=Image.Resampling.BILINEAR,
        fillcolor=(ground, ground, ground),
    )
    return np.asarray(drawn)


def rgb(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue of a colour such as "#00aaff"."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue
