"""Which clusters of a run the pages show: by whose features, and how many. There is one choice for all pages.

It stands in the address, where it is not what the training ends with, so that a link shows the same clusters; every
page, figure and download reads it here.
"""

from dataclasses import dataclass

import streamlit as st

from msiss.analyse.representations import title_of
from msiss.data.ion_images import IonImages
from msiss.runs.reclustering import about
from msiss.runs.store import Run
from msiss.ui import state
from msiss.ui.widgets import representations

MOST = 200  # clusters, as in a training


@dataclass(frozen=True)
class View:
    """The clusters of a run that are shown.

    Attributes
    ----------
    run : Run
    by : str
        Whose clusters they are.
    clusters : int
        How many there were to make; a few may be empty.
    """

    run: Run
    by: str
    clusters: int


def current(run: Run, images: IonImages) -> View:
    """Return what the address or an earlier choice says; what it says wrongly is told, and as in the training."""
    asked = state.view(run.path.name)
    by, clusters = asked.get("by"), asked.get("k")
    if by is not None and by not in run.representations:
        _refuse(run, "by", f"This training has nothing called “{by}”, as the link says it")
        by = None
    if clusters is not None and not _is_possible(run, images, clusters):
        _refuse(run, "k", f"The link asks for “{clusters}” clusters; these data can have 2 to {_most(run, images)}")
        clusters = None
    return View(run, by or run.config.result, int(clusters or run.config.clusters))


def show(run: Run, by: str, clusters: int) -> None:
    """Show other clusters of a run, from the next run of the page on."""
    state.keep_view(
        run.path.name,
        by=None if by == run.config.result else by,
        k=None if clusters == run.config.clusters else str(clusters),
    )


def choose(run: Run, images: IonImages) -> View:
    """Draw the choice of the clusters, say where they are not those of the training, and return them."""
    shown = current(run, images)
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    # The session holds the choice, not the widgets: another page or a link may have changed it.
    st.session_state["clusters by"], st.session_state["clusters shown"] = shown.by, shown.clusters
    with left:
        representations.choose(
            "Clusters by",
            "clusters by",
            options=run.representations,
            about="All pages and downloads show the clusters of this one.",
            on_change=_changed,
            args=(run,),
        )
    with right:
        st.number_input(
            "Number of clusters",
            min_value=2,
            max_value=_most(run, images),
            key="clusters shown",
            on_change=_changed,
            args=(run,),
            help=f"The training looked for {run.config.clusters}. Another number clusters the ions again from what was "
            "learned; nothing is trained again. All pages and downloads follow.",
        )
    if text := about(run, shown.by, shown.clusters):
        st.caption(f":material/cached: {text}")
    return shown


def title(shown: View) -> str:
    """Return what the clusters are, in words."""
    return f"{shown.clusters} clusters by: {title_of(shown.by)}"


def _changed(run: Run) -> None:
    show(run, st.session_state["clusters by"], st.session_state["clusters shown"])


def _is_possible(run: Run, images: IonImages, clusters: str) -> bool:
    return clusters.isascii() and clusters.isdigit() and len(clusters) < 9 and 2 <= int(clusters) <= _most(run, images)


def _most(run: Run, images: IonImages) -> int:
    return max(run.config.clusters, min(len(images) - 1, MOST))


def _refuse(run: Run, name: str, said: str) -> None:
    state.say(f"{said}. What the training ends with is shown.")
    state.keep_view(run.path.name, **(state.view(run.path.name) | {name: None}))
    st.query_params.from_dict(state.address())
