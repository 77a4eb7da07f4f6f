"""Galleries of ion images with their m/z."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.data.ion_search import known
from msiss.show.thumbnails import thumbnail
from msiss.ui.literal import literal
from msiss.ui.widgets import ion_picker as ion_names

WIDTH = 130  # screen pixels of a picture in a gallery


def gallery(images: IonImages, ions: Sequence[int], *, notes: Sequence[str] | None = None, width: int = WIDTH) -> None:
    """Draw the images of some ions in rows that fill the width, each image scaled on its own.

    Parameters
    ----------
    images : IonImages
    ions : sequence of int
        Ions to draw, in this order.
    notes : sequence of str, optional
        Added to the m/z under each image.
    width : int
        Least width of a picture in screen pixels.
    """
    grid = st.grid("auto", min_column_width=width, gap="small")
    for place, ion in enumerate(ions):
        caption = literal(ion_names.position(images, ion))
        if about := known(images, ion):
            caption += f"  \n{literal(' · '.join(about[:2]))}"
        if notes is not None:
            caption += f"  \n{literal(notes[place])}"
        name = f"Ion image of {ion_names.title(images, ion)}"
        grid.image(ion_png(images, ion), caption=caption, width="stretch", alt=name)


def paged(
    images: IonImages,
    ions: Sequence[int],
    *,
    key: str,
    notes: Sequence[str] | None = None,
    size: int = 36,
    width: int = WIDTH,
) -> None:
    """Draw a gallery of at most `size` images at a time, with a button per page where there are more."""
    pages = -(-len(ions) // size)
    place = st.container()
    page = st.pagination(pages, key=key) if pages > 1 else 1
    part = slice((page - 1) * size, page * size)
    with place:
        gallery(images, ions[part], notes=None if notes is None else notes[part], width=width)


def measured(images: IonImages, ion: int) -> None:
    """Draw an ion image as it was measured: the brightest pixel has the brightest colour."""
    png = thumbnail(images.images[ion], images.mask, pixel_size=images.pixel_size, quantile=1.0)
    caption = ion_names.title(images, ion)
    st.image(png, caption=literal(caption), width="stretch", alt=f"{caption} as measured")


def picture(array: np.ndarray, caption: str) -> None:
    """Draw an image as the network gets it: on a colour scale from 0 to 1, with the pixels off the tissue."""
    png = thumbnail(array, np.ones_like(array, dtype=bool), brightest=1.0)
    st.image(png, caption=literal(caption), width="stretch", alt=caption)


def ion_png(images: IonImages, ion: int) -> bytes:
    """Return one ion image as PNG."""
    return _ion_png(images.fingerprint, images.pixel_size, int(ion), images)


@st.cache_data(show_spinner=False, max_entries=10_000)
def _ion_png(
    fingerprint: str,
    pixel_size: tuple[float, float] | None,
    ion: int,
    _images: IonImages,
) -> bytes:
    return thumbnail(_images.images[ion], _images.mask, pixel_size=pixel_size)
