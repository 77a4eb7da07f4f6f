"""Clustering only some ions, those of a cluster or the selected ones: their parts become clusters of their own."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.data.prepare import clean
from msiss.runs.analyses import SubclustersQuestion
from msiss.runs.grouping import Grouping
from msiss.runs.subclusters import as_decision
from msiss.ui import selection
from msiss.ui.explore import results
from msiss.ui.explore.clusters import choice, deciding, means
from msiss.ui.explore.view import View
from msiss.ui.literal import literal
from msiss.ui.messages import plain_errors
from msiss.ui.widgets import analysis, ion_picker
from msiss.words import count

FEWEST = 4  # ions: fewer are moved by hand
MOST_PARTS = 20
PARTS = "parts"
_ASKED = "ions to divide"


def ask(images: IonImages, ions: Sequence[int]) -> None:
    """Show the panel for these ions when the page is drawn next."""
    st.session_state[ion_picker.own_key(images, _ASKED)] = tuple(int(ion) for ion in ions)


def draw(shown: View, images: IonImages, grouping: Grouping) -> None:
    """Draw the panel if it was asked for: the parts as they would be, to be kept or not."""
    place = ion_picker.own_key(images, _ASKED)
    ions = st.session_state.get(place)
    if not ions:
        return
    with st.container(border=True, key="divide"):
        left, right = st.columns([3, 1], vertical_alignment="bottom")
        with left:
            st.markdown(f"**Cluster only {_which(grouping, ions)}** into parts, which become clusters of their own.")
        with right:
            parts = st.number_input("Parts", 2, min(MOST_PARTS, len(ions) - 1), 2, key=PARTS)
        question = SubclustersQuestion(
            run=shown.run.path.resolve(),
            finished=shown.run.status.finished,
            by=shown.by,
            ions=ions,
            clusters=int(parts),
        )
        found = analysis.result(question, f"Clustering {count(len(ions), 'ion')}", place="divide")
        if found is not None:
            _preview(shown, images, found)
        with st.container(horizontal=True):
            st.button(
                "Make these clusters",
                type="primary",
                key="divide accept",
                disabled=found is None,
                on_click=plain_errors()(_accept),
                args=(shown, images, found),
            )
            st.button("Cancel", key="divide cancel", on_click=_close, args=(images,))


def _which(grouping: Grouping, ions: Sequence[int]) -> str:
    number = deciding.source(grouping.labels[list(ions)])
    if number is None or len(ions) != len(grouping.members(number)):
        return f"{count(len(ions), 'selected ion')}"
    return f"the {count(len(ions), 'ion')} of cluster {literal(grouping.clusters[number].title)}"


def _preview(shown: View, images: IonImages, found: pd.DataFrame) -> None:
    grid = st.grid("auto", min_column_width=150, gap="small")
    for part, ions in found.groupby("part")["ion"]:
        mean = clean(images, shown.run.config.prepare, ions.to_numpy()).mean(axis=0)
        about = f"part {int(str(part)) + 1}: {count(len(ions), 'ion')}"
        grid.image(means.picture(mean, images), caption=about, width="stretch", alt=f"Mean image of {about}")


def _accept(shown: View, images: IonImages, found: pd.DataFrame) -> None:
    decision = as_decision(found, results.grouping(shown))
    numbers = range(decision.first, decision.first + len(decision.parts))
    deciding.record(shown, decision, said=f"{count(len(numbers), 'new cluster')}: {numbers[0]} to {numbers[-1]}.")
    selection.select(np.array(found["ion"]).tolist(), "remove")
    _close(images)
    choice.open_cluster(shown, numbers[0])


def _close(images: IonImages) -> None:
    st.session_state.pop(ion_picker.own_key(images, _ASKED), None)
