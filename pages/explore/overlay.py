"""Overlay: ions or clusters in colours over each other, and over the picture of the tissue."""

import streamlit as st

from msiss.ui.explore import overlay, overlay_channels, overlay_picture, overlay_saved, results, selection_bar, view
from msiss.ui.page import heading, next_step, require_dataset, run_if_done

heading("Overlay", "Lay up to seven ions or clusters over each other in colours, and over a picture of the tissue.")
images = require_dataset()
run = run_if_done("Ion images can be laid over each other without a training. After one, clusters can be, too.")

clusters = None if run is None else view.current(run, images)
means = {} if clusters is None else results.mean_images(clusters, images)
titles = {} if clusters is None else {number: results.grouping(clusters).clusters[number].title for number in means}
shown = overlay.Shown(images, clusters, means, titles)
chosen = overlay.current(shown)

left, right = st.columns([7, 4], gap="medium")
with right:
    channels_tab, picture_tab, saved_tab = st.tabs(["Channels", "Picture", "Save"])
    with channels_tab:
        overlay_channels.panel(shown, chosen)
    with picture_tab:
        overlay_picture.panel(images, chosen)
    with saved_tab:
        overlay_saved.panel(shown, chosen)
with left:
    overlay.canvas(shown, chosen, placing=overlay_picture.is_placing(images, chosen))
    selection_bar.draw(images)

next_step("pages/explore/quality.py", "see how far to trust the result")
