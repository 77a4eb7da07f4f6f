"""Overlays that are saved under a name, and the PNG of the one that is shown."""

import numpy as np
import streamlit as st

from msiss.data.library import clean_name
from msiss.data.overlays import LONGEST_NAME, Overlay, delete_overlay, keep_overlay, read_overlays
from msiss.data.placement import Placement
from msiss.errors import DataError
from msiss.show.overlay import Layer, blend, place, strength
from msiss.show.overlay_sheet import Entry, overlay_sheet, zoom_for
from msiss.ui import state
from msiss.ui.explore import overlay as overlays
from msiss.ui.explore import tissue_picture
from msiss.ui.explore.overlay import Shown
from msiss.ui.literal import literal
from msiss.ui.messages import plain_errors


def panel(shown: Shown, overlay: Overlay) -> None:
    """Draw the buttons to save, show and delete overlays, and to download this one."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Save this overlay as", key="overlay name", max_chars=LONGEST_NAME)
        st.button(
            "Save",
            icon=":material/save:",
            key="save overlay",
            on_click=_save,
            args=(shown, overlay),
        )
    try:
        kept = read_overlays(state.dataset_folder())
    except DataError as error:
        st.error(literal(error), icon=":material/error:")
        kept = {}
    if not kept:
        st.caption("No overlay of this data set is saved yet.")
    for name, saved in kept.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{literal(name)}**", width="stretch")
            st.button("Show", key=f"show overlay {name}", on_click=_show, args=(shown, name, saved))
            st.button(
                "Delete",
                key=f"delete overlay {name}",
                icon=":material/delete:",
                on_click=plain_errors()(delete_overlay),
                args=(state.dataset_folder(), name),
            )
    # Made after the button is pressed, where there is no session any more.
    name = str(state.dataset_name())
    placement = None if shown.images.picture is None else tissue_picture.placement(shown.images)
    st.download_button(
        "Picture with legend (.png)",
        lambda: png(shown, overlay, placement, name),
        clean_name(f"msiss {name} overlay") + ".png",
        "image/png",
        icon=":material/download:",
        on_click="ignore",
        disabled=not overlay.channels,
        help="The whole section with a scale bar, and each channel with its colour and limits.",
    )


def png(shown: Shown, overlay: Overlay, placement: Placement | None, name: str) -> bytes:
    """Return the overlay as a PNG file with its legend, a scale bar and the name of the data set.

    It needs no session. `placement` is where the picture of the tissue lies, if there is one.
    """
    images = shown.images
    zoom = zoom_for(images.shape, images.pixel_aspect)
    layers, entries = [], []
    for channel in overlay.channels:
        lower, upper = overlays.limits_of(shown, channel)
        values = strength(shown.image(channel), lower, upper, channel.gamma)
        layers.append(Layer(values.repeat(zoom[0], axis=0).repeat(zoom[1], axis=1), channel.colour, channel.opacity))
        entries.append(Entry(channel.colour, shown.name_of(channel), shown.span(channel)))
    size = (images.shape[0] * zoom[0], images.shape[1] * zoom[1])
    under = None
    if images.picture is not None and placement is not None and overlay.picture:
        matrix = placement.matrix(images.picture.shape, images.pixel_aspect)
        ground = 0 if overlay.dark else 255
        under = place(np.asarray(images.picture), matrix, images.shape, zoom=zoom, ground=ground)
    picture = blend(layers, size, how=overlay.blend, dark=overlay.dark, under=under, under_opacity=overlay.picture)
    return overlay_sheet(
        picture,
        entries,
        zoom=zoom,
        pixel_width=None if images.pixel_size is None else images.pixel_size[1],
        dark=overlay.dark,
        footer=name,
    )


@plain_errors()
def _save(shown: Shown, overlay: Overlay) -> None:
    if shown.view is not None and any(channel.what == "cluster" for channel in overlay.channels):
        view = shown.view
        about = {"run": view.run.path.name, "by": view.by, "clusters": view.clusters}
        overlay = overlay.model_copy(update=about)
    name = st.session_state["overlay name"]
    keep_overlay(state.dataset_folder(), name, overlay)
    overlays.change(shown.images, overlay, name=name.strip())
    st.session_state["overlay name"] = ""
    state.notify(f"The overlay {name.strip()} is saved with the data set.", "save")


def _show(shown: Shown, name: str, saved: Overlay) -> None:
    overlays.change(shown.images, saved, name=name)
    if reason := overlays.missing(saved, shown):
        state.notify(reason)
