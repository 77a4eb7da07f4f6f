"""The part of the page Quality that counts what people said about pairs of ions on the page Similarity."""

import streamlit as st

from msiss.runs.quality.judged import about_sides, judgements, sides
from msiss.runs.store import Run
from msiss.ui.explore import similarity
from msiss.ui.page import link


def show(run: Run) -> None:
    """Show with which measures a person sided."""
    st.subheader("By what you judged")
    counted = sides(judgements(run))
    if counted:
        st.markdown("\n".join(f"- {about_sides(one)}" for one in counted))
        st.caption(
            "These are the pairs on which two measures differ most, half of them near by each, so they tell which one "
            "to believe where they differ, not how often they are right. The interval is exact (binomial, Clopper and "
            "Pearson)."
        )
    else:
        st.info(
            f"Nobody has judged pairs of ions yet. On the page Similarity, “{similarity.DISAGREEMENTS}” shows those "
            "that two measures judge most differently.",
            icon=":material/balance:",
        )
    link("pages/explore/similarity.py", "Judge pairs of ions")
