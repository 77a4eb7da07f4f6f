"""Cluster: start a training and follow its progress."""

import streamlit as st

from msiss.ui import state
from msiss.ui.messages import plain_errors
from msiss.ui.open import import_jobs
from msiss.ui.page import heading, link, next_step, require_dataset
from msiss.ui.train import cluster, progress

heading("Cluster", "Train the network on your ion images and let it group the ions that share a spatial pattern.")
with plain_errors():
    import_jobs.show()
images = require_dataset()

settings, shown = st.columns([2, 3], gap="large")
with settings:
    st.subheader("New training")
    cluster.form(images)

run = state.run()
with shown:
    if run is None:
        st.info(
            "No training on this data set yet. Choose the number of clusters and press Start.",
            icon=":material/arrow_back:",
        )
    else:
        progress.show(run)

if run is not None:
    link("pages/train/runs.py", f"All runs of this data set ({len(state.runs())})")
    next_step("pages/explore/map.py", "explore the map")
