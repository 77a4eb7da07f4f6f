"""Prepare: how measured intensities become the images that are learned from."""

import streamlit as st

from msiss.ui import forms, gallery, ions, state
from msiss.ui.frame import head, needs_dataset, next_step
from msiss.ui.prepared import prepared

head(
    "Prepare",
    "Choose how measured intensities become the images that msiss learns from, and see what it does to yours.",
)
images = needs_dataset()

settings, shown = st.columns([1, 2], gap="large")
with settings:
    st.subheader("Settings")
    forms.form("prepare")
    forms.refusal()
    st.button(
        "Reset",
        icon=":material/restart_alt:",
        help="Back to the values of the preset of the next training.",
        on_click=state.reset,
        args=("prepare",),
    )

with shown:
    st.subheader("Before and after", help="Left as measured, right as learned from. Each ion is scaled on its own.")
    chosen = ions.pick(images, "prepare ions", default=ions.spread(images, 4), most=12)
    after = prepared(images, state.settings().prepare)
    grid = st.grid(4, min_column_width=100, gap="small", vertical_alignment="center")
    for ion in chosen:
        with grid:
            gallery.measured(images, ion)
            gallery.picture(after.images[ion], "as learned from")
    if not chosen:
        st.info("Choose one or more ions above to see them before and after.", icon=":material/arrow_upward:")

next_step("pages/train/augment.py", "tune the augmentations")
