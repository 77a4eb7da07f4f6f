"""Results that take long to compute: read from disk, or computed by the engine while the page shows its progress."""

from functools import partial
from typing import Any

import streamlit as st

from msiss.errors import RunError
from msiss.home import analyses_folder
from msiss.runs.analyses import AnalysisJob, AnalysisStore, Question
from msiss.runs.jobs import UNFINISHED, State, Status
from msiss.ui.literal import literal
from msiss.ui.widgets import job_progress


def result(question: Question, title: str, *, place: str = "") -> Any | None:
    """Return the answer of a question if it is known; else have it computed, show the progress and return None.

    Parameters
    ----------
    question : Question
    title : str
        Description of the computation, for the user.
    place : str
        Name of the part of the pages that asks: when it asks another question, the previous one is stopped.
    """
    if place:
        _stop_previous(place, question)
    if (found := question.answer()) is not None:
        return found
    job = _store().find(question)
    if job is not None and job.status.state is State.DONE and question.answer() is None:
        job.delete()  # the answer was deleted
        job = None
    if job is None or (job.status.state is State.STOPPED and job.path.name not in _stopped()):
        job = job or _store().create(question)  # restarts what another session has stopped
        job_progress.submit(job)
    if (found := question.answer()) is not None:  # computed in the meantime
        return found
    status = job.status
    if status.state in UNFINISHED:
        job_progress.watch(partial(_find, question), status.state, partial(_show_progress, title=title))
    else:
        _show_end(job, status, title)
    return None


def is_requested(question: Question) -> bool:
    """Tell whether a question was asked, in any session, and is not answered yet."""
    job = _store().find(question)
    return job is not None and job.status.state is not State.DONE


def _show_progress(job: AnalysisJob, status: Status, *, title: str) -> None:
    with st.container(border=True):
        st.markdown(f"**{title}**")
        job_progress.progress_bar(status, phase=status.phase)
        job_progress.stop_button(job, f"stop {job.path.name}", on_click=partial(_stop, job))
        st.caption("You may go to another page: this continues, and is here when you return.")


def _show_end(job: AnalysisJob, status: Status, title: str) -> None:
    with st.container(border=True):
        stopped = status.state is State.STOPPED
        (st.warning if stopped else st.error)(
            f"**{title}**: {literal(status.message or status.state)}",
            icon=":material/stop_circle:" if stopped else ":material/error:",
        )
        _retry_button(job)


def _retry_button(job: AnalysisJob) -> None:
    if st.button("Try again", icon=":material/restart_alt:", key=f"again {job.path.name}"):
        _stopped().discard(job.path.name)
        job_progress.submit(job)
        st.rerun()


def _stop(job: AnalysisJob) -> None:
    _stopped().add(job.path.name)
    job.request_stop()


def _stopped() -> set[str]:
    """Return the ids of what was stopped in this session, which is not restarted without a click."""
    return st.session_state.setdefault("stopped analyses", set())


def _stop_previous(place: str, question: Question) -> None:
    """Stop the previous question of a place, if it is still queued or running."""
    asked = st.session_state.setdefault("asked analyses", {})
    previous = asked.get(place)
    asked[place] = question
    job = None if previous in (None, question) else _store().find(previous)
    if job is not None and job.status.state in UNFINISHED:
        job.request_stop()


def _find(question: Question) -> AnalysisJob:
    job = _store().find(question)
    if job is None:
        raise RunError("What was being computed here was deleted. Load the page again.")
    return job


def _store() -> AnalysisStore:
    return AnalysisStore(analyses_folder())
