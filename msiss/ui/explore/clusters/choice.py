"""Which part of the page Clusters is shown, and which cluster; both are kept while other pages are shown."""

import streamlit as st

from msiss.runs.grouping import Grouping
from msiss.ui.explore.view import View

SHEET, ONE, SPECTRUM, REVIEW, LEARN = "All clusters", "One cluster", "Spectrum", "Review", "Learn"
PARTS = (SHEET, ONE, SPECTRUM, REVIEW, LEARN)
PART = "clusters part"
PICKER = "cluster picker"
_OPEN = "open clusters"


def choose_part() -> str:
    """Let the user choose a part of the page."""
    return st.segmented_control(
        "Part of the page",
        PARTS,
        default=SHEET,
        required=True,
        key=PART,
        persist_state="session",
        label_visibility="collapsed",
    )


def show_part(name: str) -> None:
    """Show another part when the page is drawn next."""
    st.session_state[PART] = name


def open_cluster(shown: View, number: int) -> None:
    """Show one cluster when the page is drawn next."""
    _remember(shown, number)
    show_part(ONE)


def opened(shown: View, grouping: Grouping) -> int:
    """Return the number of the cluster that is shown: the one opened last, else the first."""
    number = _opened().get(_view(shown))
    return number if number in grouping.clusters else next(iter(grouping.clusters))


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
    _opened()[_view(shown)] = number


def _view(shown: View) -> tuple[str, str, int]:
    return shown.run.path.name, shown.by, shown.clusters


def _opened() -> dict[tuple[str, str, int], int]:
    return st.session_state.setdefault(_OPEN, {})
