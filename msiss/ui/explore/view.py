"""Which clusters of a run the pages show: of which representation, and how many. All pages share one choice.

The address of the page has it if it differs from the training's own, so that a link shows the same clusters; every
page, figure and download reads it here.
"""

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from msiss.analyse.representations import title_of
from msiss.data.ion_images import IonImages
from msiss.runs.reclustering import about
from msiss.runs.store import Run
from msiss.ui import state
from msiss.ui.widgets import representations

MOST = 200  # clusters, as for a training
WIDTH, NUMBER_WIDTH = 185, 130  # screen pixels of the widgets, which wrap where a page is narrow


@dataclass(frozen=True)
class View:
    """The clusters of a run that are shown.

    Attributes
    ----------
    run : Run
    by : str
        Name of the representation that is clustered.
    clusters : int
        Requested number; a few may be empty.
    """

    run: Run
    by: str
    clusters: int


def current(run: Run, images: IonImages) -> View:
    """Return the choice of the address or the session; an invalid part is reported, and that of the training used."""
    chosen = state.view(run.path.name)
    by, clusters = chosen.get("by"), chosen.get("k")
    if by is not None and by not in run.representations:
        _reject(run, "by", f"This run has no representation “{by}”. The final features of the training are shown.")
        by = None
    if clusters is not None and not _is_possible(run, images, clusters):
        _reject(run, "k", f"The link asks for “{clusters}” clusters; these data can have 2 to {_most(run, images)}.")
        clusters = None
    return View(run, by or run.config.result, int(clusters or run.config.clusters))


def show(run: Run, by: str, clusters: int) -> None:
    """Show other clusters of a run when the page is drawn next."""
    state.set_view(
        run.path.name,
        by=None if by == run.config.result else by,
        k=None if clusters == run.config.clusters else str(clusters),
    )


def use_for_neighbours(run: Run, measure: str) -> None:
    """Let the page Similarity start with a representation of a run."""
    st.session_state.setdefault("neighbours by run", {})[run.path.name] = measure


def neighbours_by(run: Run) -> str | None:
    """Return the representation that was chosen for similar ions on all pages; None if none was."""
    return st.session_state.get("neighbours by run", {}).get(run.path.name)


def options_row() -> DeltaGenerator:
    """Return a container for the choices of a page side by side, which wrap where the page is narrow."""
    return st.container(horizontal=True, vertical_alignment="bottom")


def choose(run: Run, images: IonImages, row: DeltaGenerator | None = None) -> View:
    """Draw the choice of the clusters, in `row` if it is given, with a note if they are not those of the training."""
    shown = current(run, images)
    # The session state has the choice, not the widgets: another page or a link may have changed it.
    st.session_state["clusters by"], st.session_state["clusters shown"] = shown.by, shown.clusters
    with row or options_row():
        representations.choose(
            "Clusters by",
            "clusters by",
            options=run.representations,
            about="All pages and downloads show the clusters of this representation.",
            on_change=_changed,
            args=(run,),
            width=WIDTH,
        )
        st.number_input(
            "Clusters",
            min_value=2,
            max_value=_most(run, images),
            key="clusters shown",
            width=NUMBER_WIDTH,
            on_change=_changed,
            args=(run,),
            help=f"The training made {run.config.clusters}. Another number clusters the ions again without training. "
            "All pages and downloads show these clusters.",
        )
    if text := about(run, shown.by, shown.clusters):
        st.caption(f":material/cached: {text}")
    return shown


def title(shown: View) -> str:
    """Return a description of the clusters."""
    return f"{shown.clusters} clusters by: {title_of(shown.by)}"


def _changed(run: Run) -> None:
    show(run, st.session_state["clusters by"], st.session_state["clusters shown"])


def _is_possible(run: Run, images: IonImages, clusters: str) -> bool:
    return clusters.isascii() and clusters.isdigit() and len(clusters) < 9 and 2 <= int(clusters) <= _most(run, images)


def _most(run: Run, images: IonImages) -> int:
    return max(run.config.clusters, min(len(images) - 1, MOST))


def _reject(run: Run, name: str, reason: str) -> None:
    state.notify(reason)
    state.set_view(run.path.name, **(state.view(run.path.name) | {name: None}))
    st.query_params.from_dict(state.query_params())
