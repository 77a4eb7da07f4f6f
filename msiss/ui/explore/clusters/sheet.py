"""All clusters of a run on one screen."""

import numpy as np
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.runs.applying import Cluster
from msiss.runs.grouping import Grouping
from msiss.share.figures.options import Options
from msiss.ui import state
from msiss.ui.components.cluster_sheet import Sheet, cluster_sheet
from msiss.ui.explore.clusters import choice, means
from msiss.ui.explore.view import View
from msiss.ui.widgets import figure_download
from msiss.words import count

SIZES = {"small": 110, "medium": 160, "large": 240}  # least width of a picture in screen pixels


def draw(shown: View, images: IonImages, grouping: Grouping) -> None:
    """Draw the mean image of each cluster with number, name, number of ions and mean confidence."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Mean image of each cluster, every ion image scaled to its own maximum. Click one to open it.")
        size = st.segmented_control(
            "Size of the pictures",
            list(SIZES),
            default="medium",
            required=True,
            key="sheet size",
            persist_state="session",
            label_visibility="collapsed",
        )
        figure_download.popover("clusters", grouping, images, Options(colours=state.colours()), key="save sheet")
    if empty := shown.clusters - np.unique(grouping.table["original"]).size:
        st.caption(about_empty(shown, empty))
    pictures = means.addresses(shown, images)
    confidence = grouping.table["confidence"].to_numpy()
    clusters = []
    for number, cluster in grouping.clusters.items():
        members = grouping.members(number)
        clusters.append(
            Sheet(
                number=number,
                title=cluster.title,
                colour=cluster.colour,
                src=pictures[number],
                about=about(cluster, len(members), confidence[members]),
                tissue=cluster.tissue,
            )
        )
    cluster_sheet(
        clusters,
        key="cluster sheet",
        width=SIZES[size],
        on_open=lambda number: choice.open_cluster(shown, number),
        shown=choice.opened(shown, grouping),
    )


def about(cluster: Cluster, ions: int, confidence: np.ndarray) -> str:
    """Return what stands below a cluster: its size, its mean confidence if that is known, and what a person said."""
    lines = [count(ions, "ion")]
    if np.isfinite(confidence).any():
        lines[0] += f", confidence {np.nanmean(confidence):.2f}"
    if cluster.parent is not None:
        lines.append(f"part of {cluster.parent}")
    if not cluster.tissue:
        lines.append("not tissue")
    return "\n".join(lines)


def about_empty(shown: View, number: int) -> str:
    """Return why some clusters were empty before all corrections."""
    if (shown.by, shown.clusters) != (shown.run.config.result, shown.run.config.clusters):
        return f"{count(number, 'cluster')} without ions: these ions have fewer distinct patterns."
    return f"{count(number, 'cluster')} lost all ions to the others while the clusters were refined."
