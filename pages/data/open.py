"""Open: from a data file, or the demo, to a data set; and the shelf of what is there."""

import streamlit as st

from msiss.ui import state
from msiss.ui.frame import head, next_step
from msiss.ui.guard import plain_errors
from msiss.ui.open import data_sets, import_jobs, sources

SOURCES = {
    "Upload": sources.upload,
    "Folder of the server": sources.from_server,
    "METASPACE": sources.from_metaspace,
}

head("Open data", "Bring in the imaging data whose ions you want to group, or try the demo.")

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
    data_sets.others()
if images is not None:
    next_step("pages/data/prepare.py", "prepare the images")
