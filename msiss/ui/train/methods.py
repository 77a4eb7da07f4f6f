"""The choice of a method and its preset, with the expected time."""

from pathlib import Path

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.home import runs_folder
from msiss.learn import estimate
from msiss.learn.config import Device, RunConfig
from msiss.learn.method import Method
from msiss.learn.methods import METHODS, preset_config
from msiss.learn.paper.encoders import ENCODERS
from msiss.runs.duration_ratio import duration_ratio
from msiss.runs.store import RunStore
from msiss.ui import state
from msiss.ui.train import start
from msiss.ui.widgets import forms
from msiss.words import count, duration

ON_TWO_CORES = "on two idle cores"
HERE = "here, judging by earlier trainings,"
PRESET_HELP = (
    "Choosing one resets every value, also those of Prepare and Augment, except what the data set's recipe sets."
)


def choose(images: IonImages) -> None:
    """Let the user choose the method of the next training and, if it has several, the preset."""
    method = METHODS[state.settings().method]
    st.session_state["method choice"] = method.name
    st.radio(
        "Method",
        METHODS.names,
        format_func=lambda name: METHODS[name].title,
        captions=[f"{one.about} {_usual_time(one, len(images))}" for one in METHODS],
        key="method choice",
        on_change=lambda: state.choose_preset(next(iter(METHODS[st.session_state["method choice"]].presets))),
    )
    if len(method.presets) > 1:
        st.session_state["preset choice"] = state.preset()
        st.segmented_control(
            "Preset",
            list(method.presets),
            required=True,
            key="preset choice",
            on_change=lambda: state.choose_preset(st.session_state["preset choice"]),
            help=f"{method.about_presets} {PRESET_HELP}",
        )
    if "encoder" in method.config.model_fields:
        forms.setting("encoder")
        if note := ENCODERS[forms.value("encoder")].note:
            st.caption(note)
    if "start" in method.config.model_fields:
        start.choose(images)


def expected_time(config: RunConfig, ions: int) -> str:
    """Return how long a training with these settings takes, as a sentence."""
    spent, where = _time(config, ions)
    time = f"about **{duration(spent)}** {where} for {count(ions, 'ion image')}"
    unknown_gpu = where == ON_TWO_CORES and METHODS[config.method].on_a_gpu and config.device is not Device.CPU
    return f"This training takes {time}{'; much less on a GPU' if unknown_gpu else ''}."


def expected_seconds(config: RunConfig, ions: int) -> float:
    """Return about how long a training with these settings takes, judging by earlier ones here if there are any."""
    return _time(config, ions)[0]


def _usual_time(method: Method, ions: int) -> str:
    """Return how long the presets of a method take on this data set."""
    configs = [preset_config(one, clusters=2, device=state.settings().device) for one in method.presets]
    (*_, where), *_ = found = [_time(config, ions) for config in configs]
    times = [f"{duration(spent)} ({one})" for one, (spent, _) in zip(method.presets, found, strict=True)]
    return f"About {' or '.join(times) if len(times) > 1 else duration(found[0][0])} {where.removesuffix(',')}."


def _time(config: RunConfig, ions: int) -> tuple[float, str]:
    """Return the expected seconds of a training and where they apply: here, if there are earlier runs of its kind."""
    slower = _duration_ratio(str(runs_folder()), config.method, config.device)
    return estimate.seconds(config, ions) * (slower or 1), ON_TWO_CORES if slower is None else HERE


@st.cache_data(show_spinner=False, ttl=60)
def _duration_ratio(folder: str, method: str, device: Device) -> float | None:
    return duration_ratio(RunStore(Path(folder)), method, device)
