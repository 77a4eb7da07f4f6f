"""Augment: the random changes that teach the network what does not matter, tuned while looking at one's own ions."""

import streamlit as st

from msiss.ui.frame import head, needs_dataset, next_step
from msiss.ui.train import augment
from msiss.ui.widgets import forms, ion_picker

head(
    "Augment",
    "Training shows the network every ion image in several randomly changed versions, *views*, and teaches it that "
    "they are the same. Tune the views until they look like plausible measurements of the same ion.",
)
images = needs_dataset()
kind = augment.choose_kind()

settings, shown = st.columns([1, 2], gap="large")
with settings:
    augment.presets(kind)
    forms.form(kind)
    forms.refusal()
    st.caption("What is set here is what the next training gets.")

with shown:
    chosen = ion_picker.pick(images, "augment ions", default=ion_picker.spread(images, 3), most=6)
    if chosen:
        augment.preview(images, chosen, kind)
    else:
        st.info("Choose one or more ions above to see their views.", icon=":material/arrow_upward:")

next_step("pages/train/cluster.py", "choose the number of clusters and train")
