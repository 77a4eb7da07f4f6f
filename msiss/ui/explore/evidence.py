"""The part of the page Quality that needs no labels: what the data themselves say about every representation."""

from typing import TYPE_CHECKING

import streamlit as st

from msiss.runs.quality.by_data import judge_by_data
from msiss.runs.quality.evidence import evidence_of, evidence_table
from msiss.runs.quality.judgement import judge
from msiss.runs.store import Run
from msiss.show.score_figures import EVIDENCE_TITLES, evidence_figure
from msiss.ui.explore.score_table import by_title, score_table

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from msiss.runs.quality.evidence import Evidence
    from msiss.runs.quality.scores import Scores

MEANINGS = {
    "halves": "every ion is measured twice, by the even and by the odd pixels of a checkerboard; share of the halves "
    "whose other half is the most similar of all ions. It tells how well a pattern is seen through the noise. What "
    "learns has seen one of the two halves only, so that it cannot know the noise.",
    "agreement": "the clusters are made from each half alone; how well the two agree (AMI: 1 for the same clusters, "
    "about 0 for random ones). A weak guide: on simulated sections it did not tell which clusters were right.",
    "stability": "the clusters are made from random 80 % of the ions, several times; how well they agree on the ions "
    "that they share (AMI). Stable clusters may still be the wrong ones, but unstable ones mean little.",
    "top5": "share of the isotopes and adducts that have their partner, an ion of the same molecule, among the five "
    "most similar ions. Ions count as partners where their m/z differ by the mass of an isotope or adduct, within "
    "5 ppm and taken as singly charged; some do so by chance.",
    "above_chance": "share of these pairs in one cluster, less what random clusters of the same sizes would get.",
}


def show_judgement(place: "DeltaGenerator", found: "Evidence | None", scored: "Scores | None") -> None:
    """Say in a place further up which representation to trust first, by the data and by what is known."""
    if text := judge(found, scored):
        place.markdown(f"**{text}**")


def show(run: Run) -> "Evidence | None":
    """Show and return what the data say about every representation, or say that an earlier version did not look."""
    st.subheader("On your data, without labels")
    found = evidence_of(run)
    if found is None:
        st.info(
            "This training was made before msiss looked at what the data say by themselves. Start a new one to see it "
            "here.",
            icon=":material/history:",
        )
        return None
    _, reasons = judge_by_data(found)
    st.markdown("\n".join(f"- {reason}" for reason in reasons))
    rows = evidence_table(found)
    st.plotly_chart(
        evidence_figure(by_title(rows)),
        key="evidence",
        alt="What the data say about every representation, without labels",
    )
    score_table(rows, _titles(found), decimals=2)
    with st.expander("What the columns mean", icon=":material/help:"):
        st.markdown("\n".join(f"- **{EVIDENCE_TITLES[key]}**: {about}" for key, about in MEANINGS.items()))
        st.caption(
            "All clusters here are spectral ones with the number of clusters of the training, so that the "
            "representations are compared in the same way."
        )
    return found


def _titles(found: "Evidence") -> dict[str, str]:
    """Return the titles of the columns, with the number of pairs, and how many of them chance would give."""
    if found["pairs"] is None or not found["pairs"]["all"]["n"]:
        return {key: title for key, title in EVIDENCE_TITLES.items() if key not in ("top5", "above_chance")}
    number = found["pairs"]["all"]
    pairs = f"(n {number['n']}, {number['by_chance']:.0f} by chance)"
    return EVIDENCE_TITLES | {"top5": f"{EVIDENCE_TITLES['top5']} {pairs}"}
