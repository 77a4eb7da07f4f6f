"""The downloads of the page Report."""

import streamlit as st

from msiss.runs.store import Run
from msiss.share.tables import FILES, contents, zipped
from msiss.ui import numbers

ABOUT = {
    "clusters.csv": (
        "text/csv",
        "One row per ion: number, m/z in Th (or its place on the data's own axis), what is known about it, cluster and "
        "confidence (0 to 1).",
    ),
    "features.npy": ("application/octet-stream", "What the trained network sees in each ion, for Python (NumPy)."),
    "embedding.csv": ("text/csv", "Place of each ion on each map: UMAP and t-SNE of every representation."),
    "config.json": ("application/json", "Every setting of the training, to make the result again."),
}


def draw(run: Run) -> None:
    """Draw one button per file, and one for all of them; they hold the number of clusters that is shown."""
    number = numbers.shown(run)
    files = _contents(str(run.path), number, run)
    archive = f"msiss-{run.request.dataset.name}-{run.path.name[:4]}-{number}-clusters.zip"
    st.caption(f"With {number} clusters, as the page Clusters shows.")
    numbers.show_note(run)
    st.download_button(
        "Everything (.zip)", zipped(files), archive, "application/zip", type="primary", icon=":material/folder_zip:"
    )
    for name in FILES:
        kind, about = ABOUT[name]
        button, text = st.columns([1, 4], vertical_alignment="center")
        button.download_button(
            name, files[name], name, kind, icon=":material/download:", on_click="ignore", width="stretch"
        )
        text.caption(about)


@st.cache_data(show_spinner="Collecting the files", max_entries=10)
def _contents(path: str, number: int, _run: Run) -> dict[str, bytes]:  # noqa: ARG001
    return contents(_run, number)
