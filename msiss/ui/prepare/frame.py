"""The suggestion to leave out the black frame around a section, on the tab Pixels of the page Prepare."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from msiss.data.black_frame import black_frame
from msiss.data.ion_images import IonImages
from msiss.data.masks import Tissue, decode_mask, encode_mask
from msiss.data.recipe import MaskConfig
from msiss.ui.messages import plain_errors
from msiss.words import count


def suggest(images: IonImages, config: MaskConfig, found: Tissue, use: Callable[[str], None]) -> None:
    """Offer to leave out the black frame, if there is one of which pixels are kept.

    Parameters
    ----------
    images : IonImages
        The data set.
    config : MaskConfig
        The choice of pixels up to now.
    found : Tissue
        The pixels that it keeps.
    use : callable
        Takes the loaded mask of the recipe, with the frame left out, when the user says so.
    """
    frame = _frame(images.fingerprint, images)
    number = int((frame & found.mask).sum())
    if not number:
        return
    st.info(
        "The section has a black frame: pixels along the edge that are 0 in every ion image. Clusters would follow it.",
        icon=":material/filter_frames:",
    )
    st.button(
        f"Leave out the black frame ({count(number, 'pixel')})",
        key="leave out frame",
        icon=":material/crop:",
        on_click=_leave_out,
        args=(config, frame, use),
        help="By a mask in the recipe, which can be removed again.",
    )


@plain_errors()
def _leave_out(config: MaskConfig, frame: np.ndarray, use: Callable[[str], None]) -> None:
    kept = ~frame
    if config.loaded:
        kept &= decode_mask(config.loaded, frame.shape)
    use(encode_mask(kept))


@st.cache_data(show_spinner="Looking for a black frame", max_entries=10)
def _frame(fingerprint: str, _images: IonImages) -> np.ndarray:
    return black_frame(_images)
