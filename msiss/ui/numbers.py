"""Which number of clusters the pages show: the run's own, or another one, into which its ions are clustered again."""

import streamlit as st

from msiss.runs.reclustering import about
from msiss.runs.store import Run

MOST = 200  # as in a training


def shown(run: Run) -> int:
    """Return the number of clusters that this session shows of a run."""
    return st.session_state.get(_key(run), run.config.clusters)


def choose(run: Run, ions: int) -> None:
    """Let the user choose the number of clusters; all pages follow, and the run's own is the default.

    Parameters
    ----------
    run : Run
    ions : int
        How many ions there are to cluster.
    """
    st.number_input(
        "Number of clusters",
        min_value=2,
        max_value=max(run.config.clusters, min(ions - 1, MOST)),
        value=shown(run),
        key=_key(run),
        persist_state="session",
        help=f"The training looked for {run.config.clusters}. Another number clusters the ions again from what was "
        "learned, in seconds; nothing is trained again. The page Map and the downloads follow.",
    )


def show(run: Run, number: int) -> None:
    """Show another number of clusters from the next run of the page on."""
    st.session_state[_key(run)] = number


def show_note(run: Run) -> None:
    """Say so where the clusters that are shown are not those of the training."""
    if text := about(run, shown(run)):
        st.caption(f":material/cached: {text}")


def _key(run: Run) -> str:
    return f"clusters shown {run.path.name}"
