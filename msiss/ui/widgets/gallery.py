"""Galleries of ion images with their m/z."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.data.ion_search import known
from msiss.show.thumbnails import thumbnail
from msiss.ui import selection, state
from msiss.ui.components.ion_gallery import Target, Tile, ion_gallery
from msiss.ui.literal import literal
from msiss.ui.server import pictures
from msiss.ui.widgets import ion_dialog
from msiss.ui.widgets import ion_picker as ion_names

WIDTH = 130  # screen pixels of a picture in a gallery


def single(images: IonImages, ion: int) -> None:
    """Draw the image of an ion on its own scale, with its m/z and what is known about it."""
    caption = literal(ion_names.position(images, ion))
    if about := known(images, ion):
        caption += f"  \n{literal(' · '.join(about[:2]))}"
    name = f"Ion image of {ion_names.title(images, ion)}"
    st.image(pictures.png(images, ion, state.colours()), caption=caption, width="stretch", alt=name)


def selectable(
    images: IonImages,
    ions: Sequence[int],
    *,
    key: str,
    about: str,
    notes: Sequence[str] | None = None,
    size: int = 36,
    width: int = WIDTH,
    menu: Mapping[str, Callable[[int], None]] | None = None,
    targets: Sequence[Target] = (),
    on_move: Callable[[list[int], int], None] | None = None,
) -> None:
    """Draw a gallery whose images can be selected and opened, at most `size` at a time, with a button per page.

    Parameters
    ----------
    images : IonImages
    ions : sequence of int
        Ions to draw, in this order.
    key : str
    about : str
        What the gallery shows, in words.
    notes : sequence of str, optional
        Added to the m/z under each image.
    size, width : int
        Images per page, and least width of a picture in screen pixels.
    menu : dict of str to callable, optional
        Further entries of the menu of each image, called with the ion.
    targets, on_move
        As for `ion_gallery`.
    """
    ion_dialog.show(images)
    pages = -(-len(ions) // size)
    place = st.container()
    page = st.pagination(pages, key=f"{key} page") if pages > 1 else 1
    part = range(len(ions))[(page - 1) * size : page * size]
    tiles = [_tile(images, ions[at], "" if notes is None else notes[at]) for at in part]
    with place:
        ion_gallery(
            tiles,
            selection.selected(),
            len(images),
            key=key,
            width=width,
            aspect=images.shape[1] / (images.shape[0] * images.pixel_aspect),
            about=about,
            on_select=lambda chosen, how: selection.select(chosen, "add" if how == "add" else "remove"),
            menu={"Show large": ion_dialog.ask_for} | dict(menu or {}),
            targets=targets,
            on_move=on_move,
        )


def _tile(images: IonImages, ion: int, note: str) -> Tile:
    lines = [ion_names.position(images, ion), " · ".join(known(images, ion)[:2]), note]
    return Tile(
        ion=int(ion),
        src=pictures.address(images, int(ion), state.colours()),
        text="\n".join(filter(None, lines)),
        alt=f"Ion image of {ion_names.title(images, ion)}",
    )


def measured(images: IonImages, ion: int) -> None:
    """Draw an ion image as it was measured: the brightest pixel has the brightest colour."""
    png = thumbnail(images.images[ion], images.mask, pixel_size=images.pixel_size, quantile=1.0)
    caption = ion_names.title(images, ion)
    st.image(png, caption=literal(caption), width="stretch", alt=f"{caption} as measured")


def picture(array: np.ndarray, caption: str) -> None:
    """Draw an image as the network gets it: on a colour scale from 0 to 1, with the pixels off the tissue."""
    png = thumbnail(array, np.ones_like(array, dtype=bool), brightest=1.0)
    st.image(png, caption=literal(caption), width="stretch", alt=caption)
