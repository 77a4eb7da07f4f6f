"""The picture of the tissue on the page Overlay: loaded, seen through, and placed by hand."""

import numpy as np
import streamlit as st

from msiss.data import foreign
from msiss.data.ion_images import IonImages
from msiss.data.overlays import Overlay
from msiss.data.placement import LEAST_SCALE, MOST_SCALE, Placement
from msiss.ui import state
from msiss.ui.explore import overlay as overlays
from msiss.ui.explore import tissue_picture
from msiss.ui.messages import plain_errors
from msiss.ui.widgets import files, ion_picker

PICTURE_MB = 500


def panel(images: IonImages, overlay: Overlay) -> None:
    """Draw the settings of the picture, or the box to load one."""
    if images.picture is None:
        st.caption("This data set has no picture of the tissue, such as an H&E stain.")
        _load(images, overlay, "Load a picture")
        return
    key = "overlay picture"
    st.session_state[key] = overlay.picture
    st.slider(
        "Opacity of the picture",
        0.0,
        1.0,
        step=0.05,
        key=key,
        on_change=_set_opacity,
        args=(images, overlay, key),
        help="On a bright picture, paint shows more than light: choose it under Channels.",
    )
    st.toggle(
        "Place it by hand on the section",
        key=ion_picker.own_key(images, "overlay placing"),
        disabled=not overlay.picture,
        help="Mouse and keys then move the picture. Where it lies is kept with the data set.",
    )
    _numbers(images)
    with st.expander("Another picture", icon=":material/image:"):
        _load(images, overlay, "Replace the picture")


def is_placing(images: IonImages, overlay: Overlay) -> bool:
    """Tell whether the user places the picture."""
    wanted = st.session_state.get(ion_picker.own_key(images, "overlay placing"), False)
    return bool(wanted and overlay.picture and images.picture is not None)


def _numbers(images: IonImages) -> None:
    """Draw the place of the picture as numbers."""
    placement = tissue_picture.placement(images)
    pixels = np.asarray(images.picture).shape[1]
    unit, size = ("µm", images.pixel_size[1]) if images.pixel_size else ("px", 1.0)
    values = {
        "column": (f"Centre, across ({unit})", placement.column * size, size),
        "row": (f"Centre, down ({unit})", placement.row * size * images.pixel_aspect, size),
        "width": (f"Width of the picture ({unit})", placement.scale * pixels * size, size),
        "angle": ("Turned (°, clockwise)", placement.angle, 1.0),
    }
    key = ion_picker.own_key(images, "overlay place")
    columns = st.columns(2)
    for number, (name, (title, value, step)) in enumerate(values.items()):
        own = f"{key} {name}"
        st.session_state[own] = round(float(value), 2)
        columns[number % 2].number_input(
            title,
            step=float(step),
            format="%.2f",
            key=own,
            min_value=-360.0 if name == "angle" else None,
            max_value=360.0 if name == "angle" else None,
            on_change=_set_number,
            args=(images, name, own),
        )
    st.session_state[f"{key} flipped"] = placement.flipped
    with st.container(horizontal=True, vertical_alignment="center"):
        st.toggle("Mirrored", key=f"{key} flipped", on_change=_set_number, args=(images, "flipped", f"{key} flipped"))
        st.button("Fit into the section", icon=":material/fit_screen:", on_click=plain_errors()(_fit), args=(images,))


@plain_errors()
def _set_number(images: IonImages, name: str, key: str) -> None:
    value = st.session_state[key]
    placement = tissue_picture.placement(images)
    size = images.pixel_size[1] if images.pixel_size else 1.0
    pixels = np.asarray(images.picture).shape[1]
    changes = {
        "column": lambda: {"column": value / size},
        "row": lambda: {"row": value / size / images.pixel_aspect},
        "width": lambda: {"scale": min(max(value / size / pixels, LEAST_SCALE), MOST_SCALE)},
        "angle": lambda: {"angle": value},
        "flipped": lambda: {"flipped": value},
    }[name]()
    tissue_picture.keep(images, Placement.model_validate(placement.model_dump() | changes))


def _fit(images: IonImages) -> None:
    tissue_picture.keep(images, None)


def _set_opacity(images: IonImages, overlay: Overlay, key: str) -> None:
    overlays.change(images, overlay.model_copy(update={"picture": st.session_state[key]}))


def _load(images: IonImages, overlay: Overlay, title: str) -> None:
    number = st.session_state.get("pictures loaded", 0)
    file = st.file_uploader(
        title,
        type=list(files.PICTURE_ENDINGS),
        max_upload_size=PICTURE_MB,
        key=f"picture file {number}",
        help="A photograph or scan of this section, of any size. It is kept with the data set; no result changes.",
    )
    if file is None:
        return
    with plain_errors():
        with st.spinner("Reading the picture"):
            picture = foreign.read_picture(files.keep_small(file, "picture"))
        state.library().set_picture(str(state.dataset_name()), picture)
        tissue_picture.forget(images)
        shown = overlay.model_copy(update={"picture": overlays.PICTURE_OPACITY, "blend": "paint"})
        overlays.change(images, shown)
        st.session_state["pictures loaded"] = number + 1  # empties the widget
        st.rerun()
