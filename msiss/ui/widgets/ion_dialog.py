"""An ion image in a window of its own: large, with colour bar, scale and the intensities as they were measured."""

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.show.figures import image_figure
from msiss.ui import state
from msiss.ui.widgets import ion_picker

ASKED = "ion to show large"


def ask_for(ion: int) -> None:
    """Show an ion large when the page is drawn next."""
    st.session_state[ASKED] = ion


def show(images: IonImages) -> None:
    """Open the window if an ion was asked for."""
    ion = st.session_state.pop(ASKED, None)
    if ion is not None and ion < len(images):
        _window(images, ion)


@st.dialog("Ion image", width="large")
def _window(images: IonImages, ion: int) -> None:
    name = ion_picker.title(images, ion)
    figure = image_figure(
        images.images[ion], images.mask, title=name, pixel_size=images.pixel_size, colours=state.colours()
    )
    st.plotly_chart(figure, key="large ion", alt=f"Ion image of {name}")
    st.caption(
        "Intensities above the 0.999 quantile have the brightest colour. Point at a pixel to read its intensity."
    )
