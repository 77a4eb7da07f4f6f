"""Map: every ion as a point; ions that share a spatial pattern are close together."""

import streamlit as st

from msiss.analyse.representations import IMAGE_VECTORS, title_of
from msiss.ui import state
from msiss.ui.explore import map as ion_map
from msiss.ui.explore import results, view
from msiss.ui.page import heading, next_step, require_run
from msiss.ui.widgets import gallery, representations

heading(
    "Map",
    "Every point is an ion, and ions with a similar spatial pattern are close together. Select some to see their "
    "images.",
)
run, images = require_run()

shown = view.choose(run, images)
columns = st.columns([1.4, 1.8, 1.8, 1.3], vertical_alignment="bottom")
method_column, mouse_column, left_column, search_column = columns
with method_column:
    method = ion_map.choose_method()
with mouse_column:
    mouse = ion_map.choose_mouse()
with left_column:
    left_map = representations.choose(
        "Left map", "map left", options=representations.mapped(run), about=ion_map.LEFT_HELP
    )
with search_column:
    ion_map.search(images)

clusters = results.clusters(shown)["cluster"].to_numpy()
left, right = st.columns([5, 6])
drawn = [(left, left_map), (right, IMAGE_VECTORS)]
for column, representation in drawn if IMAGE_VECTORS in run.mapped else drawn[:1]:
    with column:
        st.markdown(f"**{title_of(representation)}**")
        points = results.positions(run, representation, method)
        # Both maps have the same colours, so one legend is enough.
        ion_map.chart(images, points, clusters, method, key=representation, mouse=mouse, legend=column is right)

selected = state.selected()
if selected:
    ion_map.selection_header(len(selected))
    notes = [f"cluster {clusters[ion]}" for ion in selected]
    gallery.paged(images, selected, notes=notes, key="map gallery")
else:
    st.info(
        "Nothing is selected. Draw around points with the mouse, or find an ion above.",
        icon=":material/lasso_select:",
    )

next_step("pages/explore/clusters.py", "look through the clusters")
