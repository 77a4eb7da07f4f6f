"""Progress of a job: a fragment of the page that reruns until the state of the job changes; then the page reruns."""

import time
from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from msiss import words
from msiss.runs.jobs import QUEUE_CHECK_SECONDS, Job, State, Status
from msiss.ui.literal import literal
from msiss.ui.messages import plain_errors

AnyJob = TypeVar("AnyJob", bound=Job)


def submit(job: Job) -> None:
    """Submit a job to the engine; if that cannot be reached, the job fails with the reason."""
    with st.spinner("Starting the engine; the first time this takes some seconds"):
        from msiss.runs import engine

        engine.submit(job)


def watch(
    find: Callable[[], AnyJob], before: State, draw: Callable[[AnyJob, Status], None], *, every: float = 1.0
) -> None:
    """Draw the progress of a job repeatedly.

    Parameters
    ----------
    find : callable
        Returns the job.
    before : State
        Its state; as soon as that changes, the whole page is drawn again.
    draw : callable
        Draws the job with its status.
    every : float
        Seconds between two drawings.
    """
    st.fragment(_fragment, run_every=every)(find, before, draw)


def progress_bar(status: Status, *, phase: str = "", place: str = "") -> None:
    """Draw the progress of a job with its phase, the time left and the place where it runs."""
    if status.state is State.QUEUED:
        st.progress(0.0, "Waiting for its turn")
        return
    parts = [literal(phase), f"{status.fraction:.0%}", words.time_left(status.seconds_left), place]
    st.progress(min(status.fraction, 1.0), " – ".join(filter(None, parts)))


def stop_button(
    job: Job, key: str, stopping: str = "Stopping ...", *, on_click: Callable[[], None] | None = None
) -> None:
    """Draw the button that stops a job, or calls `on_click` instead."""
    if job.stop_requested():
        st.caption(stopping)
    else:
        st.button("Stop", icon=":material/stop_circle:", key=key, on_click=plain_errors()(on_click or job.request_stop))


def _check_queue(job: Job, status: Status) -> None:
    """Make sure, from time to time, that the engine still knows a job that has been queued for long."""
    since = max(status.heartbeat, st.session_state.get("queue checked", 0.0))
    if status.state is State.QUEUED and time.time() - since > QUEUE_CHECK_SECONDS:
        st.session_state["queue checked"] = time.time()
        from msiss.runs import engine

        engine.submit_waiting(job)


def _fragment(find: Callable[[], AnyJob], before: State, draw: Callable[[AnyJob, Status], None]) -> None:
    with plain_errors():
        job = find()
        status = job.status
        if status.state is not before:
            st.rerun()
        draw(job, status)
        _check_queue(job, status)
