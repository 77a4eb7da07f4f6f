"""Open: import data files or the demo as a data set, and list the data sets."""

import streamlit as st

from msiss.ui import state
from msiss.ui.messages import plain_errors
from msiss.ui.open import data_sets, import_jobs, sources
from msiss.ui.page import heading, next_step

SOURCES = {
    "Upload": sources.upload,
    "Folder of the server": sources.from_server,
    "METASPACE": sources.from_metaspace,
}

heading("Open data", "Open the imaging data whose ions you want to group, or try the demo.")

with plain_errors():
    import_jobs.show()

images = state.dataset()
with st.expander("Add a data set", expanded=images is None, icon=":material/add:"):
    own, demo = st.columns([3, 1], gap="large")

    with own:
        for tab, draw in zip(st.tabs(list(SOURCES)), SOURCES.values(), strict=True):
            with tab, plain_errors():
                draw()

    with demo:
        st.markdown("**No data at hand?**")
        st.caption(
            "The demo is a simulated tissue section with known classes of ions, so the page Quality can show how well "
            "they were found."
        )
        if st.button("Open the demo", icon=":material/science:", width="stretch"):
            sources.add_demo()

if images is not None:
    data_sets.summary(images)
if state.dataset_names():
    data_sets.list_all()
if images is not None:
    next_step("pages/data/prepare.py", "prepare the images")
