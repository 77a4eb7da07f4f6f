"""The component of one or two linked maps of ions; it draws 5,000 ions smoothly, and their images on hover."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from msiss.ui.components.assets import asset
from msiss.ui.components.events import Event, handled
from msiss.ui.server.pictures import SHEET, SHEET_SIDE

STEPS = 10_000  # of a position across the map, finer than any screen


@dataclass(frozen=True, eq=False)
class Side:
    """One map.

    Attributes
    ----------
    key : str
        Another one begins with the whole map, without zoom.
    title : str
    points : ndarray of shape (N, 2)
    """

    key: str
    title: str
    points: np.ndarray


@dataclass(frozen=True, eq=False)
class Colours:
    """Colours of the ions: by groups, or on a scale.

    Attributes
    ----------
    key : str
        Names what is shown; groups that were hidden are shown again when it changes.
    of_ions : ndarray of shape (N,), int
        Place of each ion's colour in `palette`.
    palette : sequence of str
        Such as "#1e78d7".
    groups : sequence of str
        Title of each colour; empty on a scale.
    scale : tuple of three str, optional
        Title, and the lowest and highest value in words.
    """

    key: str
    of_ions: np.ndarray
    palette: Sequence[str]
    groups: Sequence[str] = ()
    scale: tuple[str, str, str] | None = None


def ion_map(
    sides: Sequence[Side],
    colours: Colours,
    names: Sequence[str],
    selected: Sequence[int],
    *,
    key: str,
    on_select: Callable[[list[int], str], None],
    pictures: str,
    as_pictures: bool = False,
    height: int = 460,
) -> None:
    """Draw linked maps of N ions.

    Parameters
    ----------
    sides : sequence of one or two Side
    colours : Colours
    names : sequence of N str
        Text on hover.
    selected : sequence of int
    key : str
    on_select : callable
        Called with ions and "replace", "add" or "remove" when the user has selected.
    pictures : str
        Address of the pictures, see `msiss.ui.server.pictures.folder`; empty if there are none.
    as_pictures : bool
        Draw ion images instead of points.
    height : int
        Screen pixels.
    """
    data = {
        "maps": [_side(side) for side in sides],
        "colours": colours.of_ions.tolist(),
        "colours_key": colours.key,
        "palette": list(colours.palette),
        "groups": list(colours.groups),
        "scale": None if colours.scale is None else dict(zip(("title", "low", "high"), colours.scale, strict=True)),
        "names": list(names),
        "selected": list(selected),
        "pictures": pictures,
        "as_pictures": bool(as_pictures and pictures),
        "sheet": {"per": SHEET, "side": SHEET_SIDE},
        "height": height,
        "about": "arrow keys point at an ion, Enter selects it",
    }
    mount = st.components.v2.component(
        "msiss_ion_map", html='<div class="frame"></div>', css=asset("ion_map.css"), js=asset("ion_map.js")
    )

    def selected_by(event: Event) -> None:
        on_select(event.ions("ions", len(names)), event.one_of("how", ("replace", "add", "remove")))

    mount(key=key, data=data, on_event_change=handled(key, selected_by))


def _side(side: Side) -> dict[str, Any]:
    low, high = side.points.min(axis=0), side.points.max(axis=0)
    x, y = ((side.points - low) / np.where(high > low, high - low, 1)).T
    return {
        "key": side.key,
        "title": side.title,
        "x": (np.round(x * STEPS) / STEPS).tolist(),
        "y": (np.round((1 - y) * STEPS) / STEPS).tolist(),  # upwards, as in every figure
    }
