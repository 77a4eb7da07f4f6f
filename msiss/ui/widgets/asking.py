"""Asking for what takes long to compute: the answer from disk, or how far the engine is with it."""

from functools import partial
from typing import Any

import streamlit as st

from msiss.errors import RunError
from msiss.home import analyses_folder
from msiss.runs.analyses import AnalysisJob, AnalysisStore, Question
from msiss.runs.jobs import UNFINISHED, State, Status
from msiss.ui.literal import literal
from msiss.ui.widgets import watching


def answer(question: Question, title: str, *, place: str = "") -> Any | None:
    """Return the answer of a question where it is known; else have it worked out, show how far that is, return None.

    Parameters
    ----------
    question : Question
    title : str
        What is being done, for the user.
    place : str
        Who asks: a place that goes on to another question does not wait for its former one any more.
    """
    if place:
        _give_up_former(place, question)
    if (found := question.answer()) is not None:
        return found
    job = _store().find(question)
    if job is not None and job.status.state is State.DONE and question.answer() is None:
        job.delete()  # somebody has removed the answer
        job = None
    if job is None or (job.status.state is State.STOPPED and job.path.name not in _stopped()):
        job = job or _store().create(question)  # what others have given up is taken up again
        watching.submit(job)
    if (found := question.answer()) is not None:  # worked out since the first look
        return found
    status = job.status
    if status.state in UNFINISHED:
        watching.watch(partial(_find, question), status.state, partial(_show_progress, title=title))
    else:
        _show_end(job, status, title)
    return None


def is_asked(question: Question) -> bool:
    """Tell whether somebody has asked a question that is not answered yet."""
    job = _store().find(question)
    return job is not None and job.status.state is not State.DONE


def _show_progress(job: AnalysisJob, status: Status, *, title: str) -> None:
    with st.container(border=True):
        st.markdown(f"**{title}**")
        watching.progress(status, phase=status.phase)
        watching.stop(job, f"stop {job.path.name}", on_click=partial(_stop, job))
        st.caption("You may go to another page: this goes on, and is here when you come back.")


def _show_end(job: AnalysisJob, status: Status, title: str) -> None:
    with st.container(border=True):
        stopped = status.state is State.STOPPED
        (st.warning if stopped else st.error)(
            f"**{title}**: {literal(status.message or status.state)}",
            icon=":material/stop_circle:" if stopped else ":material/error:",
        )
        _again(job)


def _again(job: AnalysisJob) -> None:
    if st.button("Try again", icon=":material/restart_alt:", key=f"again {job.path.name}"):
        _stopped().discard(job.path.name)
        watching.submit(job)
        st.rerun()


def _stop(job: AnalysisJob) -> None:
    _stopped().add(job.path.name)
    job.request_stop()


def _stopped() -> set[str]:
    """Return what was stopped in this session, so that it waits to be tried again."""
    return st.session_state.setdefault("stopped analyses", set())


def _give_up_former(place: str, question: Question) -> None:
    """Stop what a place has asked before, where that is still queued or worked on."""
    asked = st.session_state.setdefault("asked analyses", {})
    former = asked.get(place)
    asked[place] = question
    job = None if former in (None, question) else _store().find(former)
    if job is not None and job.status.state in UNFINISHED:
        job.request_stop()


def _find(question: Question) -> AnalysisJob:
    job = _store().find(question)
    if job is None:
        raise RunError("What was being computed here was deleted. Load the page again.")
    return job


def _store() -> AnalysisStore:
    return AnalysisStore(analyses_folder())
