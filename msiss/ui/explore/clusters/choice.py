"""Which part of the page Clusters is shown, and which cluster; the address has both."""

import streamlit as st

from msiss.runs.grouping import Grouping
from msiss.ui import state
from msiss.ui.explore.view import View

SHEET, ONE, SPECTRUM, REVIEW, LEARN = "All clusters", "One cluster", "Spectrum", "Review", "Learn"
PARTS = {"all": SHEET, "one": ONE, "spectrum": SPECTRUM, "review": REVIEW, "learn": LEARN}  # by name in an address
PART = "clusters part"
PICKER = "cluster picker"


def choose_part() -> str:
    """Let the user choose a part of the page."""
    wanted = state.linked("part") or "all"
    if wanted not in PARTS:
        state.notify(f"The link asks for the part “{wanted}” of this page, which it does not have.")
        state.link_to("part", None)
    st.session_state[PART] = PARTS.get(wanted, SHEET)  # the address has the choice, not the widget
    return st.segmented_control(
        "Part of the page",
        list(PARTS.values()),
        default=SHEET,
        required=True,
        key=PART,
        on_change=lambda: show_part(st.session_state[PART]),
        label_visibility="collapsed",
    )


def show_part(name: str) -> None:
    """Show another part when the page is drawn next."""
    chosen = next(short for short, part in PARTS.items() if part == name)
    state.link_to("part", None if name == SHEET else chosen)


def open_cluster(shown: View, number: int) -> None:
    """Show one cluster when the page is drawn next."""
    _remember(shown, number)
    show_part(ONE)


def opened(shown: View, grouping: Grouping) -> int:
    """Return the number of the cluster that is shown: the one opened last, else the first."""
    numbers = {str(number): number for number in grouping.clusters}
    wanted = state.opened_cluster(shown.run.path.name)
    if wanted is not None and wanted not in numbers:
        state.notify(f"There is no cluster “{wanted}” among those shown. The first one is shown instead.")
        state.open_cluster(shown.run.path.name, None)
        wanted = None
    return next(iter(numbers.values())) if wanted is None else numbers[wanted]


def choose_cluster(shown: View, grouping: Grouping) -> int:
    """Let the user choose a cluster, by name or one after the other."""
    numbers = list(grouping.clusters)
    number = opened(shown, grouping)
    place = numbers.index(number)
    st.session_state[PICKER] = number  # another page may have changed it
    st.selectbox(
        "Cluster",
        numbers,
        format_func=lambda one: f"Cluster {grouping.clusters[one].title}",
        key=PICKER,
        # Not `open_cluster`: a browser may report a change where only the clusters to choose from have changed, and the
        # user may have gone on to another part meanwhile.
        on_change=lambda: _remember(shown, st.session_state[PICKER]),
        label_visibility="collapsed",
        width=200,
    )
    for title, icon, step in (("Previous cluster", "chevron_left", -1), ("Next cluster", "chevron_right", 1)):
        st.button(
            "",
            icon=f":material/{icon}:",
            help=title,
            key=title,
            on_click=_remember,
            args=(shown, numbers[(place + step) % len(numbers)]),
        )
    return number


def _remember(shown: View, number: int) -> None:
    state.open_cluster(shown.run.path.name, str(number))
