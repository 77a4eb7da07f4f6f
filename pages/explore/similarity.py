"""Similarity: compare chosen ions, rank the partners of one, and judge the pairs on which measures disagree."""

import streamlit as st

from msiss.ui.explore import comparison, disagreements, partners, similarity
from msiss.ui.page import heading, next_step, require_dataset, run_if_done

heading(
    "Similarity",
    "Compare ions with each other, find all partners of one ion, and see where two measures disagree.",
)
images = require_dataset()
run = run_if_done("These measures need no training. Features that a training learns can be compared with them here.")

part = similarity.choose_part()
grouping = similarity.grouping_if_known(run, images)
if part == similarity.COMPARE:
    chosen = comparison.choose_ions(images, grouping)
    names = similarity.choose_measures(run, images, third=True)
    comparison.show(images, chosen, similarity.measured(run, images, names))
elif part == similarity.PARTNERS:
    ion, number = partners.choose(images)
    names = similarity.choose_measures(run, images, third=False)
    partners.show(images, ion, number, similarity.measured(run, images, names), grouping)
else:
    names = similarity.choose_measures(run, images, third=False)
    if len(names) < 2:
        st.info("Choose two different measures above.", icon=":material/arrow_upward:")
    elif len(found := similarity.measured(run, images, names)) == 2:
        disagreements.show(run, images, *found)

if run is None:
    next_step("pages/train/cluster.py", "group the ions into clusters")
else:
    next_step("pages/explore/regions.py", "see which ions live where")
