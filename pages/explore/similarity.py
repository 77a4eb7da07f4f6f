"""Similarity: compare chosen ions with each other and find the ions most like one of them."""

import streamlit as st

from msiss.analyse.representations import IMAGE_VECTORS, title_of
from msiss.show.figures import similarity_heatmap
from msiss.ui.explore import similarity
from msiss.ui.page import heading, next_step, require_dataset, run_if_done
from msiss.ui.widgets import gallery, ion_picker, representations

NEAREST = 7
ROW_OF_EIGHT = 100  # screen pixels of a picture
SCALE = (
    "1: the same pattern. 0: nothing in common. Below 0: where one is, the other is not. Every measure has its own "
    "scale, so compare ions by one measure, and measures by how they rank the ions."
)

heading(
    "Similarity",
    "Find the ions that look most like one ion, and see how alike single ions are, by any two measures side by side.",
)
images = require_dataset()
run = run_if_done("These measures need no training. Features that a training learns can be compared with them here.")

ions_column, left_column, right_column = st.columns([3, 2, 2])
with ions_column:
    chosen = ion_picker.pick(
        images, "similarity ions", default=ion_picker.spread(images, 4), most=8, text="Ions to compare"
    )
measures = similarity.measures(run)
first = similarity.first_shown(run, images)
with left_column:
    # The key has the name of the default, so that both change together.
    left = representations.choose("First measure", f"similarity left {first}", options=measures, first=first)
with right_column:
    right = representations.choose("Second measure", "similarity right", options=measures, first=IMAGE_VECTORS)
found = {measure: similarity.vectors(run, images, measure) for measure in dict.fromkeys((left, right))}
compared = {measure: vectors for measure, vectors in found.items() if vectors is not None}

if len(chosen) < 2:
    st.info("Choose at least two ions above to compare them.", icon=":material/arrow_upward:")
else:
    gallery.gallery(images, chosen)
    st.subheader("Cosine similarity", help=SCALE)
    names = [images.axis.number(images.mz[ion]) for ion in chosen]
    for column, (measure, vectors) in zip(st.columns(2), compared.items(), strict=False):
        figure = similarity_heatmap(similarity.cosines(vectors, chosen), names, title=title_of(measure))
        column.plotly_chart(figure, key=f"heat {measure}", alt=f"Cosines by {title_of(measure)}")

st.subheader("Nearest ions", help=SCALE)
ion = ion_picker.pick_one(
    images,
    f"Ions most like, by {images.axis.title}",
    "nearest to",
    first=chosen[0] if chosen else 0,
    persist_state="session",
)
for measure, vectors in compared.items():
    st.markdown(f"**{title_of(measure)}**")
    near, cosines = similarity.nearest_ions(vectors, ion, NEAREST)
    notes = ["this ion", *(f"cosine {cosine:.2f}" for cosine in cosines)]
    gallery.gallery(images, [ion, *near], notes=notes, width=ROW_OF_EIGHT)

if run is None:
    next_step("pages/train/cluster.py", "group the ions into clusters")
else:
    next_step("pages/explore/quality.py", "see how far to trust the result")
