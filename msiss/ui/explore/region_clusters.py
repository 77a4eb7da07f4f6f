"""Which cluster lives where: how the intensity of each cluster is divided between regions."""

import numpy as np
import streamlit as st

from msiss.analyse.regions import intensity_in, shares
from msiss.data.library import clean_name
from msiss.share.regions import cluster_table
from msiss.show.region_figures import region_bars
from msiss.ui import state
from msiss.ui.explore.regions import Compared
from msiss.ui.literal import literal
from msiss.ui.widgets import csv_download

ABOUT = (
    "Mean of the ion images of each cluster, each scaled to its brightest pixel, per pixel of a region, so that the "
    "sizes of the regions do not matter."
)
BOTH, ALL = "A and B", "all areas"
CLEAR = 2 / 3  # share from which a cluster is said to live in a region


def show(
    means: dict[int, np.ndarray], titles: dict[int, str], compared: Compared, areas: dict[str, np.ndarray]
) -> None:
    """Draw the bars, a sentence and the table as CSV."""
    which = BOTH
    if len(areas) > 1:
        which = st.segmented_control(
            "Regions", [BOTH, ALL], default=BOTH, required=True, key="region bars", persist_state="session"
        )
    pixels = {f"A: {compared.name_a}": compared.a, f"B: {compared.name_b}": compared.b}
    if which == ALL:
        pixels = areas
    intensities = intensity_in(np.stack(list(means.values())), np.stack(list(pixels.values())))
    found = shares(intensities)
    if which == BOTH:
        order = np.argsort(-found[:, 0], kind="stable")
        st.markdown(_sentence(found[:, 0], [titles[number] for number in means]))
    else:
        order = np.lexsort((-found.max(axis=1), found.argmax(axis=1)))
    names = [titles[number] for number in means]
    st.plotly_chart(
        region_bars(found[order], [names[place] for place in order], list(pixels)),
        key="region bars figure",
        config={"displayModeBar": False},
        alt="Share of the intensity of each cluster in each region",
    )
    st.caption(ABOUT)
    csv_download.button(
        "Clusters (.csv)",
        lambda: cluster_table(intensities, found, titles, list(pixels)),
        clean_name(f"msiss {state.dataset_name()} clusters by region") + ".csv",
        key="region clusters csv",
    )


def _sentence(in_a: np.ndarray, titles: list[str]) -> str:
    """Return which clusters live in which region."""

    def listed(chosen: np.ndarray) -> str:
        return ", ".join(literal(titles[place]) for place in np.flatnonzero(chosen)) or "none"

    return f"Clusters that live in **A**: {listed(in_a >= CLEAR)}. In **B**: {listed(in_a <= 1 - CLEAR)}."
