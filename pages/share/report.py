"""Report: download the result as a report, figures for print and tables, with a methods text for a paper."""

import streamlit as st

from msiss.share.methods import methods_text
from msiss.ui.explore import results, view
from msiss.ui.page import heading, next_step, require_run
from msiss.ui.share import downloads, figures, report_file

heading(
    "Report",
    "Download the result: a report, figures for print, files for other programs, and a methods text for your paper.",
)
run, images = require_run()

shown = view.choose(run, images)
found = results.grouping(shown)  # computed first, so that no button has to wait for it
st.subheader("Report in one file")
report_file.draw(found, images)

st.subheader("Figures for print")
figures.draw(shown, found, images)

st.subheader("Downloads")
downloads.draw(shown, images)

st.subheader("Methods text", help="With the actual settings of this run. Copy it with the button in its corner.")
st.code(methods_text(run, images, shown.by, shown.clusters), language=None, wrap_lines=True)

next_step("pages/train/cluster.py", "try another number of clusters or other settings")
