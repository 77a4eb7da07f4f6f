"""Pixel size and polarity, where a file does not say them or is wrong: entered at the import, and later."""

import streamlit as st
from pydantic import ValidationError

from msiss.data.ion_images import IonImages
from msiss.data.recipe import MeasurementConfig, Recipe
from msiss.ui import state
from msiss.ui.guard import plain_errors

POLARITIES = ("positive", "negative", "mixed")


def ask(recipe: Recipe, key: str) -> Recipe:
    """Let the user say what a file does not, and return the recipe with that; what is left open stays as it is.

    Parameters
    ----------
    recipe : Recipe
    key : str
        Names the widgets; every file has its own.
    """
    with st.expander("Pixel size and polarity", icon=":material/straighten:"):
        st.caption("For what the file does not say, or says wrongly. What is left open is as in the file.")
        given = _form(key, None, None)
    said = recipe.measurement.model_copy(update=given.given())
    return recipe.model_copy(update={"measurement": said})


def edit(images: IonImages) -> None:
    """Let the user change what is known of the current data set."""
    name = str(state.dataset_name())
    with st.popover("Edit pixel size and polarity", icon=":material/straighten:"):
        given = _form(f"edit {name} {images.pixel_size} {images.polarity}", images.pixel_size, images.polarity)
        st.caption(
            "The ion images stay as they are. Where the shape of a pixel changes, the section has another shape in a "
            "training, so those of before are not listed with the data set any more."
        )
        if st.button("Save", type="primary", key="save measurement", disabled=not given.given()):
            with plain_errors(), st.spinner("Saving"):
                state.library().set_measurement(name, given)
                st.rerun()


def _form(key: str, size: tuple[float, float] | None, polarity: str | None) -> MeasurementConfig:
    """Draw the widgets and return what was entered."""
    tall, wide = size or (None, None)
    left, middle, right = st.columns(3)
    width = left.number_input("Width (µm)", min_value=0.0, value=wide, format="%g", key=f"width {key}")
    height = middle.number_input("Height (µm)", min_value=0.0, value=tall, format="%g", key=f"height {key}")
    place = POLARITIES.index(polarity) if polarity in POLARITIES else None
    chosen = right.selectbox("Polarity", POLARITIES, index=place, placeholder="as in the file", key=f"polarity {key}")
    if (height is None) != (width is None):
        st.caption(":orange[Enter both height and width of a pixel.]")
    try:
        return MeasurementConfig(pixel_size=(height, width) if height and width else None, polarity=chosen)
    except ValidationError:
        st.error("A pixel has sides of more than 0 and at most 100,000 µm.", icon=":material/error:")
        return MeasurementConfig()
