"""What is chosen on the page Prepare but not saved as a data set yet, and whether a training is to have that or all."""

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
class Wanted:
    """What a training is to have.

    Attributes
    ----------
    ions : int
        How many ion images that are.
    new_name : str
        Of the data set that is made of the chosen ions and pixels first; empty where all are taken.
    """

    ions: int
    new_name: str = ""


def ask(images: IonImages) -> Wanted:
    """Let the user decide, where fewer ions or pixels stay by the choice on Prepare than there are."""
    everything = Wanted(len(images))
    recipe, measured = state.recipe(images), int(images.mask.sum())
    try:
        stays = ions.staying(images, recipe)
        left = pixels.kept_pixels(images, recipe, stays)
    except SettingError as error:
        st.warning(f"What is chosen on Prepare cannot be used, so all ions and pixels are taken. {literal(error)}")
        return everything
    if (len(stays), left) == (len(images), measured):
        return everything
    things = [("ion", len(stays), len(images)), ("pixel", left, measured)]
    less = [f"{some:,} of {count(whole, thing)}" for thing, some, whole in things if some < whole]
    st.info(f"By what is chosen on Prepare, {' and '.join(less)} stay.", icon=":material/filter_alt:")
    titles = {CHOSEN: f"What is chosen ({count(len(stays), 'ion')})", ALL: f"All {len(images):,} ions"}
    taken = st.segmented_control(
        "Train on",
        list(titles),
        default=CHOSEN,
        required=True,
        format_func=titles.__getitem__,
        key=ion_picker.own_key(images, "train on"),
    )
    if taken == ALL:
        st.caption("All ions and pixels of the data set are taken, as if nothing were chosen on Prepare.")
        return everything
    name = state.library().free_name(str(state.dataset_name()))
    st.caption(f"Start makes the data set **{literal(name)}** of what is chosen, then trains on that one.")
    return Wanted(len(stays), name)
