"""Clusters: the groups of co-localized ions, with their mean image and their members."""

import streamlit as st

from msiss.ui import browsing, how_many, numbers, results
from msiss.ui.frame import head, needs_run, next_step

head("Clusters", "Look through the groups of ions that share a spatial pattern, each with its mean image.")
run, images = needs_run()

columns = st.columns([2, 1.2, 1.5, 2.3], vertical_alignment="bottom")
representation_column, number_column, order_column, only_column = columns
with number_column:
    numbers.choose(run, len(images))
with representation_column:
    representation = results.choose_representation("Clusters by", "clusters by", options=run.representations)
with order_column:
    order = browsing.choose_order(run, images, representation)
means = results.mean_images(run, images, representation)
with only_column:
    only = st.multiselect("Only these clusters", list(means), placeholder="All clusters", key="only clusters")
numbers.show_note(run)
if empty := numbers.shown(run) - len(means):
    st.caption(browsing.about_empty(run, empty))

how_many.show(run, images, representation)

for cluster in sorted(only) or means:
    browsing.show_cluster(run, images, representation, cluster, order)

next_step("pages/explore/similarity.py", "compare single ions")
