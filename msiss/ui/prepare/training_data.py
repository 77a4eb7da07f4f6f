"""The ions and pixels that a training uses: all, or the choice on the page Prepare that is not saved yet."""

from dataclasses import dataclass

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.errors import SettingError
from msiss.ui import state
from msiss.ui.literal import literal
from msiss.ui.prepare import ions, pixels
from msiss.ui.widgets import ion_picker
from msiss.words import count

CHOSEN, ALL = "chosen", "all"


@dataclass(frozen=True)
class TrainingData:
    """The ions and pixels that a training uses.

    Attributes
    ----------
    ions : int
        Number of ion images.
    new_name : str
        Name of the data set to save the chosen ions and pixels as; empty if all are used.
    """

    ions: int
    new_name: str = ""


def choose(images: IonImages) -> TrainingData:
    """Let the user decide between the choice on Prepare and all, if the choice removes ions or pixels."""
    everything = TrainingData(len(images))
    recipe, measured = state.recipe(images), int(images.mask.sum())
    try:
        kept = ions.kept_ions(images, recipe)
        left = pixels.kept_pixels(images, recipe, kept)
    except SettingError as error:
        st.warning(f"The choice on Prepare cannot be used, so all ions and pixels are used. {literal(error)}")
        return everything
    if (len(kept), left) == (len(images), measured):
        return everything
    things = [("ion", len(kept), len(images)), ("pixel", left, measured)]
    parts = [f"{some:,} of {count(whole, thing)}" for thing, some, whole in things if some < whole]
    st.info(f"The choice on Prepare keeps {' and '.join(parts)}.", icon=":material/filter_alt:")
    titles = {CHOSEN: f"The choice ({count(len(kept), 'ion')})", ALL: f"All {len(images):,} ions"}
    chosen = st.segmented_control(
        "Train on",
        list(titles),
        default=CHOSEN,
        required=True,
        format_func=titles.__getitem__,
        key=ion_picker.own_key(images, "train on"),
    )
    if chosen == ALL:
        st.caption("All ions and pixels of the data set are used, whatever is chosen on Prepare.")
        return everything
    name = state.library().free_name(str(state.dataset_name()))
    st.caption(f"Start saves the choice as the data set **{literal(name)}**, then trains on that one.")
    return TrainingData(len(kept), name)
