"""What can be done with the selected ions: move them to a cluster, or cluster only them."""

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.runs.decisions import LONGEST_NOTE
from msiss.runs.grouping import Grouping
from msiss.ui import selection
from msiss.ui.explore.clusters import deciding, splitting
from msiss.ui.explore.view import View
from msiss.ui.messages import plain_errors
from msiss.words import count

NEW = -1  # in the choice of a cluster
WINDOW, TO, WHY = "move popover", "move selected to", "move selected why"


def draw(shown: View, images: IonImages, grouping: Grouping) -> None:
    """Draw the buttons; they are off while nothing is selected."""
    chosen = selection.selected()
    with st.popover("Move to ...", disabled=not chosen, key=WINDOW, on_change="rerun"):
        st.markdown(f"Move {count(len(chosen), 'selected ion')} to another cluster. The run itself is not changed.")
        if st.session_state.get(TO) not in (None, NEW, *grouping.clusters):
            del st.session_state[TO]
        to = st.selectbox(
            "To",
            [*grouping.clusters, NEW],
            index=None,
            format_func=lambda one: title(grouping, one),
            placeholder="Choose a cluster",
            key=TO,
        )
        st.text_input("Why (optional)", key=WHY, max_chars=LONGEST_NOTE, placeholder="such as only in the muscle")
        st.button(
            "Move",
            type="primary",
            key="move selected",
            disabled=to is None,
            on_click=plain_errors()(_move),
            args=(shown,),
        )
        st.divider()
        st.button(
            "Cluster only these",
            icon=":material/account_tree:",
            disabled=len(chosen) < splitting.FEWEST,
            key="split selected",
            help=f"Divide the selected ions into clusters of their own; at least {splitting.FEWEST} ions.",
            on_click=_split,
            args=(images, chosen),
        )


def title(grouping: Grouping, number: int) -> str:
    """Return what a choice of clusters calls one of them."""
    return "a new cluster" if number == NEW else f"Cluster {grouping.clusters[number].title}"


def _move(shown: View) -> None:
    to = st.session_state[TO]
    deciding.move(shown, selection.selected(), None if to == NEW else to, st.session_state[WHY])
    st.session_state[TO], st.session_state[WHY], st.session_state[WINDOW] = None, "", False


def _split(images: IonImages, chosen: list[int]) -> None:
    splitting.ask(images, chosen)
    st.session_state[WINDOW] = False
