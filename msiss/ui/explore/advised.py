"""The end of the page Quality: the judgement becomes the choice of all pages."""

from typing import TYPE_CHECKING

import streamlit as st

from msiss.analyse.representations import title_of
from msiss.data.ion_images import IonImages
from msiss.runs.quality.judgement import advised
from msiss.runs.store import Run
from msiss.ui import state
from msiss.ui.explore import view

if TYPE_CHECKING:
    from msiss.runs.quality.evidence import Answer, Evidence
    from msiss.runs.quality.scores import Scores

PURPOSES: "dict[Answer, str]" = {"neighbours": "To find similar ions", "clusters": "To group ions"}


def show(run: Run, images: IonImages, found: "Evidence | None", scored: "Scores | None") -> None:
    """Draw which representations are advised, and the button by which all pages use them."""
    chosen = {answer: name for answer, name in advised(found, scored).items() if name in run.representations}
    if not chosen:
        return
    shown = view.current(run, images)
    now: dict[Answer, str] = {"neighbours": view.neighbours_by(run) or "", "clusters": shown.by}
    used = all(now[answer] == name for answer, name in chosen.items())
    with st.container(border=True):
        st.markdown("**What to use**")
        for answer, name in chosen.items():
            st.markdown(f"{PURPOSES[answer]}: **{title_of(name)}**")
        st.button(
            "Used everywhere" if used else "Use this measure everywhere",
            type="secondary" if used else "primary",
            icon=":material/check:",
            key="use everywhere",
            disabled=used,
            on_click=_use,
            args=(run, shown, chosen),
            help="Map, Clusters, Report and all downloads show the clusters of the one, and the page Similarity starts "
            "with the other. You can choose differently on each page at any time.",
        )


def _use(run: Run, shown: view.View, chosen: "dict[Answer, str]") -> None:
    if "clusters" in chosen:
        view.show(run, chosen["clusters"], shown.clusters)
    if "neighbours" in chosen:
        view.use_for_neighbours(run, chosen["neighbours"])
    state.notify("All pages use it from now on.", "check")
