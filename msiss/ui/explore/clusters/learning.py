"""Learning from the corrections: the clusters found again around them, looked at, and kept or not."""

from collections import Counter

import numpy as np
import pandas as pd
import streamlit as st

from msiss.analyse.representations import JOINT, title_of
from msiss.data.ion_images import IonImages
from msiss.learn.methods import METHODS
from msiss.runs.analyses import RefineQuestion, identity
from msiss.runs.decisions import Refined
from msiss.runs.grouping import Grouping, labels_before
from msiss.runs.refinement import as_decision, has_news
from msiss.ui.explore import ions
from msiss.ui.explore.clusters import deciding, scoring
from msiss.ui.explore.view import View
from msiss.ui.literal import literal
from msiss.ui.messages import plain_errors
from msiss.ui.widgets import analysis
from msiss.words import count

ABOUT = (
    "The clusters are found again around what you decided: ions that you moved or confirmed stay where you put them, "
    "and ions like them follow. You see what would move before anything is kept; look at it, as a few corrections may "
    "also lead ions astray."
)
MOST_FLOWS = 12  # pairs of clusters in the list of what would move


def draw(shown: View, images: IonImages, grouping: Grouping) -> None:
    """Draw what was decided so far, and the clusters that follow from it."""
    left, right = st.columns([2, 3], gap="medium")
    with left:
        st.markdown(ABOUT)
        for line in so_far(grouping):
            st.markdown(f"- {line}")
        place = st.container()
    if not has_news(grouping):
        with place:
            _nothing(grouping)
        if (last := last_learning(grouping)) is not None:
            with right:
                _moved(shown, images, grouping, *last)
        return
    with place:
        along = _choose_along(grouping)
    question = RefineQuestion.of(grouping, along=along)
    dropped = st.session_state.setdefault("dropped refinements", set())
    name = identity(question)
    requested = name not in dropped and (question.answer() is not None or analysis.is_requested(question))
    with place:
        button = st.empty()
        pressed = not requested and button.button(
            "Find the clusters again around this", type="primary", icon=":material/school:", key="refine"
        )
        if pressed:
            dropped.discard(name)
            button.empty()
        if not (requested or pressed):
            return
        found = analysis.result(question, "Finding the clusters again", place="refine")
        if found is None:
            return
        after = found["cluster"].to_numpy()
        _buttons(shown, found, name)
        st.markdown("**Scores now and then**")
        scoring.draw(shown, images, grouping.labels, after)
    with right:
        _moved(shown, images, grouping, grouping.labels, after)


def _choose_along(grouping: Grouping) -> str | None:
    """Let the user choose by what ions follow; None for what the method of the run has of its own."""
    run, by = grouping.run, grouping.by
    has_its_own = bool(METHODS[run.config.method].refine) and by == run.config.result
    if JOINT not in run.representations or not has_its_own:
        return None
    return st.segmented_control(
        "Ions follow by",
        [JOINT, None],
        default=JOINT,
        required=True,
        format_func=lambda name: "the classifier of the training" if name is None else title_of(name),
        key="refine along",
        persist_state="session",
        help="Which ions are like those that you corrected. On three data sets with known classes ions that followed "
        "by the joint measure went right much more often than by the classifier (`benchmarks/corrections.py`).",
    )


def so_far(grouping: Grouping) -> list[str]:
    """Return what a person decided that can be learned from, in words."""
    by_hand = grouping.table["by_hand"].to_numpy()
    lines = []
    if by_hand.any():
        clusters = len(np.unique(grouping.labels[by_hand]))
        lines.append(f"{count(int(by_hand.sum()), 'ion')} moved or confirmed by hand, in {count(clusters, 'cluster')}.")
    kinds = Counter(type(decision).__name__ for decision in grouping.decisions)
    for kind, thing in (("Merged", "merged cluster"), ("Split", "divided cluster")):
        if kinds[kind]:
            lines.append(f"{count(kinds[kind], thing)}.")
    aside = sum(not cluster.tissue for cluster in grouping.clusters.values())
    if aside:
        lines.append(f"{count(aside, 'cluster')} without tissue: it stays as it is.")
    return lines


def flows(before: np.ndarray, after: np.ndarray) -> list[tuple[int, int, int]]:
    """Return from which cluster to which other how many ions go, the most first."""
    moved = before != after
    found = Counter(zip(before[moved].tolist(), after[moved].tolist(), strict=True))
    return [
        (one, other, number) for (one, other), number in sorted(found.items(), key=lambda item: (-item[1], item[0]))
    ]


def _nothing(grouping: Grouping) -> None:
    if any(isinstance(decision, Refined) for decision in grouping.decisions):
        st.info("All that was decided has been learned from. Correct more, then come back.", icon=":material/school:")
    else:
        st.info(
            "Nothing to learn from yet. Confirm or move some ions in “Review”, or drag images onto another cluster in "
            "“One cluster”. In tests with known classes some forty ions taught the others reliably, ten did not "
            "(`benchmarks/corrections.py`).",
            icon=":material/school:",
        )


def last_learning(grouping: Grouping) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the clusters (N,) before and after they were found again the last time; None if they never were."""
    learned = [decision for decision in grouping.decisions if isinstance(decision, Refined)]
    return (labels_before(grouping, learned[-1]), np.array(learned[-1].assigned)) if learned else None


def _buttons(shown: View, found: pd.DataFrame, name: str) -> None:
    number = int(found["moved"].sum())
    with st.container(horizontal=True):
        st.button(
            "Keep this",
            type="primary",
            icon=":material/check:",
            key="refine accept",
            on_click=plain_errors()(_accept),
            args=(shown, found, number),
        )
        st.button("Drop it", icon=":material/close:", key="refine drop", on_click=_drop, args=(name,))


def _accept(shown: View, found: pd.DataFrame, number: int) -> None:
    deciding.record(
        shown, as_decision(found), said=f"Learned: {count(number, 'ion') if number else 'no other ion'} moved."
    )


def _drop(name: str) -> None:
    st.session_state["dropped refinements"].add(name)


def _moved(shown: View, images: IonImages, grouping: Grouping, before: np.ndarray, after: np.ndarray) -> None:
    """Draw which ions move from where to where."""
    went = np.flatnonzero(before != after)
    if not len(went):
        st.info("No other ion moves: the other clusters agree with what you decided.", icon=":material/task_alt:")
        return
    st.markdown(f"**{count(len(went), 'ion')}** in another cluster")
    listed = flows(before, after)
    lines = [
        f"{_title(grouping, one)} → {_title(grouping, other)}: {count(number, 'ion')}"
        for one, other, number in listed[:MOST_FLOWS]
    ]
    st.markdown("  \n".join(map(literal, lines)))
    if len(listed) > MOST_FLOWS:
        st.caption(f"and {len(listed) - MOST_FLOWS} more pairs of clusters")
    order = np.lexsort([went, after[went], before[went]])
    ions.gallery(
        images,
        went[order].tolist(),
        key="refine gallery",
        about="The ions that move",
        notes=[f"{before[ion]} → {after[ion]}" for ion in went[order].tolist()],
        size=20,
        width=100,
    )


def _title(grouping: Grouping, number: int) -> str:
    return f"Cluster {grouping.clusters[number].title}" if number in grouping.clusters else f"Cluster {number}"
