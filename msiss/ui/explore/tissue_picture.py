"""The picture of the tissue, where a person has placed it on the section."""

import base64
import io

import numpy as np
import streamlit as st
from PIL import Image

from msiss.data.ion_images import IonImages
from msiss.data.placement import Placement, fitted, keep_placement, read_placement
from msiss.show.overlay import place
from msiss.show.overlay_sheet import zoom_for
from msiss.ui import state

SIDE = 900  # screen pixels along the longer side of the section under which it is drawn


def of(images: IonImages) -> np.ndarray | None:
    """Return the picture of a data set, shape (h, w, 3), or None."""
    return images.picture


def placement(images: IonImages) -> Placement:
    """Return where the picture lies: as a person has placed it, or as large as fits into the section.

    The data set must have a picture.
    """
    kept = read_placement(state.dataset_folder())
    return kept or fitted(_picture(images).shape, images.shape, images.pixel_aspect)


def keep(images: IonImages, changed: Placement | None) -> None:
    """Keep where the picture lies; None for as large as fits.

    Raises
    ------
    DataError
        If it cannot be written.
    """
    keep_placement(state.dataset_folder(), changed, _picture(images).shape, images.pixel_aspect)


def forget(images: IonImages) -> None:
    """Forget the place and the drawings of a picture that was replaced."""
    keep_placement(state.dataset_folder(), None, (1, 1), images.pixel_aspect)
    whole_uri.clear()
    _placed.clear()


def on_section(images: IonImages) -> str:
    """Return the picture as it lies on the section, cut to the section, as a data URI; empty without a picture."""
    if images.picture is None:
        return ""
    chosen = placement(images)
    return _placed(images.fingerprint, chosen.model_dump_json(), images, chosen)


def jpeg_uri(picture: np.ndarray) -> str:
    """Return a picture as the data URI of a JPEG file."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


@st.cache_data(show_spinner=False, max_entries=20)
def whole_uri(fingerprint: str, shape: tuple[int, ...], _picture: np.ndarray) -> str:
    """Return a whole picture as the data URI of a JPEG file."""
    return jpeg_uri(np.asarray(_picture))


@st.cache_data(show_spinner=False, max_entries=20)
def _placed(
    fingerprint: str,
    chosen: str,
    _images: IonImages,
    _placement: Placement,
) -> str:
    picture = _picture(_images)
    zoom = zoom_for(_images.shape, _images.pixel_aspect, side=SIDE)
    return jpeg_uri(place(picture, _placement.matrix(picture.shape, _images.pixel_aspect), _images.shape, zoom=zoom))


def _picture(images: IonImages) -> np.ndarray:
    if images.picture is None:
        raise ValueError("this data set has no picture")
    return np.asarray(images.picture)
