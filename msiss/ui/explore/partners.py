"""The part "Partners of an ion" of the page Similarity: all other ions, the most similar first."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.runs.grouping import Grouping
from msiss.share.similar import ions_table, partners_table
from msiss.ui import selection, state
from msiss.ui.explore import ions as galleries
from msiss.ui.explore import similarity
from msiss.ui.explore.comparison import are_named, score_columns
from msiss.ui.explore.similarity import SCALE, Measured, naming
from msiss.ui.literal import literal
from msiss.ui.server import pictures
from msiss.ui.widgets import csv_download, ion_picker, ion_table
from msiss.words import count

FEWEST, NEAREST, MOST = 3, 7, 100  # ions
ROWS, ROW = 25, 64  # rows of a page of the table, each with a picture, and their height in screen pixels
PICKED = "nearest to"  # key of the picker


def choose(images: IonImages) -> tuple[int, int]:
    """Let the user choose the ion, and how many of its nearest are shown."""
    asked = st.session_state.pop(similarity.ASKED, None)
    if asked is not None and asked < len(images):
        st.session_state[ion_picker.own_key(images, PICKED)] = asked
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        ion = ion_picker.pick_one(
            images, f"Ions most like, by {images.axis.title}", PICKED, first=0, persist_state="session"
        )
    with right:
        most = min(MOST, max(FEWEST, len(images) - 1))
        number = st.slider(
            "Number of nearest ions",
            FEWEST,
            max(most, FEWEST + 1),
            NEAREST if most >= NEAREST else FEWEST,
            key=ion_picker.own_key(images, "number nearest"),
            persist_state="session",
        )
    return ion, number


def show(
    images: IonImages,
    ion: int,
    number: int,
    measures: Sequence[Measured],
    grouping: Grouping | None,
) -> None:
    """Show the nearest ions by each measure, and the list of all partners."""
    tables = _ranked(images, ion, measures, grouping) if measures else {}
    st.subheader("Nearest ions", help=SCALE)
    for measure, column in zip(measures, st.columns(max(len(measures), 1), gap="medium"), strict=False):
        with column:
            st.markdown(f"**{measure.title}**")
            near = tables[measure.name].head(number)
            st.button(
                f"Select these {len(near) + 1} ions",
                icon=":material/select_check_box:",
                type="tertiary",
                key=f"select near {measure.name}",
                on_click=selection.select,
                args=([ion, *near["ion"].tolist()],),
            )
            notes = ["this ion", *(f"cosine {cosine:.2f}" for cosine in near[f"cosine_{measure.name}"])]
            galleries.gallery(
                images,
                [ion, *near["ion"].tolist()],
                key=f"near {measure.name}",
                about=f"The ions nearest by: {measure.title}",
                notes=notes,
                size=24,
                width=88,
            )
    if measures:
        _show_all(images, ion, measures, tables)


def _show_all(images: IonImages, ion: int, measures: Sequence[Measured], tables: dict[str, pd.DataFrame]) -> None:
    titles = {one.name: one.title for one in measures}
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    with left:
        by = measures[0].name
        if len(measures) > 1:
            by = st.segmented_control(
                "All partners, ordered by", list(titles), default=by, required=True, format_func=titles.__getitem__
            )
    table = tables[by]
    with right:
        csv_download.button(
            "CSV of all",
            lambda: table,
            f"msiss-{state.dataset_name()}-partners-of-{images.axis.number(images.mz[ion])}.csv",
            key="partners csv",
            help=f"{count(len(table), 'ion')} with cosine and rank by both measures.",
            width="stretch",
        )
    place = st.container()
    pages = -(-len(table) // ROWS)
    page = st.pagination(pages, key="partners page") if pages > 1 else 1
    part = table.iloc[(page - 1) * ROWS : page * ROWS]
    shown = part.assign(image=[pictures.address(images, int(one), state.colours()) for one in part["ion"]])
    config, (height, width) = st.column_config, images.shape
    columns: dict[str, Any] = {
        "image": config.ImageColumn("Image", width=round(np.clip(ROW * width / height, 60, 220)) + 16),
        "mz": config.NumberColumn(images.axis.title, format=f"%.{images.axis.decimals}f"),
        **({"name": "Name"} if are_named(images) else {}),
        **{name: name.capitalize() for name in images.annotations},
        **score_columns(list(titles), list(titles.values())),
    }
    if "cluster" in part:
        columns |= {"cluster": "Cluster"} | ({"cluster_name": "Cluster name"} if part["cluster_name"].any() else {})
    with place:
        ion_table.draw(
            shown,
            part["ion"].tolist(),
            key="partners table",
            column_order=list(columns),
            column_config=columns,
            row_height=ROW,
            height=440,
        )
        st.caption(
            f"Rank 1 is the nearest of {count(len(table), 'ion')}; ions that a measure does not tell apart share the "
            f"worst of their ranks. Ordered by: {literal(titles[by])}. Ticked rows are selected on all pages."
        )


def _ranked(
    images: IonImages, ion: int, measures: Sequence[Measured], grouping: Grouping | None
) -> dict[str, pd.DataFrame]:
    """Return the partners of an ion as ordered by each measure; do not modify the tables."""
    clusters: tuple[object, ...] = ()
    if grouping is not None:
        made = tuple(one.line for one in grouping.decisions)
        clusters = (str(grouping.run.path), grouping.run.status.finished, grouping.by, grouping.n_clusters, made)
    sources = tuple(one.source for one in measures)
    return _cached(sources, ion, naming(images), clusters, measures, images, grouping)


@st.cache_resource(show_spinner=False, max_entries=20)
def _cached(
    sources: tuple[tuple[str, ...], ...],
    ion: int,
    named: int,
    clusters: tuple[object, ...],
    _measures: Sequence[Measured],
    _images: IonImages,
    _grouping: Grouping | None,
) -> dict[str, pd.DataFrame]:
    table = partners_table(ions_table(_images), {one.name: one.vectors for one in _measures}, ion, _grouping)
    return {one.name: table.sort_values([f"rank_{one.name}", "ion"], ignore_index=True) for one in _measures}
