"""Clusters: the groups of co-localized ions, with their mean images and members."""

import streamlit as st

from msiss.ui.explore import cluster_numbers, clusters, results, view
from msiss.ui.page import heading, next_step, require_run

heading("Clusters", "Look through the groups of ions that share a spatial pattern, each with its mean image.")
run, images = require_run()

shown = view.choose(run, images)
means = results.mean_images(shown, images)
order_column, only_column = st.columns([1, 2], vertical_alignment="bottom")
with order_column:
    order = clusters.choose_order(shown, images)
with only_column:
    only = st.multiselect("Only these clusters", list(means), placeholder="All clusters", key="only clusters")
if empty := shown.clusters - len(means):
    st.caption(clusters.about_empty(shown, empty))

cluster_numbers.show(shown, images)

for cluster in sorted(only) or means:
    clusters.show_cluster(shown, images, cluster, order)

next_step("pages/explore/similarity.py", "compare single ions")
