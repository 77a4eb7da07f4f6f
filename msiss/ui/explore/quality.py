"""The parts of the page Quality that need known classes or pairs of ions: their upload, and the scores."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from msiss.analyse.representations import measure_names, title_of
from msiss.analyse.scores import SCORES
from msiss.data import foreign
from msiss.data.ion_images import IonImages
from msiss.runs.analyses import ScoresQuestion
from msiss.runs.store import Run
from msiss.show.score_figures import PAIR_TITLES, neighbours_figure, pairs_figure, scores_figure
from msiss.ui.explore.score_table import by_title, score_table
from msiss.ui.literal import literal
from msiss.ui.messages import caught_warnings, plain_errors, show_warnings
from msiss.ui.widgets import analysis, ion_picker
from msiss.ui.widgets.files import TABLE_ENDINGS, TABLE_MB, keep_small
from msiss.words import count

if TYPE_CHECKING:
    from msiss.runs.quality.scores import Scores

PAIR_MEANINGS = {
    "same_cluster": "share of the pairs whose two ions are in one cluster.",
    "chance": "what random clusters of the same sizes would get: only what is above it counts.",
    "top5": "share of the ions that have their partner among the five most similar ions.",
    "mrr": "mean of 1 / the partner's rank: 1 where the partner is always the most similar ion, 0.5 where it is "
    "second.",
}
OWN, UPLOAD, NONE = "classes of the data set", "a table of mine", "none"


def choose_truth(images: IonImages) -> tuple[np.ndarray | None, pd.DataFrame | None]:
    """Let the user provide known classes of ions, and pairs of ions that should co-localize."""
    left, right = st.columns(2, gap="large")
    with left:
        labels = _choose_labels(images)
    with right:
        file = st.file_uploader(
            "Pairs of ions that should co-localize (CSV with mz_i, mz_j)",
            type=TABLE_ENDINGS,
            max_upload_size=TABLE_MB,
            key=ion_picker.own_key(images, "pairs"),
            help=f"One pair per line, by {images.axis.title}. A column kind, such as isotope or adduct, is scored kind "
            "by kind.",
        )
        pairs = None
        if file is not None:
            with plain_errors():
                path = keep_small(file, "pairs")
                pairs, warned = _pairs(path, path.stat().st_mtime_ns, images.fingerprint, images.mz)
                show_warnings(warned)
                st.caption(f"{count(len(pairs), 'pair')} found in this data set.")
    return labels, pairs


def _choose_labels(images: IonImages) -> np.ndarray | None:
    own = np.array([]) if images.labels is None else images.labels[images.labels >= 0]
    options = [OWN, UPLOAD, NONE] if len(own) else [UPLOAD, NONE]
    choice = st.segmented_control(
        "Known classes of ions",
        options,
        default=options[0],
        required=True,
        key=ion_picker.own_key(images, "labels from"),
        persist_state="session",
        help="Classes are groups of ions that are known to share a spatial pattern, such as an expert's.",
    )
    if choice == OWN:
        st.caption(f"{count(len(own), 'ion')} with a known class.")
        return images.labels
    if choice == NONE:
        return None
    file = st.file_uploader(
        "Classes (CSV with mz, class)",
        type=TABLE_ENDINGS,
        max_upload_size=TABLE_MB,
        key=ion_picker.own_key(images, "labels"),
    )
    if file is None:
        return None
    with plain_errors():
        path = keep_small(file, "classes")
        labels, warned = _labels(path, path.stat().st_mtime_ns, images.fingerprint, images.mz)
        show_warnings(warned)
        st.caption(f"{count(int((labels >= 0).sum()), 'ion')} with a known class found in this data set.")
        return labels
    return None


@st.cache_data(show_spinner="Reading the pairs", max_entries=20)
def _pairs(path: Path, changed: int, dataset: str, _mz: np.ndarray) -> tuple[pd.DataFrame, list[str]]:
    with caught_warnings() as warned:
        pairs = foreign.read_pairs(path, _mz)
    return pairs, warned


@st.cache_data(show_spinner="Reading the classes", max_entries=20)
def _labels(path: Path, changed: int, dataset: str, _mz: np.ndarray) -> tuple[np.ndarray, list[str]]:
    with caught_warnings() as warned:
        labels = foreign.read_labels(path, _mz)
    return labels, warned


def scores(run: Run, labels: np.ndarray | None, pairs: pd.DataFrame | None) -> "Scores | None":
    """Return the scores of every representation; if they must be computed, show the progress and return None."""
    return analysis.result(ScoresQuestion.of(run, labels, pairs), "Scoring every representation")


def show(scored: "Scores") -> None:
    """Show the scores, their meaning, and what follows from them."""
    from msiss.runs.quality.by_knowledge import judge_by_knowledge

    for sentence in judge_by_knowledge(scored):
        st.markdown(f"- {literal(sentence)}")
    st.caption("All representations have as many clusters here as the training.")
    rows = scored["representations"]
    if any(row["ari"] is not None for row in rows.values()):
        st.subheader("Known classes")
        drawn = {score.name: score.title for score in SCORES if score.drawn}
        figure = scores_figure(by_title(rows), drawn)
        st.plotly_chart(figure, key="scores", alt="Scores of every representation against known classes")
        titles = drawn | {score.name: score.title for score in SCORES}
        score_table(rows, titles, key="known classes")
        _explain(titles, {score.name: score.about for score in SCORES})
        figure = neighbours_figure(by_title(rows), dashed=[title_of(name) for name in measure_names()])
        st.plotly_chart(figure, key="neighbours", alt="k-NN purity of every representation for k 1 to 30")
        st.caption(
            "k-NN purity: share of an ion's k nearest neighbours that have its class. Solid: trained; dashed: without "
            "training."
        )
    kinds = sorted({kind for row in rows.values() for kind in row["pairs"]}, key=lambda kind: (kind != "all", kind))
    if kinds:
        st.subheader("Pairs")
        kind = st.segmented_control(
            "Kind of pairs", kinds, default="all", required=True, format_func=literal, key="pair kind"
        )
        st.plotly_chart(pairs_figure(by_title(rows), kind=kind), key="pairs figure", alt="How well pairs are found")
        score_table({name: row["pairs"][kind] for name, row in rows.items()}, PAIR_TITLES, key="known pairs")
        _explain(PAIR_TITLES, PAIR_MEANINGS)


def _explain(titles: dict[str, str], meanings: dict[str, str]) -> None:
    st.markdown("\n".join(f"- **{title}**: {meanings[key]}" for key, title in titles.items()))
