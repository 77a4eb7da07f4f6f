"""Watching a job: a part of the page that draws itself again until the job begins or ends; then the whole page does."""

import time
from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from msiss import words
from msiss.runs.jobs import Job, State, Status
from msiss.ui.guard import plain_errors
from msiss.ui.literal import literal

AnyJob = TypeVar("AnyJob", bound=Job)
PATIENCE_SECONDS = 60  # the engine is asked for what waits longer than this


def submit(job: Job) -> None:
    """Hand a job to the engine; where that cannot be reached, the job has failed with the reason."""
    with st.spinner("Starting the engine; the first time this takes some seconds"):
        from msiss.runs import engine

        engine.submit(job)


def watch(
    find: Callable[[], AnyJob], before: State, draw: Callable[[AnyJob, Status], None], *, every: float = 1.0
) -> None:
    """Draw how far a job is, again and again.

    Parameters
    ----------
    find : callable
        Returns the job.
    before : State
        Where it stands; as soon as that changes, the whole page is drawn again.
    draw : callable
        Draws the job with its status.
    every : float
        Seconds from one drawing to the next.
    """
    st.fragment(_part, run_every=every)(find, before, draw)


def progress(status: Status, *, phase: str = "", place: str = "") -> None:
    """Draw how much of a job is done and how long it will still take, with what is being done and where."""
    if status.state is State.QUEUED:
        st.progress(0.0, "Waiting for its turn")
        return
    parts = [literal(phase), f"{status.fraction:.0%}", words.time_left(status.seconds_left), place]
    st.progress(min(status.fraction, 1.0), " – ".join(filter(None, parts)))


def stop(job: Job, key: str, stopping: str = "Stopping ...", *, on_click: Callable[[], None] | None = None) -> None:
    """Draw the button that stops a job, or does what `on_click` does."""
    if job.stop_requested():
        st.caption(stopping)
    else:
        st.button("Stop", icon=":material/stop_circle:", key=key, on_click=plain_errors()(on_click or job.request_stop))


def _look_after(job: Job, status: Status) -> None:
    """See to it, once in a while, that the engine still knows a job that has waited for long."""
    since = max(status.heartbeat, st.session_state.get("looked after", 0.0))
    if status.state is State.QUEUED and time.time() - since > PATIENCE_SECONDS:
        st.session_state["looked after"] = time.time()
        from msiss.runs import engine

        engine.submit_waiting(job)


def _part(find: Callable[[], AnyJob], before: State, draw: Callable[[AnyJob, Status], None]) -> None:
    with plain_errors():
        job = find()
        status = job.status
        if status.state is not before:
            st.rerun()
        draw(job, status)
        _look_after(job, status)
