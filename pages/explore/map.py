"""Map: every ion as a point; ions that share a spatial pattern are close together."""

import streamlit as st

from msiss.ui.explore import colouring, ions, results, selection_bar, view
from msiss.ui.explore import map as ion_map
from msiss.ui.page import heading, next_step, require_run

heading(
    "Map",
    "Every point is an ion; ions with a similar spatial pattern are close together. Draw around some to see their "
    "images: with Shift they are added to the selection, with Ctrl taken out.",
)
run, images = require_run()

row = view.options_row()
shown = view.choose(run, images, row)
grouping = results.grouping(shown)
with row:
    sides = ion_map.choose_sides(run)
    colours = colouring.choose(images, grouping)
maps, beside = st.columns([3, 2], gap="medium")
with maps:
    with st.container(horizontal=True, vertical_alignment="center"):
        method = ion_map.choose_method()
        as_pictures = ion_map.choose_pictures(images)
    ion_map.draw(images, run, sides, method, colours, as_pictures=as_pictures, height=430)
with beside:
    chosen = selection_bar.draw(images)
    if chosen:
        notes = [f"cluster {grouping.clusters[number].title}" for number in grouping.labels[chosen]]
        ions.gallery(images, chosen, key="map gallery", about="The selected ions", notes=notes, size=24)
    else:
        st.info(
            "Draw around points with the mouse, click one, or find an ion with “Find, save, load”.",
            icon=":material/lasso_select:",
        )

next_step("pages/explore/clusters.py", "look through the clusters")
