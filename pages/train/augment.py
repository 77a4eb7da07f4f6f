"""Augment: the random changes that teach the network what does not matter, tuned on the user's own ions."""

import streamlit as st

from msiss.ui.page import heading, next_step, require_dataset
from msiss.ui.train import augment
from msiss.ui.widgets import forms, ion_picker

heading(
    "Augment",
    "Training shows the network every ion image in several randomly changed versions, *views*, and teaches it that "
    "they are the same. Tune the views until they look like plausible measurements of the same ion.",
)
images = require_dataset()
kind = augment.choose_kind()

settings, shown = st.columns([1, 2], gap="large")
with settings:
    augment.presets(kind)
    forms.form(kind)
    forms.refusal()
    st.caption("The next training uses these settings.")

with shown:
    chosen = ion_picker.pick(images, "augment ions", default=ion_picker.spread(images, 3), most=6)
    if chosen:
        augment.preview(images, chosen, kind)
    else:
        st.info("Choose one or more ions above to see their views.", icon=":material/arrow_upward:")

next_step("pages/train/cluster.py", "choose the number of clusters and train")
