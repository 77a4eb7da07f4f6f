"""Pixel size and polarity, entered at the import or later, where a file lacks them or is wrong."""

import streamlit as st
from pydantic import ValidationError

from msiss.data.ion_images import IonImages
from msiss.data.recipe import MeasurementConfig, Recipe
from msiss.ui import state
from msiss.ui.messages import plain_errors

POLARITIES = ("positive", "negative", "mixed")


def ask(recipe: Recipe, key: str) -> Recipe:
    """Let the user enter what a file lacks, and return the recipe with it; empty fields change nothing.

    Parameters
    ----------
    recipe : Recipe
    key : str
        Of the widgets; unique to the file.
    """
    with st.expander("Pixel size and polarity", icon=":material/straighten:"):
        st.caption("For what the file lacks, or has wrong. Empty fields are as in the file.")
        given = _form(key, None, None)
    measurement = recipe.measurement.model_copy(update=given.given())
    return recipe.model_copy(update={"measurement": measurement})


def edit(images: IonImages) -> None:
    """Let the user change the pixel size and polarity of the current data set."""
    name = str(state.dataset_name())
    with st.popover("Edit pixel size and polarity", icon=":material/straighten:"):
        given = _form(f"edit {name} {images.pixel_size} {images.polarity}", images.pixel_size, images.polarity)
        st.caption(
            "The ion images do not change. A new shape of the pixels changes the shape of the section in a training, "
            "so earlier runs are not listed with the data set any more."
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
