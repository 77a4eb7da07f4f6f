"""The steps of a recipe as numbered lists."""

from collections.abc import Iterable, Mapping

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.data.recipe_text import steps
from msiss.ui import state
from msiss.ui.literal import literal

DONE = ("Read", "Measurement", "Ions", "Pixels")


def show_recorded(images: IonImages) -> None:
    """List what its files say about a data set, and the steps by which it was made from them."""
    if images.about:
        _listing("As the file says", [f"{title}: {text}" for title, text in images.about.items()])
    written = steps(state.recorded_recipe(images), images.axis)
    if ".imzml" not in images.source.lower():  # a file that already holds ion images
        written["Read"] = (f"The images of {images.source or 'an unknown file'} are taken as they are.",)
    show({title: written[title] for title in DONE})


def show(written: Mapping[str, tuple[str, ...]], *, first: int = 1) -> None:
    """List sentences under their titles, numbered from `first`."""
    for number, (title, lines) in enumerate(written.items(), start=first):
        _listing(f"{number}. {title}", lines)


def _listing(title: str, lines: Iterable[str]) -> None:
    st.markdown("\n".join([f"**{title}**", "", *(f"- {literal(line)}" for line in lines)]))
