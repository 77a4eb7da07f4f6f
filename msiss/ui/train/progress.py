"""The progress of a training, drawn every two seconds until it ends, and how it ended."""

from collections.abc import Sequence

import streamlit as st

from msiss import words
from msiss.learn.method import ANALYSE, CHECK, PREPARE, Stage
from msiss.learn.methods import METHODS
from msiss.runs.jobs import UNFINISHED, State, Status
from msiss.runs.labels import title_of_run
from msiss.runs.store import Run
from msiss.show.training_figures import alignment_figure, confidence_figure, loss_figure
from msiss.ui import state
from msiss.ui.literal import literal
from msiss.ui.page import link
from msiss.ui.train import cluster
from msiss.ui.widgets import job_progress


def show(run: Run) -> None:
    """Show the progress of a training, or how it ended."""
    st.subheader(literal(title_of_run(run)))
    st.caption(cluster.summary(run))
    if st.session_state.pop("same request", None) == run.path.name:
        st.info(
            "The same data and settings were trained before, so this is that run: nothing is computed again.",
            icon=":material/cached:",
        )
    status = run.status
    if status.state in UNFINISHED:
        job_progress.watch(lambda: state.store().get(run.path.name), status.state, _show_progress, every=2.0)
    else:
        _show_end(run, status)


def _show_progress(run: Run, status: Status) -> None:
    if status.state is State.QUEUED:
        st.info("Waiting for its turn. One training runs at a time on each device.", icon=":material/hourglass:")
        job_progress.stop_button(run, "stop")
        return
    _show_stages((PREPARE, *METHODS[run.config.method].stages, ANALYSE, CHECK), status)
    job_progress.progress_bar(status, place=_place(status))
    job_progress.stop_button(run, "stop", "Stopping after the current batch ...")
    st.caption("You may close this page: the training continues, and is shown here when you return.")
    _show_curves(run)


def _show_end(run: Run, status: Status) -> None:
    if status.state is State.DONE:
        spent = words.duration((status.finished or 0) - (status.started or 0))
        st.success(f"Done in {spent}{' ' + _place(status) if _place(status) else ''}.", icon=":material/check_circle:")
        link("pages/explore/map.py", "See the map of the ions")
    else:
        (st.warning if status.state is State.STOPPED else st.error)(
            literal(status.message) or f"This training was {status.state}.", icon=":material/info:"
        )
        if st.button(
            "Resume",
            icon=":material/resume:",
            key="resume",
            help="Continues where the training last saved its state, at most some 20 seconds before it ended.",
        ):
            cluster.submit(run)
    _show_curves(run)


def _show_stages(stages: Sequence[Stage], status: Status) -> None:
    names = [stage.name for stage in stages]
    now = names.index(status.phase) if status.phase in names else 0
    badges = []
    for number, stage in enumerate(stages):
        icon = "check_circle" if number < now else "play_circle" if number == now else "circle"
        colour = "green" if number < now else "blue" if number == now else "gray"
        badges.append(f":{colour}-badge[:material/{icon}: {stage.title}]")  # a badge is never broken over two lines
    st.markdown(" ".join(badges))


def _show_curves(run: Run) -> None:
    for note in run.events("Note"):
        st.caption(f":material/info: {literal(note['message'])}")
    events = run.events("EpochEnded")
    if not events:
        return
    st.markdown("**Loss**", help="What each phase minimises. It should fall and level off.")
    st.plotly_chart(loss_figure(events), key="loss", alt="Loss of each phase over its epochs")
    if any("alignment" in event["values"] for event in events):
        st.markdown(
            "**Views and ions**",
            help="Contrastive learning brings two views of an ion image together (alignment falls) and spreads all ion "
            "images out (uniformity falls). Epochs that only spread them out hurt the clusters of the paper.",
        )
        st.plotly_chart(alignment_figure(events), key="alignment", alt="Alignment and uniformity over the epochs")
    if any("confident" in event["values"] for event in events):
        st.markdown(
            "**Confident ion images**",
            help="Share of the ion images whose cluster the network is sure of; phase 3 trains on these only.",
        )
        st.plotly_chart(confidence_figure(events), key="confident", alt="Share of confident ion images over the epochs")


def _place(status: Status) -> str:
    return f"on {literal(status.device)}" if status.device else ""
