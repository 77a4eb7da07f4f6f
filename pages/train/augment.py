"""Augment: the random changes that teach the network what does not matter, tuned while looking at one's own ions."""

import streamlit as st

from msiss.ui import augmenting, forms, ions
from msiss.ui.frame import head, needs_dataset, next_step

head(
    "Augment",
    "Training shows the network every ion image in several randomly changed versions, *views*, and teaches it that "
    "they are the same. Tune the views until they look like plausible measurements of the same ion.",
)
images = needs_dataset()
kind = augmenting.choose_kind()

settings, shown = st.columns([1, 2], gap="large")
with settings:
    augmenting.presets(kind)
    forms.form(kind)
    forms.refusal()
    st.caption("What is set here is what the next training gets.")

with shown:
    chosen = ions.pick(images, "augment ions", default=ions.spread(images, 3), most=6)
    if chosen:
        augmenting.preview(images, chosen, kind)
    else:
        st.info("Choose one or more ions above to see their views.", icon=":material/arrow_upward:")

next_step("pages/train/cluster.py", "choose the number of clusters and train")
