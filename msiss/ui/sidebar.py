"""The sidebar: which data set and which run the pages show."""

import streamlit as st

from msiss.runs.jobs import State
from msiss.runs.labels import label_of, pinned_first, titles_of_runs
from msiss.runs.store import Run
from msiss.show.palette import COLOUR_MAPS
from msiss.ui import state, tour
from msiss.ui.literal import literal
from msiss.ui.server import connection
from msiss.version import __version__

STATE_COLOURS = {
    State.QUEUED: "gray",
    State.RUNNING: "blue",
    State.DONE: "green",
    State.STOPPED: "orange",
    State.FAILED: "red",
    State.LOST: "red",
    State.DAMAGED: "red",
}


def draw() -> None:
    """Draw the pickers of the current data set and run, and the tour of the demo."""
    with st.sidebar:
        names = state.dataset_names()
        if names:
            tour.draw(state.dataset())
            _dataset_picker(names)
            _run_picker(state.runs())
        _display()
        st.caption(f"msiss {__version__}")
        connection.watch()


def badge(run: Run) -> str:
    """Return the state of a run as a coloured badge."""
    current = run.status.state
    return f":{STATE_COLOURS[current]}-badge[{current}]"


def _display() -> None:
    with st.expander("Display and name", icon=":material/palette:"):
        st.selectbox(
            "Colour map of ion images",
            COLOUR_MAPS,
            key="colour map",
            persist_state="session",
            help="Viridis and cividis can be read with any colour vision, and in grey.",
        )
        st.text_input(
            "Your name or initials",
            key="who",
            persist_state="session",
            max_chars=80,
            help="Kept with what you name, note or correct, so that others know who did.",
        )


def _dataset_picker(names: list[str]) -> None:
    st.session_state["dataset_picker"] = state.dataset_name()
    st.selectbox(
        "Data set",
        names,
        key="dataset_picker",
        on_change=lambda: state.choose_dataset(st.session_state["dataset_picker"]),
        help="All pages show this data set.",
    )


def _run_picker(runs: list[Run]) -> None:
    if not runs:
        st.caption("No training on this data set yet.")
        return
    runs = pinned_first(runs)
    titles = titles_of_runs(runs, short=True)
    st.session_state["run_picker"] = st.session_state["run"]
    st.selectbox(
        "Run",
        list(titles),
        format_func=lambda identity: titles[identity],
        key="run_picker",
        on_change=lambda: state.choose_run(st.session_state["run_picker"]),
        help="Each training is kept as a run: by its name or else its method, number of clusters, seed and date. The "
        "pages under Explore and Share show the results of this one.",
    )
    current = next(run for run in runs if run.path.name == st.session_state["run"])
    st.markdown(" ".join([badge(current), *(f":gray-badge[{literal(tag)}]" for tag in label_of(current).tags)]))
