"""Cluster: start a training, watch it, and come back to earlier ones."""

import streamlit as st

from msiss.ui import state
from msiss.ui.frame import head, needs_dataset, next_step
from msiss.ui.guard import plain_errors
from msiss.ui.open import import_jobs
from msiss.ui.train import cluster, observer

head("Cluster", "Train the network on your ion images and let it group the ions that share a spatial pattern.")
with plain_errors():
    import_jobs.show()
images = needs_dataset()

settings, shown = st.columns([2, 3], gap="large")
with settings:
    st.subheader("New training")
    cluster.form(images)

run = state.run()
with shown:
    if run is None:
        st.info(
            "No training of this data set yet. Choose the number of clusters and press Start.",
            icon=":material/arrow_back:",
        )
    else:
        observer.show(run)

if runs := state.runs():
    st.subheader("All trainings of this data set")
    cluster.earlier(runs)
cluster.unreadable()
if runs:
    next_step("pages/explore/map.py", "explore the map")
