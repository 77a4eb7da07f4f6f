"""The tour in the sidebar: what to click on the demo, page by page, to see in five minutes what msiss does."""

from dataclasses import dataclass
from pathlib import PurePosixPath

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.ui import state

SIMULATED = "phantom "  # how the source of a simulated section begins


@dataclass(frozen=True)
class Step:
    """A stop of the tour.

    Attributes
    ----------
    page : str
        File of the page.
    title : str
        Name of the page.
    text : str
        What to click there and what it shows, in one sentence.
    """

    page: str
    title: str
    text: str

    @property
    def name(self) -> str:
        """The page as `state.page` names it."""
        return PurePosixPath(self.page).stem


STEPS = (
    Step("pages/data/open.py", "Open", "A section with the image of every ion: choose one to see it."),
    Step("pages/train/cluster.py", "Cluster", "Press Start, and go on while it trains."),
    Step("pages/explore/similarity.py", "Similarity", "Compare ions by plain measures, before any training is done."),
    Step("pages/explore/map.py", "Map", "Draw around some points, and see their ion images."),
    Step("pages/explore/clusters.py", "Clusters", "Click an image, name the cluster, and drag an ion to another one."),
    Step("pages/explore/regions.py", "Regions", "Draw around a part of the tissue, and see which ions live there."),
    Step("pages/explore/overlay.py", "Overlay", "Choose three clusters, and see them in colours over each other."),
    Step("pages/explore/quality.py", "Quality", "Read how far to trust the result, and what to start with."),
    Step("pages/share/report.py", "Report", "Take along a report in one file, figures for print and tables."),
)
VISITED, AHEAD = ":material/check_circle:", ":material/radio_button_unchecked:"
UNFOLDED = "tour unfolded"
FIRST_PAGE = "open"  # has the bare address


def draw(images: IonImages | None) -> None:
    """Draw the tour, if the current data set is the demo and the tour was not closed; tick the page that is shown."""
    if images is None or not images.source.startswith(SIMULATED) or st.session_state.get("tour closed"):
        return
    visited = st.session_state.setdefault("tour visited", set())
    visited.add(state.page() or FIRST_PAGE)
    if UNFOLDED not in st.session_state:  # Streamlit forgets it when the page changes
        st.session_state[UNFOLDED] = st.session_state.get("tour unfolded before", False)
    fold = st.expander("Tour in five minutes", icon=":material/tour:", key=UNFOLDED, on_change=_keep)
    with fold, st.container(gap="xsmall"):
        for number, step in enumerate(STEPS, start=1):
            st.page_link(
                step.page,
                label=f"{number}. {step.title}",
                icon=VISITED if step.name in visited else AHEAD,
                query_params=state.query_params(),
            )
            st.caption(step.text)
        st.button("Close the tour", icon=":material/close:", type="tertiary", key="close tour", on_click=_close)


def _keep() -> None:
    st.session_state["tour unfolded before"] = st.session_state[UNFOLDED]


def _close() -> None:
    st.session_state["tour closed"] = True
