"""Quality: how far to trust the result, by the data alone and by what is known about the ions."""

import streamlit as st

from msiss.ui.explore import advised, augmentations, evidence, judged, quality, trust, view
from msiss.ui.messages import plain_errors
from msiss.ui.page import heading, next_step, require_run

heading(
    "Quality",
    "See how far to trust the result: msiss checks every representation, the plain pixels too, on your data alone "
    "and by what you know about your ions.",
)
run, images = require_run()

judgement, scored = st.empty(), None
found = evidence.show(run)

st.subheader("By what you know")
labels, pairs = quality.choose_truth(images)
if labels is None and pairs is None:
    st.info(
        "Nothing to compare with yet. Upload classes of ions that you know, or pairs of ions that should "
        "co-localize, such as isotopes and adducts of one molecule. The demo includes its classes.",
        icon=":material/upload_file:",
    )
elif (scored := quality.scores(run, labels, pairs)) is not None:
    quality.show(scored)
judged.show(run)
evidence.show_judgement(judgement, found, scored)
if labels is not None:
    with plain_errors():
        trust.show_confusion(view.current(run, images), images, labels)
with plain_errors():
    trust.show_confidence(run, labels)
if labels is not None:
    with plain_errors():
        trust.show_refinement(run, labels)
    augmentations.show(run, labels)
advised.show(run, images, found, scored)

next_step("pages/share/report.py", "download the result")
