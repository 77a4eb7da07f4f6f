"""The steps of a recipe as numbered lists."""

from collections.abc import Mapping

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.data.recipe_text import steps
from msiss.ui import state
from msiss.ui.literal import literal

DONE = ("Read", "Measurement", "Ions", "Pixels")


def made(images: IonImages) -> None:
    """Write down how a data set was made from its files."""
    written = steps(state.recorded(images), images.axis)
    if ".imzml" not in images.source.lower():  # a file that holds images, of which none had to be made
        written["Read"] = (f"The images of {images.source or 'an unknown file'} are taken as they are.",)
    sentences({title: written[title] for title in DONE})


def sentences(written: Mapping[str, tuple[str, ...]], *, first: int = 1) -> None:
    """Write titles with their sentences, numbered from `first` on."""
    for number, (title, lines) in enumerate(written.items(), start=first):
        st.markdown("\n".join([f"**{number}. {title}**", "", *(f"- {literal(line)}" for line in lines)]))
