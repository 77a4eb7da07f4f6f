"""The component of a gallery whose ion images can be selected, opened and dragged onto a cluster."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from msiss.ui.components.assets import asset
from msiss.ui.components.events import Event, handled


@dataclass(frozen=True)
class Tile:
    """One ion image: its address, the lines under it, and what it shows in words."""

    ion: int
    src: str
    text: str
    alt: str


@dataclass(frozen=True)
class Target:
    """A cluster onto which images can be dragged."""

    number: int
    title: str
    colour: str


def ion_gallery(
    tiles: Sequence[Tile],
    selected: Sequence[int],
    number: int,
    *,
    key: str,
    width: int,
    aspect: float,
    about: str,
    on_select: Callable[[list[int], str], None],
    menu: Mapping[str, Callable[[int], None]],
    targets: Sequence[Target] = (),
    on_move: Callable[[list[int], int], None] | None = None,
) -> None:
    """Draw a gallery.

    Parameters
    ----------
    tiles : sequence of Tile
    selected : sequence of int
    number : int
        Ions of the data set.
    key : str
    width : int
        Least width of a picture in screen pixels.
    aspect : float
        Width over height of the pictures, which keeps their place while they load.
    about : str
        What the gallery shows, in words.
    on_select : callable
        Called with ions and "add" or "remove".
    menu : dict of str to callable
        Entries of the menu of each image; the first one is also that of a double click. Called with the ion.
    targets : sequence of Target
    on_move : callable, optional
        Called with ions and the number of a target that they were dragged onto.
    """
    data = {
        "tiles": [vars(tile) for tile in tiles],
        "selected": list(selected),
        "width": width,
        "aspect": aspect,
        "about": about,
        "menu": [{"do": title, "title": title} for title in menu],
        "targets": [vars(target) for target in targets],
    }

    def handle(event: Event) -> None:
        what = event.one_of("do", ("", "select", "move", *menu))
        if what == "select":
            for step in event.parts("steps"):
                on_select(step.ions("ions", number), step.one_of("how", ("add", "remove")))
        elif what == "move" and on_move is not None:
            to = event.number("to")
            if to in {target.number for target in targets}:
                on_move(event.ions("ions", number), int(to or 0))
        elif what in menu and (ion := event.ion("ion", number)) is not None:
            menu[what](ion)

    mount = st.components.v2.component(
        "msiss_ion_gallery", html='<div class="frame"></div>', css=asset("ion_gallery.css"), js=asset("ion_gallery.js")
    )
    mount(key=key, data=data, on_event_change=handled(key, handle))
