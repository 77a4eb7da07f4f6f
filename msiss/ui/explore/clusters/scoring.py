"""What corrections did to the scores of the clusters: before and after."""

import numpy as np
import pandas as pd
import streamlit as st

from msiss.analyse.scores import SCORES
from msiss.data.ion_images import IonImages
from msiss.runs.decisions import digest
from msiss.runs.grouping import Grouping
from msiss.ui.explore import results
from msiss.ui.explore.clusters import molecules
from msiss.ui.explore.view import View

COMPACT, ISOTOPES = "compactness", "same_cluster"  # of `msiss.analyse.rescoring`, which imports scikit-learn
TITLES = {COMPACT: "Compactness", ISOTOPES: "Isotopes and adducts together"}
ABOUT = {
    COMPACT: "how much more alike ions are to their own cluster than to the next one, from -1 to 1, by the vectors "
    "that were clustered: corrections that these cannot see make it smaller.",
    ISOTOPES: "share of the pairs in one cluster.",
}


def compare(shown: View, images: IonImages, grouping: Grouping) -> None:
    """Draw the scores before and after all corrections; nothing if no ion is in another cluster."""
    if grouping.is_corrected:
        st.markdown("**Scores before and after all corrections**")
        draw(shown, images, grouping.table["original"].to_numpy(), grouping.labels)


def draw(shown: View, images: IonImages, before: np.ndarray, after: np.ndarray) -> None:
    """Draw the scores of two clusterings (N,) beside each other, and what they mean."""
    table = scores(shown, images, before, after)
    if not len(table):
        st.caption("Nothing is known by which the clusters could be scored.")
        return
    titles = TITLES | {score.name: score.title for score in SCORES}
    rows = table.assign(Score=table["score"].map(titles)).rename(columns={"before": "Before", "after": "After"})
    numbers = {name: st.column_config.NumberColumn(format="%.3f") for name in ("Before", "After")}
    st.dataframe(rows[["Score", "Before", "After"]], hide_index=True, column_config=numbers)
    st.caption("  \n".join(_about(table)))


def scores(shown: View, images: IonImages, before: np.ndarray, after: np.ndarray) -> pd.DataFrame:
    """Return the scores of two clusterings, see `msiss.analyse.rescoring.rescore`."""
    run = shown.run
    return _scores(
        str(run.path), run.status.finished, shown.by, digest(before), digest(after), shown, images, before, after
    )


def _about(table: pd.DataFrame) -> list[str]:
    lines = []
    for row in table.to_dict("records"):
        if row["score"] in ABOUT:
            lines.append(f"{TITLES[row['score']]}: {ABOUT[row['score']]}")
        if row["score"] == ISOTOPES:
            lines[-1] += f" {row['n']} pairs; random clusters of these sizes would have {row['chance after']:.2f}."
    return lines


@st.cache_data(show_spinner=False, max_entries=50)
def _scores(
    path: str,
    finished: float | None,
    by: str,
    first: str,
    second: str,
    _shown: View,
    _images: IonImages,
    _before: np.ndarray,
    _after: np.ndarray,
) -> pd.DataFrame:
    from msiss.analyse.rescoring import rescore

    found = molecules.pairs(_images)
    pairs = None if found is None else found.table[["i", "j"]].to_numpy()
    vectors = results.features(_shown.run, by)
    return rescore({"before": _before, "after": _after}, vectors=vectors, pairs=pairs, labels=_images.labels)
