"""Prepare: which ions and pixels count, and how measured intensities become the images that are learned from."""

import streamlit as st

from msiss.ui import choosing, masking, prepared, recipes
from msiss.ui.frame import head, needs_dataset, next_step
from msiss.ui.guard import plain_errors

TABS = {"Ions": choosing.tab, "Pixels": masking.tab, "Intensities": prepared.tab, "Recipe": recipes.tab}

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

recipes.save_box(images)
next_step("pages/train/augment.py", "tune the augmentations")
