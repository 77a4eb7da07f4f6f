"""Report: download the result in formats of other programs, with a methods text for a paper."""

import streamlit as st

from msiss.share.methods import methods_text
from msiss.ui.explore import view
from msiss.ui.page import heading, next_step, require_run
from msiss.ui.share import downloads

heading("Report", "Download the result: files for other programs, and a methods text for your paper.")
run, images = require_run()

st.subheader("Downloads")
shown = view.choose(run, images)
downloads.draw(shown, images)

st.subheader("Methods text", help="With the actual settings of this run. Copy it with the button in its corner.")
st.code(methods_text(run, images, shown.by, shown.clusters), language=None, wrap_lines=True)

next_step("pages/train/cluster.py", "try another number of clusters or other settings")
