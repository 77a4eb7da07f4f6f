"""Report: take the result away as tables, and a methods text for a paper."""

import streamlit as st

from msiss.share.methods import methods_text
from msiss.ui.explore import view
from msiss.ui.frame import head, needs_run, next_step
from msiss.ui.share import report

head("Report", "Take the result away: tables for any other program, and a methods text for your paper.")
run, images = needs_run()

st.subheader("Downloads")
shown = view.choose(run, images)
report.draw(shown)

st.subheader(
    "Methods text", help="Filled with the real settings of this training. Copy it with the button at its corner."
)
st.code(methods_text(run, images, shown.by, shown.clusters), language=None, wrap_lines=True)

next_step("pages/train/cluster.py", "try another number of clusters or other settings")
