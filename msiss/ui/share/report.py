"""The downloads of the page Report: each file is made when its button is pressed."""

from functools import partial

import streamlit as st

from msiss.share.tables import FILES, content, contents, zipped
from msiss.ui.explore import results
from msiss.ui.explore.view import View, title

ABOUT = {
    "clusters.csv": (
        "text/csv",
        "One row per ion: number, m/z in Th (or its position on the data's own axis), what is known about it, cluster "
        "and confidence (0 to 1).",
    ),
    "features.npy": (
        "application/octet-stream",
        "The vectors that are clustered, a row per ion, for Python (NumPy).",
    ),
    "embedding.csv": ("text/csv", "Coordinates of each ion on each map: UMAP and t-SNE."),
    "config.json": ("application/json", "Every setting of the training, to reproduce the result."),
}


def draw(shown: View) -> None:
    """Draw one download button per file, and one for all of them; the files have the shown clusters."""
    results.clusters(shown)  # computed first, so that no button has to wait for them
    run, by, clusters = shown.run, shown.by, shown.clusters
    st.caption(f"With the {title(shown)}; the same as on the pages Map and Clusters.")
    st.download_button(
        "Everything (.zip)",
        lambda: zipped(contents(run, by, clusters)),
        f"msiss-{run.request.dataset.name}-{run.path.name[:4]}-{by}-{clusters}-clusters.zip",
        "application/zip",
        type="primary",
        icon=":material/folder_zip:",
        on_click="ignore",
    )
    for name in FILES:
        kind, about = ABOUT[name]
        button, text = st.columns([1, 4], vertical_alignment="center")
        button.download_button(
            name,
            partial(content, name, run, by, clusters),
            name,
            kind,
            icon=":material/download:",
            on_click="ignore",
            width="stretch",
        )
        text.caption(about)
