"""The part "Compare ions" of the page Similarity: some ions with each other, by up to three measures."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.runs.grouping import Grouping
from msiss.share.similar import ions_table, pairs_table
from msiss.show.dendrograms import Panel, similarities_figure
from msiss.ui import selection, state
from msiss.ui.explore import ions as galleries
from msiss.ui.explore.similarity import SCALE, Measured, naming
from msiss.ui.literal import literal
from msiss.ui.widgets import csv_download, ion_picker
from msiss.words import count

MOST, AT_FIRST = 30, 4  # ions
PICKED = "similarity ions"  # key of the picker
OWN_TREE, FIRST_TREE = "each by its own tree", "all by the first tree"
ABOUT_TREES = (
    "The trees join the most similar ions and groups first (Ward's method on the Euclidean distances of vectors of "
    "length 1, which are √(2 − 2 cosine)); the height of a joint is that distance, without unit."
)
ABOUT_RANKS = (
    "Rank: where each of the two is among all partners of the other, from 1 for the nearest; the mean of both. Ranks "
    "can be compared between measures, cosines cannot."
)


def choose_ions(images: IonImages, grouping: Grouping | None) -> list[int]:
    """Let the user choose the ions: by m/z or name, the selected ones, or a cluster."""
    left, right = st.columns([5, 1], vertical_alignment="bottom")
    with left:
        chosen = ion_picker.pick(
            images,
            PICKED,
            default=ion_picker.spread(images, AT_FIRST),
            most=MOST,
            text="Ions to compare",
        )
    with right, st.popover("Take ions", icon=":material/playlist_add:", width="stretch"):
        _offer(images, grouping)
    return chosen


def show(images: IonImages, chosen: Sequence[int], measures: Sequence[Measured]) -> None:
    """Show the images of the ions, how similar they are, and a table of their pairs."""
    if len(chosen) < 2:
        st.info("Choose at least two ions above to compare them.", icon=":material/arrow_upward:")
        return
    galleries.gallery(images, chosen, key="compared ions", about="The compared ions", size=MOST, width=100)
    if not measures:
        return
    st.subheader("Cosine similarity", help=SCALE)
    order = st.segmented_control(
        "Order of the ions",
        [OWN_TREE, FIRST_TREE, images.axis.name],
        default=OWN_TREE,
        required=True,
        key="similarity order",
        persist_state="session",
    )
    names = images.axis.numbers([images.mz[ion] for ion in chosen])
    figure = similarities_figure(_panels(images, chosen, measures, order), names, axis=images.axis.title)
    titles = ", ".join(one.title for one in measures)
    st.plotly_chart(figure, key="heat maps", alt=f"Cosines of {count(len(chosen), 'ion')} by: {titles}")
    if order != images.axis.name:
        st.caption(ABOUT_TREES)
    _show_pairs(images, chosen, measures)


def _panels(images: IonImages, chosen: Sequence[int], measures: Sequence[Measured], order: str) -> list[Panel]:
    from msiss.analyse.similarity import cosine_similarity
    from msiss.analyse.trees import ward_tree

    panels = []
    for number, measure in enumerate(measures):
        vectors = measure.vectors[list(chosen)]
        cosines = cosine_similarity(vectors)
        if order == images.axis.name:
            by_position = np.argsort(images.mz[list(chosen)], kind="stable")
            panels.append(Panel(measure.title, cosines, by_position))
        elif order == FIRST_TREE and number:
            panels.append(Panel(measure.title, cosines, panels[0].order))
        else:
            tree = ward_tree(vectors)
            panels.append(Panel(measure.title, cosines, tree.order, tree.links))
    return panels


def _show_pairs(images: IonImages, chosen: Sequence[int], measures: Sequence[Measured]) -> None:
    table = _pairs(tuple(one.source for one in measures), tuple(chosen), naming(images), measures, images)
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    left.subheader(f"{count(len(table), 'pair')}", help=ABOUT_RANKS)
    with right:
        name = f"msiss-{state.dataset_name()}-pairs.csv"
        csv_download.button("CSV", lambda: table, name, key="pairs csv", width="stretch")
    number = st.column_config.NumberColumn
    columns: dict[str, Any] = {}
    for side, prefix in (("i", ""), ("j", "and ")):
        columns[f"mz_{side}"] = number(f"{prefix}{images.axis.title}", format=f"%.{images.axis.decimals}f")
        if are_named(images):
            columns[f"name_{side}"] = f"{prefix}name".capitalize()
    columns |= score_columns([one.name for one in measures], [one.title for one in measures])
    st.dataframe(table, hide_index=True, column_order=list(columns), column_config=columns)


def score_columns(names: Sequence[str], titles: Sequence[str]) -> dict[str, Any]:
    """Return the columns of cosines and ranks by each measure, by the names that they have in tables."""
    number = st.column_config.NumberColumn
    columns: dict[str, Any] = {}
    for name, title in zip(names, titles, strict=True):
        short = title.partition(" (")[0]
        columns[f"cosine_{name}"] = number(f"{short}: cosine", format="%.3f", help=title)
        columns[f"rank_{name}"] = number("rank", format="%.6g", help=title)
    return columns


def are_named(images: IonImages) -> bool:
    """Tell whether any ion has a name that is not its m/z."""
    return any(name != images.axis.number(mz) for name, mz in zip(images.names, images.mz, strict=True))


def _offer(images: IonImages, grouping: Grouping | None) -> None:
    selected = selection.selected()
    st.button(
        f"The {count(len(selected), 'selected ion')}" if selected else "The selected ions",
        icon=":material/lasso_select:",
        disabled=len(selected) < 2,
        on_click=_take,
        args=(images, selected),
        key="take selection",
        width="stretch",
    )
    if grouping is not None:
        cluster = st.selectbox(
            "A cluster",
            list(grouping.clusters),
            format_func=lambda one: f"{grouping.clusters[one].title} ({count(len(grouping.members(one)), 'ion')})",
            key="cluster to compare",
        )
        members = grouping.members(cluster).tolist()
        st.button(
            f"Take cluster {literal(grouping.clusters[cluster].title)}",
            icon=":material/grid_view:",
            on_click=_take,
            args=(images, members),
            key="take cluster",
            width="stretch",
        )
    st.caption(f"Of more than {MOST} ions, {MOST} spread over {images.axis.name} are taken.")


def _take(images: IonImages, ions: Sequence[int]) -> None:
    st.session_state[ion_picker.own_key(images, PICKED)] = spread_over(images.mz, ions, MOST)


def spread_over(positions: np.ndarray, ions: Sequence[int], most: int) -> list[int]:
    """Return the ions by position, at most so many: then evenly spread over their order."""
    ordered = np.asarray(ions)[np.argsort(positions[list(ions)], kind="stable")]
    if len(ordered) > most:
        ordered = ordered[np.linspace(0, len(ordered) - 1, most).round().astype(int)]
    return ordered.tolist()


@st.cache_resource(show_spinner=False, max_entries=20)
def _pairs(
    sources: tuple[tuple[str, ...], ...],
    chosen: tuple[int, ...],
    named: int,
    _measures: Sequence[Measured],
    _images: IonImages,
) -> pd.DataFrame:
    return pairs_table(ions_table(_images), {one.name: one.vectors for one in _measures}, chosen)
