"""Prepare: which ions and pixels count, and how measured intensities become the images that are learned from."""

import streamlit as st

from msiss.ui.frame import head, needs_dataset, next_step
from msiss.ui.guard import plain_errors
from msiss.ui.prepare import intensities, ions, pixels, recipe

TABS = {"Ions": ions.tab, "Pixels": pixels.tab, "Intensities": intensities.tab, "Recipe": recipe.tab}

head(
    "Prepare",
    "Choose which ions and pixels count and how intensities are scaled, in this order, and see what it does to yours.",
)
images = needs_dataset()

# Only the tab that is open is computed.
for tab, draw in zip(st.tabs(list(TABS), key="prepare tab", on_change="rerun"), TABS.values(), strict=True):
    if tab.open:
        with tab, plain_errors():
            draw(images)

recipe.save_box(images)
next_step("pages/train/augment.py", "tune the augmentations")
