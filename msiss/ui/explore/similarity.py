"""What the page Similarity compares: its part that is shown, and the measures, learned ones and those without training.

Without a finished run, the engine computes the measures on request.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from msiss.analyse.representations import FIRST, IMAGE_VECTORS, METASPACE, measure_names, title_of
from msiss.data.ion_images import IonImages
from msiss.runs.analyses import VectorsQuestion
from msiss.runs.grouping import Grouping
from msiss.runs.reclustering import kept_clusters
from msiss.runs.store import Run
from msiss.ui import state
from msiss.ui.explore import results, view
from msiss.ui.widgets import analysis, representations

COMPARE, PARTNERS, DISAGREEMENTS = "Compare ions", "Partners of an ion", "Where measures disagree"
PARTS = (COMPARE, PARTNERS, DISAGREEMENTS)
PART, RIGHT, THIRD = "similarity part", "similarity right", "similarity third"  # keys of widgets
ASKED = "partners of"  # key of an ion whose partners another page asks for
NONE = ""
SCALE = (
    "1: the same pattern. 0: nothing in common. Below 0: where one is, the other is not. Every measure has its own "
    "scale, so compare ions by one measure, and measures by how they rank the ions."
)


@dataclass(frozen=True, eq=False)
class Measured:
    """The vectors of the ions by a measure.

    Attributes
    ----------
    name : str
    vectors : ndarray of shape (N, D)
        Not to be modified.
    source : tuple
        Identifies the vectors, as the key of what is made of them.
    """

    name: str
    vectors: np.ndarray
    source: tuple[str, ...]

    @property
    def title(self) -> str:
        """The title of the measure."""
        return title_of(self.name)


def show_partners_of(ion: int) -> None:
    """Show the ions most like one ion on the page Similarity; for callbacks."""
    st.session_state[ASKED] = ion
    st.session_state[PART] = PARTNERS
    state.go_to("pages/explore/similarity.py")


def choose_part() -> str:
    """Let the user choose which part of the page is shown."""
    return st.segmented_control(
        "Show",
        PARTS,
        default=COMPARE,
        required=True,
        key=PART,
        persist_state="session",
        label_visibility="collapsed",
    )


def measures(run: Run | None) -> tuple[str, ...]:
    """Return the representations to choose from, the default one first."""
    return run.representations if run else (FIRST, *(one for one in measure_names() if one != FIRST))


def first_shown(run: Run | None, images: IonImages) -> str:
    """Return the measure to show first: that chosen for all pages, if one was, else the best of those without training.

    One that was chosen for similar ions, on the page Quality, goes before one that was chosen for clusters.

    On real data with known partners that measure found more than the trained ones, see `benchmarks/RESULTS.md`. A run
    of an earlier version may lack it.
    """
    if run is None:
        return FIRST
    if chosen := view.neighbours_by(run):
        return chosen
    by = view.current(run, images).by
    return FIRST if by == run.config.result and FIRST in run.representations else by


def choose_measures(run: Run | None, images: IonImages, *, third: bool) -> list[str]:
    """Let the user choose two measures, and a third one if `third`; return each once."""
    options, first = measures(run), first_shown(run, images)
    left = f"similarity left {first}"  # has the name of the default, so that both change together
    columns = st.columns([3, 3, 3, 2] if third else [3, 3, 5], vertical_alignment="bottom")
    with columns[0]:
        chosen = [representations.choose("First measure", left, options=options, first=first)]
    with columns[1]:
        chosen.append(representations.choose("Second measure", RIGHT, options=options, first=IMAGE_VECTORS))
    if third:
        with columns[2]:
            chosen.append(_choose_third(options))
        learned = run.config.result if run else first
        columns[3].button(
            "Usual three",
            icon=":material/view_column:",
            help=f"{title_of(learned)}, {title_of(IMAGE_VECTORS)} and {title_of(METASPACE)} side by side.",
            on_click=_take,
            args=({left: learned, RIGHT: IMAGE_VECTORS, THIRD: METASPACE if METASPACE in options else NONE},),
            width="stretch",
        )
    return [one for one in dict.fromkeys(chosen) if one != NONE]


def _choose_third(options: Sequence[str]) -> str:
    if st.session_state.get(THIRD) not in (None, NONE, *options):
        del st.session_state[THIRD]
    offered = [NONE, *options]
    return st.selectbox(
        "Third measure",
        offered,
        index=offered.index(st.session_state.get(THIRD) or NONE),
        format_func=lambda one: "none" if one == NONE else title_of(one),
        key=THIRD,
        persist_state="session",
    )


def _take(values: dict[str, str]) -> None:
    st.session_state.update(values)


def measured(run: Run | None, images: IonImages, names: Sequence[str]) -> list[Measured]:
    """Return the measures whose vectors are known; if some must be computed, show the progress of that."""
    found = [(name, _vectors(run, images, name)) for name in names]
    return [Measured(name, vectors, _source(run, images, name)) for name, vectors in found if vectors is not None]


def grouping_if_known(run: Run | None, images: IonImages) -> Grouping | None:
    """Return the clusters that are shown, or None if there is no run, or they would have to be computed first."""
    if run is None:
        return None
    shown = view.current(run, images)
    return None if kept_clusters(run, shown.by, shown.clusters) is None else results.grouping(shown)


def naming(images: IonImages) -> int:
    """Return what identifies the names and annotations of the ions, which may change, as a part of a key."""
    return hash((images.names, tuple(images.annotations.items())))


def _vectors(run: Run | None, images: IonImages, measure: str) -> np.ndarray | None:
    if run is not None:
        return results.features(run, measure)
    question = VectorsQuestion(
        dataset=state.library().path(str(state.dataset_name())).resolve(),
        fingerprint=images.fingerprint,
        measure=measure,
        prepare=state.settings().prepare,
    )
    return analysis.result(question, f"Comparing the ion images by: {title_of(measure)}")


def _source(run: Run | None, images: IonImages, measure: str) -> tuple[str, ...]:
    if run is not None:
        return str(run.path), str(run.status.finished), measure
    return images.fingerprint, state.settings().prepare.model_dump_json(), measure
