"""Regions: which ions are high in one part of the section against another, and which cluster lives where."""

import streamlit as st

from msiss.ui.explore import region_areas, region_clusters, region_ions, regions, results, selection_bar, view
from msiss.ui.page import heading, next_step, require_dataset, run_if_done

heading("Regions", "Draw around a part of the section to see which ions and clusters live there.")
images = require_dataset()
run = run_if_done("The ions can be compared without a training. After one, the clusters can be compared, too.")

shown = None if run is None else view.current(run, images)
grouping = None if shown is None else results.grouping(shown)
means = {} if shown is None else results.mean_images(shown, images)
titles = {} if grouping is None else {number: grouping.clusters[number].title for number in means}

kept = region_areas.kept(images)
regions.take_drawn(images)
areas = region_areas.pixels_by_name(images, kept)
left, right = st.columns([5, 6], gap="medium")
with left:
    backdrop = regions.tools(images, means, titles)
with right:
    a, b = regions.choose(images, areas)
compared = regions.compare(images, areas, a, b)
with left:
    regions.section(images, means, titles, backdrop, compared)
    selection_bar.draw(images)
with right:
    if compared is None:
        region_ions.ask(images)
    else:
        region_ions.best(images, compared, grouping)

ions_tab, clusters_tab, areas_tab = st.tabs(["All ions", "Clusters", "Areas"])
with ions_tab:
    if compared is None:
        st.caption("Draw or choose region A first.")
    else:
        region_ions.table(images, compared, grouping)
with clusters_tab:
    if compared is None or shown is None:
        st.caption("Draw or choose region A first." if shown else "There are clusters after a training.")
    else:
        st.caption(f"The {view.title(shown)}; the same as on the pages Map and Clusters.")
        region_clusters.show(means, titles, compared, areas)
with areas_tab:
    region_areas.manage(images, kept)

next_step("pages/explore/overlay.py", "lay ion images over each other")
