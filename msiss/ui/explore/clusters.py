"""The parts of the page Clusters: one box per cluster with its mean image and its members."""

import numpy as np
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.learn.methods import METHODS
from msiss.show.palette import cluster_colour
from msiss.show.thumbnails import thumbnail
from msiss.ui.explore import ions, results
from msiss.ui.explore.view import View
from msiss.words import count

BY_CONFIDENCE = "confidence"
SMALL = 110  # screen pixels of a member's picture


def choose_order(shown: View, images: IonImages) -> str:
    """Let the user choose how the members of a cluster are ordered."""
    if not has_confidence(shown):
        st.caption(f"Ordered by {images.axis.name}: only the clusters of the training itself have a confidence.")
        return images.axis.name
    return st.segmented_control(
        "Order",
        [BY_CONFIDENCE, images.axis.name],
        default=BY_CONFIDENCE,
        required=True,
        key="members order",
        persist_state="session",
        help=f"Confidence, from 0 to 1, is {METHODS[shown.run.config.method].confidence}.",
    )


def has_confidence(shown: View) -> bool:
    """Tell whether the shown clusters have a confidence for each ion."""
    return bool(results.clusters(shown)["confidence"].notna().all())


def about_empty(shown: View, number: int) -> str:
    """Return why some clusters are empty."""
    if (shown.by, shown.clusters) != (shown.run.config.result, shown.run.config.clusters):
        return f"{count(number, 'cluster')} without ions: these ions have fewer distinct patterns."
    return f"{count(number, 'cluster')} lost all ions to the others while the clusters were refined."


def show_cluster(shown: View, images: IonImages, cluster: int, order: str) -> None:
    """Draw one cluster: its mean image, how many ions it has, and their images."""
    table = results.clusters(shown)
    members = np.flatnonzero(table["cluster"] == cluster)
    confidence = table["confidence"].to_numpy()
    by_confidence, confident = order == BY_CONFIDENCE, has_confidence(shown)
    members = members[np.argsort(-confidence[members] if by_confidence else images.mz[members], kind="stable")]
    with st.container(border=True):
        left, right = st.columns([1, 4], gap="medium")
        with left:
            colour = cluster_colour(cluster)  # as on the map
            st.markdown(f'**Cluster {cluster}** <span style="color:{colour}">⬤</span>', unsafe_allow_html=True)
            mean = results.mean_images(shown, images)[cluster]
            png = thumbnail(mean, images.mask, pixel_size=images.pixel_size)
            about = f"mean image of {count(len(members), 'ion')}"
            if confident:
                about += f"  \nmean confidence {confidence[members].mean():.2f}"
            st.image(png, caption=about, width="stretch", alt=f"Mean image of cluster {cluster}")
        with right:
            notes = [f"confidence {confidence[ion]:.2f}" for ion in members] if confident else None
            ions.gallery(
                images,
                members.tolist(),
                key=f"cluster {cluster}",
                about=f"Members of cluster {cluster}",
                notes=notes,
                size=12,
                width=SMALL,
            )
