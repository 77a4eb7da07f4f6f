"""Open: from a data file, or the demo, to a data set; and the shelf of what is there."""

import streamlit as st

from msiss.ui import files, importing, shelf, state
from msiss.ui.frame import head, next_step

head("Open data", "Bring in the imaging data whose ions you want to group, or try the demo.")

images = state.dataset()
with st.expander("Add a data set", expanded=images is None, icon=":material/add:"):
    upload, demo, folder = st.tabs(["Your file", "Demo", "Folder of the server"])

    with upload:
        chosen = st.file_uploader(
            "Choose an .imzML file **together with** its .ibd file, or one .npz or .npy stack of ion images",
            type=list(files.UPLOAD_ENDINGS),
            accept_multiple_files=True,
            key=files.upload_key(),
        )
        if chosen:
            importing.offer(files.keep_upload(chosen))
        else:
            files.forget_upload()

    with demo:
        st.markdown(
            "A simulated tissue section: 280 ions of known spatial classes, with isotopes and adducts, noise, hot "
            "spots and "
            "matrix ions. As the true classes are known, the Quality page can show how well they were found."
        )
        if st.button("Open the demo", type="primary", icon=":material/science:"):
            importing.add_demo()

    with folder:
        path = shelf.pick_server_file()
        if path is not None:
            importing.offer(path)

if images is not None:
    shelf.summary(images)
    shelf.others()
    next_step("pages/data/prepare.py", "prepare the images")
