"""Quality: how far to trust the result, measured on what is known about the ions."""

import streamlit as st

from msiss.ui.explore import evidence, quality
from msiss.ui.frame import head, needs_run, next_step

head(
    "Quality",
    "See how far to trust the result: msiss checks every representation, the plain pixels too, by what your data say "
    "themselves and by what you know about your ions.",
)
run, images = needs_run()

judgement, scored = st.empty(), None
found = evidence.show(run)

st.subheader("By what you know")
labels, pairs = quality.choose_truth(images)
if labels is None and pairs is None:
    st.info(
        "Nothing to compare with yet. Upload classes of ions that you know, or pairs of ions that should "
        "co-localize, such as isotopes and adducts of one molecule. The demo brings its classes along.",
        icon=":material/upload_file:",
    )
elif (scored := quality.scores(run, labels, pairs)) is not None:
    quality.show(scored)
evidence.show_judgement(judgement, found, scored)

next_step("pages/share/report.py", "take the result away")
