"""The canvas of the page Overlay: channels over each other, with the intensities under the mouse.

Plotly and Streamlit's elements cannot lay images over each other in colours, nor let a picture be turned by hand, so
this is a component of its own: a canvas and plain JavaScript, `overlay_canvas.js`, which needs no build.
"""

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from msiss.data.placement import Placement
from msiss.show.overlay import Blend, rgb
from msiss.ui.components.assets import asset

LEVELS = 65_535  # the intensities of a channel are sent as whole numbers of 16 bits
_HTML = """
<div class="overlay">
  <canvas tabindex="0" role="img"></canvas>
  <div class="tip" role="status" hidden></div>
  <div class="buttons">
    <button class="in" aria-label="Zoom in">+</button>
    <button class="out" aria-label="Zoom out">−</button>
    <button class="fit">Fit</button>
  </div>
</div>
"""
_component = st.components.v2.component(
    "msiss_overlay", html=_HTML, css=asset("overlay_canvas.css"), js=asset("overlay_canvas.js")
)


@dataclass(frozen=True, eq=False)
class CanvasChannel:
    """A channel as the canvas draws it.

    Attributes
    ----------
    identity : str
        The same for the same image, so that the browser unpacks it once.
    levels : str
        The image, see `packed`.
    most : float
        Intensity of the highest level.
    title, unit : str
        Shown with the intensity under the mouse.
    colour : str
        Such as "#00aaff".
    lower, upper, gamma, opacity : float
        See `msiss.show.overlay`.
    """

    identity: str
    levels: str
    most: float
    title: str
    unit: str
    colour: str
    lower: float
    upper: float
    gamma: float
    opacity: float

    def sent(self) -> dict[str, Any]:
        """Return it as JSON for the canvas."""
        return {"id": self.identity, "colour": rgb(self.colour)} | {
            name: getattr(self, name)
            for name in ("levels", "most", "title", "unit", "lower", "upper", "gamma", "opacity")
        }


@dataclass(frozen=True)
class CanvasPicture:
    """A picture under the channels: its address, opacity and place."""

    address: str
    opacity: float
    placement: Placement


def packed(image: np.ndarray) -> tuple[str, float]:
    """Return an image (H, W), not negative, as text of whole numbers of 16 bits, and its largest intensity."""
    most = float(image.max())
    levels = np.zeros(image.shape) if most == 0 else image.astype(np.float64) / most * LEVELS
    return _text(levels.round().astype("<u2")), most


def draw(
    mask: np.ndarray,
    channels: Sequence[CanvasChannel],
    *,
    key: str,
    pixel_size: tuple[float, float] | None,
    blend: Blend,
    dark: bool,
    label: str,
    picture: CanvasPicture | None = None,
    placing: bool = False,
    on_placed: Callable[[Placement], None] | None = None,
    height: int = 560,
) -> None:
    """Draw the canvas.

    Parameters
    ----------
    mask : ndarray of shape (H, W), bool
        True where a spectrum was measured.
    channels : sequence of CanvasChannel
        The first one is the lowest.
    key : str
        Of the element; another data set needs another one.
    pixel_size : tuple of two float, optional
        Height and width of a pixel in micrometres.
    blend, dark
        See `msiss.show.overlay.blend`.
    label : str
        What is seen, for those who do not see it.
    picture : CanvasPicture, optional
    placing : bool
        Whether mouse and keys move the picture, not the view.
    on_placed : callable, optional
        Called with the new place of the picture after the user has moved it.
    height : int
        Largest height in screen pixels.
    """
    tall, wide = pixel_size or (1.0, 1.0)
    data: dict[str, Any] = {
        "key": key,
        "width": mask.shape[1],
        "height": mask.shape[0],
        "aspect": tall / wide,
        "pixel": None if pixel_size is None else wide,
        "mask": _text(mask.astype(np.uint8)),
        "channels": [channel.sent() for channel in channels],
        "blend": blend,
        "dark": dark,
        "label": label,
        "screen": height,
        "placing": placing and picture is not None,
        "picture": None
        if picture is None
        else {
            "address": picture.address,
            "opacity": picture.opacity,
            "placement": picture.placement.model_dump(),
        },
    }
    data["version"] = hashlib.sha256(json.dumps(data).encode()).hexdigest()[:16]

    def placed() -> None:
        told = st.session_state[key].get("placed")
        found = None if told is None else placement_of(told)
        if on_placed is not None and found is not None:
            on_placed(found)

    _component(key=key, data=data, on_placed_change=placed)


def placement_of(told: Mapping[str, Any]) -> Placement | None:
    """Return the place that a browser has told, or None if it is impossible."""
    try:
        return Placement.model_validate(dict(told))
    except ValueError:
        return None


def _text(numbers: np.ndarray) -> str:
    return base64.b64encode(zlib.compress(np.ascontiguousarray(numbers).tobytes(), 1)).decode()
