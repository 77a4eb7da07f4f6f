"""Prepare: which ions and pixels are used, and how measured intensities become the images for training."""

import streamlit as st

from msiss.ui.messages import plain_errors
from msiss.ui.page import heading, next_step, require_dataset
from msiss.ui.prepare import intensities, ions, pixels, recipe

TABS = {"Ions": ions.tab, "Pixels": pixels.tab, "Intensities": intensities.tab, "Recipe": recipe.tab}

heading(
    "Prepare",
    "Choose which ions and pixels to use and how to scale intensities, in this order, and see the effect on your data.",
)
images = require_dataset()

# Only the tab that is open is computed.
for tab, draw in zip(st.tabs(list(TABS), key="prepare tab", on_change="rerun"), TABS.values(), strict=True):
    if tab.open:
        with tab, plain_errors():
            draw(images)

recipe.save_box(images)
next_step("pages/train/augment.py", "tune the augmentations")
