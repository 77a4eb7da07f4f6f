"""The parts of the page Cluster: the form of a new training, and what a run was trained with."""

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.errors import SettingError
from msiss.learn.methods import METHODS
from msiss.runs.jobs import State
from msiss.runs.store import Run
from msiss.ui import state
from msiss.ui.messages import plain_errors
from msiss.ui.open import import_jobs
from msiss.ui.prepare import training_data
from msiss.ui.train import methods
from msiss.ui.widgets import forms, job_progress
from msiss.words import count, duration

# The pages Prepare and Augment show what their settings do to the images.
TABS = {"General": {"": ""}, "Prepare": {"prepare": ""}}  # of every method, before its own tabs
MAIN = ("method", "clusters", "encoder", "start", "device", "seed")  # drawn above the tabs


def form(images: IonImages) -> None:
    """Draw the settings of a new training and the button that starts it."""
    data = training_data.choose(images)
    number, start = st.columns(2, vertical_alignment="bottom")
    with number:
        forms.setting("clusters")
    pressed = start.button("Start", type="primary", icon=":material/play_arrow:", key="start", width="stretch")
    st.markdown(methods.expected_time(state.settings(), data.ions))
    if pressed:
        with plain_errors():
            _start(images, data)
    forms.refusal()
    methods.choose(images)
    left, right = st.columns(2)
    with left:
        forms.setting("device")
    with right:
        forms.setting("seed")
    if changes := state.changes_from_preset():
        st.caption(f"{count(len(changes), 'value')} changed from the preset {state.preset()}.", help=_listed(changes))
    with st.expander("All other settings", icon=":material/tune:"):
        tabs = {**TABS, **METHODS[state.settings().method].tabs}
        for tab, groups in zip(st.tabs(list(tabs)), tabs.values(), strict=True):
            with tab:
                for group, title in groups.items():
                    if title:
                        st.markdown(f"**{title}**")
                    forms.form(group, without=() if group else MAIN)


def submit(run: Run) -> None:
    """Submit a run of the current data set to the engine and show it."""
    run.record_dataset(state.library().path(str(state.dataset_name())))
    job_progress.submit(run)
    st.rerun()


def summary(run: Run) -> str:
    """Return the settings that distinguish a run from others, and how long it took."""
    config, status = run.config, run.status
    method = METHODS[config.method]
    parts = [method.title, *method.summary(config), f"{config.prepare.side} px", f"seed {config.seed}"]
    if status.started and status.finished:
        parts.append(duration(status.finished - status.started))
    if run.unknown:
        parts.append(f"with settings that this version of msiss does not know: {', '.join(run.unknown)}")
    return ", ".join(parts)


def _start(images: IonImages, data: training_data.TrainingData) -> None:
    config = state.settings()
    if config.clusters >= data.ions:
        raise SettingError(
            f"There are {count(data.ions, 'ion image')}, too few for {config.clusters} clusters. Choose a smaller "
            "number of clusters."
        )
    dataset = state.library().path(str(state.dataset_name()))
    if data.new_name:
        import_jobs.start(files=(dataset,), recipe=state.recipe(images), name=data.new_name, train=config)
    run = state.store().create(dataset=dataset, fingerprint=images.fingerprint, config=config)
    state.choose_run(run.path.name)
    if run.status.state in (State.DONE, State.RUNNING):
        st.session_state["same request"] = run.path.name
        st.rerun()
    submit(run)


def _listed(changes: dict[str, tuple[object, object]]) -> str:
    return "  \n".join(f"{name}: {now} (preset: {before})" for name, (now, before) in changes.items())
