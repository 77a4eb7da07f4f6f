"""Open: from a data file, or the demo, to a data set; and the shelf of what is there."""

import streamlit as st

from msiss.ui import importing, shelf, state
from msiss.ui.frame import head, next_step
from msiss.ui.guard import plain_errors

head("Open data", "Bring in the imaging data whose ions you want to group, or try the demo.")

images = state.dataset()
with st.expander("Add a data set", expanded=images is None, icon=":material/add:"):
    own, demo = st.columns([3, 1], gap="large")

    with own:
        upload, folder = st.tabs(["Upload", "Folder of the server"])
        with upload, plain_errors():
            importing.upload()
        with folder, plain_errors():
            importing.from_server()

    with demo:
        st.markdown("**No data at hand?**")
        st.caption(
            "The demo is a simulated tissue section with known classes of ions, so the page Quality can show how well "
            "they were found."
        )
        if st.button("Open the demo", icon=":material/science:", width="stretch"):
            importing.add_demo()

if images is not None:
    shelf.summary(images)
    shelf.others()
    next_step("pages/data/prepare.py", "prepare the images")
