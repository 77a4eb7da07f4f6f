"""The ions that a person should look at, most urgent first, and those that were skipped."""

import pandas as pd
import streamlit as st

from msiss.runs.analyses import NearestQuestion
from msiss.runs.decisions import stamp
from msiss.runs.grouping import Grouping
from msiss.ui.explore.view import View
from msiss.ui.widgets import analysis


def queue(shown: View, grouping: Grouping) -> pd.DataFrame | None:
    """Return the ions with their reasons, see `msiss.runs.reviewing.review_of`; do not modify them.

    If the nearest ions must be found first, show the progress and return None.
    """
    run = shown.run
    question = NearestQuestion(run=run.path.resolve(), finished=run.status.finished, by=shown.by)
    if analysis.result(question, "Looking for similar ions", place="review") is None:
        return None
    return _queue(str(run.path), run.status.finished, shown.by, shown.clusters, stamp(run), grouping)


def skipped(shown: View) -> list[int]:
    """Return the ions that were skipped in this session, in their order."""
    view = (shown.run.path.name, shown.by, shown.clusters)
    return st.session_state.setdefault("skipped ions", {}).setdefault(view, [])


@st.cache_resource(show_spinner=False, max_entries=20)
def _queue(
    path: str, finished: float | None, by: str, clusters: int, decisions: str, _grouping: Grouping
) -> pd.DataFrame:
    from msiss.runs.reviewing import review_of

    return review_of(_grouping)
