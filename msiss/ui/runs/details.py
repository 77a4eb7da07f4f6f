"""One run on the page Runs: its settings, what a person writes on it, and what can be done with it."""

from collections.abc import Callable

import streamlit as st

from msiss.errors import MsissError
from msiss.learn.paper.config import PaperConfig
from msiss.runs.jobs import State
from msiss.runs.labels import LONGEST_NAME, LONGEST_NOTE, MOST_TAGS, change_label, label_of, title_of_run
from msiss.runs.run_bin import RunBin
from msiss.runs.store import Run
from msiss.ui import sidebar, state
from msiss.ui.literal import literal
from msiss.ui.messages import plain_errors
from msiss.ui.runs import transfer
from msiss.ui.train import cluster

STARTS = (
    "Its encoder can be what a training on another data set starts from: choose that data set, then this run at "
    "“Start from” on the page Cluster."
)
BOUND = (
    "What its small network learned belongs to the grid of this section: it has a weight for every place. So a "
    "training on another section cannot start from it."
)


def show(run: Run) -> None:
    """Draw the settings of a run, its label to be edited, and its buttons."""
    with st.container(border=True):
        st.markdown(f"**{literal(title_of_run(run))}** {sidebar.badge(run)}")
        st.caption(cluster.summary(run))
        buttons([run])
        _edit(run)
        if run.status.state is State.DONE:
            st.caption(STARTS if isinstance(run.config, PaperConfig) else BOUND)


def buttons(runs: list[Run]) -> None:
    """Draw the buttons for one or more runs: open, pin and delete."""
    key = " ".join(run.path.name for run in runs)
    with st.container(horizontal=True):
        if len(runs) == 1:
            identity = runs[0].path.name
            st.button(
                "Show on all pages",
                icon=":material/visibility:",
                key=f"open {key}",
                disabled=identity == st.session_state.get("run"),
                on_click=state.choose_run,
                args=(identity,),
                help="The pages under Explore and Share show its results.",
            )
        pinned = all(label_of(run).pinned for run in runs)
        st.button(
            "Unpin" if pinned else "Pin",
            icon=":material/keep_off:" if pinned else ":material/keep:",
            key=f"pin {key}",
            on_click=_change,
            args=(runs,),
            kwargs={"pinned": not pinned},
            help="Pinned runs are listed first.",
        )
        if len(runs) == 1:
            transfer.export_box(runs[0])
        running = any(run.status.state is State.RUNNING for run in runs)
        with st.popover("Delete", icon=":material/delete:", disabled=running, key=f"deleting {key}"):
            st.markdown("Move to the bin? It can be restored from there until the bin is emptied.")
            st.button("Move to the bin", key=f"delete {key}", type="primary", on_click=_delete, args=(runs,))


def _edit(run: Run) -> None:
    label, identity = label_of(run), run.path.name
    left, right = st.columns([3, 2])
    with left:
        _field(st.text_input, run, "Name", "name", label.name, max_chars=LONGEST_NAME, placeholder=title_of_run(run))
    with right:
        key = f"tags {identity}"
        known = dict.fromkeys((*label.tags, *(tag for one in state.runs() for tag in label_of(one).tags)))
        st.multiselect(
            "Tags",
            list(known),
            default=list(label.tags),
            max_selections=MOST_TAGS,
            accept_new_options=True,
            placeholder="Type a tag",
            key=key,
            on_change=lambda: _change([run], tags=st.session_state[key]),
        )
    _field(st.text_area, run, "Note", "note", label.note, max_chars=LONGEST_NOTE, height=80)


def _field(widget: Callable[..., object], run: Run, title: str, name: str, value: str, **more: object) -> None:
    key = f"{name} {run.path.name}"
    widget(title, value, key=key, on_change=lambda: _change([run], **{name: st.session_state[key]}), **more)


@plain_errors()
def _change(runs: list[Run], **changes: object) -> None:
    try:
        for run in runs:
            change_label(run, **changes)
    except MsissError as error:
        state.notify(str(error), "error")


@plain_errors()
def _delete(runs: list[Run]) -> None:
    trash = RunBin(state.store().folder)
    for run in runs:
        try:
            trash.put(run)
        except MsissError as error:  # another session has started or deleted it meanwhile
            state.notify(str(error), "error")
            continue
        if st.session_state.get("run") == run.path.name:
            state.choose_run(None)
