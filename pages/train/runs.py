"""Runs: every training on the data set; name them, compare two, repeat one with other seeds, delete and restore."""

import streamlit as st

from msiss.runs.labels import pinned_first
from msiss.ui import state
from msiss.ui.messages import plain_errors
from msiss.ui.page import heading, link, next_step, require_dataset
from msiss.ui.runs import bin as run_bin
from msiss.ui.runs import comparison, details, replicates, table, transfer

heading("Runs", "Find every training on this data set: name it, compare two, or repeat one with other seeds.")
images = require_dataset()

if runs := pinned_first(state.runs()):
    chosen = table.choose(runs, images)
    if not chosen:
        st.caption("Tick one row to name, repeat or delete that run, or two rows to compare them.")
    elif len(chosen) == 1:
        with plain_errors():
            details.show(chosen[0])
        with plain_errors():
            replicates.show(chosen[0], images)
    else:
        details.buttons(chosen)
        if len(chosen) == 2:
            with plain_errors():
                comparison.show(*chosen, images)
        else:
            st.caption("Tick two rows to compare the runs.")
else:
    st.info("No training on this data set yet. Start one; it is listed here.", icon=":material/model_training:")
    link("pages/train/cluster.py", "Start a training")

transfer.import_box()
run_bin.list_damaged()
run_bin.show(runs)
next_step("pages/explore/map.py", "explore the map")
