"""Similarity: compare chosen ions with each other and find the ions most like one of them."""

import streamlit as st

from msiss.analyse.representations import TITLES, Representation
from msiss.show.figures import similarity_heatmap
from msiss.ui import gallery, ions, results
from msiss.ui.frame import head, needs_run, next_step

NEAREST = 7
ROW_OF_EIGHT = 100  # screen pixels of a picture

head(
    "Similarity",
    "See how alike single ions are to the trained network, and how alike their plain pixels are.",
)
run, images = needs_run()

ions_column, cnn_column = st.columns([3, 2])
with ions_column:
    chosen = ions.pick(images, "similarity ions", default=ions.spread(images, 4), most=8, text="Ions to compare")
with cnn_column:
    cnn = results.choose_representation("Features", "similarity cnn", options=run.representations)
compared = (cnn, Representation.IMAGE_VECTORS)

if len(chosen) < 2:
    st.info("Choose at least two ions above to compare them.", icon=":material/arrow_upward:")
else:
    gallery.gallery(images, chosen)
    st.subheader(
        "Cosine similarity",
        help="1: the same pattern. 0: nothing in common. Image vectors compare the pixels one by one; the network "
        "compares what it has learned to see.",
    )
    names = [images.axis.number(images.mz[ion]) for ion in chosen]
    for column, representation in zip(st.columns(2), compared, strict=True):
        pairwise = results.similarity(run, representation, chosen)
        figure = similarity_heatmap(pairwise, names, title=TITLES[representation])
        column.plotly_chart(figure, key=f"heat {representation}", alt=f"Cosines by {TITLES[representation]}")

st.subheader("Nearest ions")
start = chosen[0] if chosen else 0
ion = st.selectbox(
    f"Ions most like, by {images.axis.title}",
    range(len(images)),
    index=start,
    format_func=lambda number: ions.label(images, number),
    filter_mode="contains",
    key=ions.own_key(images, "nearest to"),
    persist_state="session",
)
for representation in compared:
    st.markdown(f"**{TITLES[representation]}**")
    near, cosines = results.nearest_ions(run, representation, ion, NEAREST)
    notes = ["this ion", *(f"cosine {cosine:.2f}" for cosine in cosines)]
    gallery.gallery(images, [ion, *near], notes=notes, width=ROW_OF_EIGHT)

next_step("pages/explore/quality.py", "see how far to trust the result")
