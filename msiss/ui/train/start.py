"""The choice of the weights that a training by the paper's method starts with."""

import hashlib
from pathlib import Path

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.errors import MsissError
from msiss.runs.encoders import WEIGHTS, offered_encoders, starting_point
from msiss.runs.labels import title_of_run
from msiss.runs.store import Run
from msiss.ui import state
from msiss.ui.messages import plain_errors
from msiss.ui.widgets import forms

IMAGENET = "ImageNet (photographs)"
ABOUT = (
    "Usually the network starts with what it learned from photographs. It can start with what it learned in an earlier "
    "training by this method on another data set instead, such as the section before. Its weights are copied, so that "
    "the earlier run may be deleted."
)


def choose(images: IonImages) -> None:
    """Let the user choose an earlier training to start from, if there is one on other data."""
    offered = {_name(str(run.path), run.status.finished, run): run for run in _offered(images)}
    current = forms.value("start")
    if not (offered or current):
        return
    titles = {"": IMAGENET} | {name: _title(run) for name, run in offered.items()}
    if current not in titles:
        titles[current] = f"weights {current[:8]}, of a training that is not here any more"
    st.session_state["start choice"] = current
    st.selectbox(
        "Start from",
        list(titles),
        index=list(titles).index(current),
        format_func=lambda name: titles[name],
        key="start choice",
        on_change=_take,
        args=(offered, images),
        help=ABOUT,
    )


def _offered(images: IonImages) -> list[Run]:
    return list(offered_encoders(state.store(), images.fingerprint))


def _title(run: Run) -> str:
    return f"{run.request.dataset.name}: {title_of_run(run)}"


@plain_errors()
def _take(offered: dict[str, Run], images: IonImages) -> None:
    name = st.session_state["start choice"]
    if not name:
        state.change({"start": ""})
    elif name in offered:
        try:
            state.change(starting_point(offered[name], images.fingerprint))
        except MsissError as error:
            state.notify(str(error), "error")


@st.cache_data(show_spinner=False, max_entries=500)
def _name(path: str, finished: float | None, _run: Run) -> str:
    """Return the SHA-256 of the weights of a run."""
    with Path(_run.result_path(WEIGHTS)).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
