"""The part of the page Quality that needs no labels: checks of every representation on the data alone."""

from typing import TYPE_CHECKING

import streamlit as st

from msiss.runs.quality.by_data import reasons_by_data
from msiss.runs.quality.evidence import evidence_of, evidence_table, tolerance_text
from msiss.runs.quality.judgement import judge
from msiss.runs.store import Run
from msiss.show.score_figures import EVIDENCE_TITLES, evidence_figure
from msiss.ui.explore.score_table import by_title, score_table

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from msiss.runs.quality.evidence import Evidence
    from msiss.runs.quality.scores import Scores

MEANINGS = {
    "halves": "every ion image is split into the even and the odd pixels of a checkerboard; share of the halves whose "
    "other half is the most similar of all ions. It tells how well a pattern is recognised despite noise. A training "
    "is given one of the two halves only, so that it cannot learn the noise of the other.",
    "agreement": "the clusters are made from each half alone; how well the two agree (AMI: 1 for the same clusters, "
    "about 0 for random ones). A weak guide: on simulated sections it did not tell which clusters were right.",
    "stability": "the clusters are made from random 80% of the ions, several times; how well they agree on the ions "
    "that they share (AMI). Stable clusters may still be the wrong ones, but unstable ones mean little.",
    "top5": "share of the isotopes and adducts that have their partner, an ion of the same molecule, among the five "
    "most similar ions. Ions count as partners where their m/z differ by the mass of an isotope or adduct, within "
    "{tolerance} and taken as singly charged; some do so by chance. The tolerance follows from the m/z themselves.",
    "apart": "the same, but the partner is looked for in the other half of the pixels than the ion itself. Noise that "
    "two ions share pixel by pixel, such as that of one spectrum, helps the column before, but not this one. Images of "
    "few pixels, or of structures that are one pixel wide, have less in common in different pixels.",
    "above_chance": "share of these pairs in one cluster, minus that of random clusters of the same sizes.",
}


def show_judgement(place: "DeltaGenerator", found: "Evidence | None", scored: "Scores | None") -> None:
    """Show at `place`, further up, which representations to start with, by the data and by what is known."""
    if answers := judge(found, scored):
        place.markdown("\n\n".join(f"**{answer}**" for answer in answers))


def show(run: Run) -> "Evidence | None":
    """Show and return the checks of every representation; return None for a run that is older than these."""
    st.subheader("On your data, without labels")
    found = evidence_of(run)
    if found is None:
        st.info(
            "This run was made before msiss had these checks. Start a new training to see them here.",
            icon=":material/history:",
        )
        return None
    st.markdown("\n".join(f"- {reason}" for reason in reasons_by_data(found)))
    rows = evidence_table(found)
    st.plotly_chart(
        evidence_figure(by_title(rows)),
        key="evidence",
        alt="Checks of every representation on the data, without labels",
    )
    score_table(rows, _titles(found), key="evidence", decimals=2)
    with st.expander("What the columns mean", icon=":material/help:"):
        meanings = {key: MEANINGS[key].format(tolerance=tolerance_text(found)) for key in _titles(found)}
        st.markdown("\n".join(f"- **{EVIDENCE_TITLES[key]}**: {about}" for key, about in meanings.items()))
        st.caption(
            "Halves and stability are those of spectral clusters, as many as the training has; together are the ions "
            "of a cluster of the run. All representations are clustered in the same way."
        )
    return found


def _titles(found: "Evidence") -> dict[str, str]:
    """Return the titles of the columns, without those of the pairs if there are none."""
    if found["pairs"] is None or not found["pairs"]["all"]["n"]:
        return {key: title for key, title in EVIDENCE_TITLES.items() if key not in ("top5", "apart", "above_chance")}
    return EVIDENCE_TITLES
