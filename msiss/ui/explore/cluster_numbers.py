"""The panel "How many clusters?" of the page Clusters: criteria for each number, computed on request."""

from typing import TYPE_CHECKING

import streamlit as st

from msiss.analyse.representations import is_measure
from msiss.data.ion_images import IonImages
from msiss.runs.analyses import NumbersQuestion
from msiss.show.numbers import NUMBER_TITLES, numbers_figure
from msiss.ui.explore import view
from msiss.ui.explore.view import View
from msiss.ui.messages import plain_errors
from msiss.ui.widgets import analysis

if TYPE_CHECKING:
    from msiss.analyse.choose_k import Choice

ABOUT = (
    "No number of clusters is the only right one. These curves compare them: look for a peak, and for numbers where "
    "the clusterings agree. They use spectral clustering, even if the training groups its ions in another way."
)
MEANINGS = {
    "eigengap": "how clearly the graph of similar ions splits into so many groups rather than one more.",
    "silhouette": "how much nearer ions are to their own cluster than to the next one.",
    "stability": "how well the clusters of random subsets of the ions (80%) agree: 1 is perfect, chance gives 0.",
    "split_half": "how well the clusters made of the even pixels agree with those made of the odd ones: 1 is perfect, "
    "chance gives 0.",
    "isotopes": "how many more of the isotope pairs are in one cluster than in random clusters of the same sizes.",
}


def show(shown: View, images: IonImages) -> None:
    """Draw the panel: a button, then the curves and the suggestion."""
    with st.expander("How many clusters?", icon=":material/query_stats:"), plain_errors():
        st.markdown(ABOUT)
        with_halves = is_measure(shown.by) and st.checkbox(
            "Compare the halves of the pixels, too",
            key="how many halves",
            persist_state="session",
            help="Takes longer. Only for measures without training: a training uses all pixels.",
        )
        run = shown.run
        question = NumbersQuestion(
            run=run.path.resolve(), finished=run.status.finished, by=shown.by, with_halves=with_halves
        )
        requested = question.answer() is not None or analysis.is_requested(question)
        place = st.empty()
        if requested or place.button("Compare numbers of clusters", icon=":material/play_arrow:"):
            with place.container():
                choice = analysis.result(question, "Comparing numbers of clusters")
                if choice is not None:
                    _show_choice(shown, images, choice)


def _show_choice(shown: View, images: IonImages, choice: "Choice") -> None:
    number = choice.suggestion
    st.markdown(f"**Suggested: {number} clusters.** {choice.reason}")
    if choice.ions < len(images):
        st.caption(f"Measured on {choice.ions:,} ions drawn from {len(images):,}.")
    own = shown.run.config.clusters
    if number != shown.clusters:
        st.button(f"Show {number} clusters", on_click=view.show, args=(shown.run, shown.by, number))
    st.plotly_chart(
        numbers_figure(choice.table, suggested=number, own=own),
        key="how many figure",
        alt=f"Eigengap, silhouette and agreement against the number of clusters; {number} is suggested",
    )
    known = [name for name in NUMBER_TITLES if choice.table[name].notna().any()]
    line = f"Line: {number}, the suggestion."
    if own != number:
        line += f" Dotted: {own}, the number of the training."
    st.caption(line)
    st.markdown("\n".join(f"- **{NUMBER_TITLES[name]}**: {MEANINGS[name]}" for name in known))
