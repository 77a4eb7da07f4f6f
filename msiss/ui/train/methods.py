"""The choice of a method and its preset, in plain words, with the time that it takes."""

from pathlib import Path

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.home import runs_folder
from msiss.learn import estimate
from msiss.learn.config import Device, Encoder, Method, Preset, RunConfig
from msiss.runs.pace import slowness
from msiss.runs.store import RunStore
from msiss.ui import state
from msiss.ui.widgets import forms
from msiss.ui.words import count, duration

ABOUT = {
    Method.MSISS: "A small network learns from your ion images alone. It keeps the place of structures and knows "
    "counting noise. Take it first.",
    Method.PAPER: "A network that knows photographs is re-trained, as published by Hu, Bindu & Laskin (2022). Take it "
    "to follow the publication to the letter, or to compare; it wants patience or a GPU.",
}
PRESETS = {Method.MSISS: (Preset.MSISS,), Method.PAPER: (Preset.QUICK, Preset.PAPER)}
QUIET = "on two cores with nothing else to do"
MEASURED = "here, as earlier trainings tell,"
PRESET_HELP = (
    "Quick is for a first look: small images and few epochs. Paper is the schedule of Hu, Bindu & Laskin (2022). "
    "Choosing one sets every value anew, also those of Prepare and Augment, but what the data set's recipe says."
)


def choose(images: IonImages) -> None:
    """Let the user choose the method and, where it has several, the preset; the next run gets what is chosen."""
    chosen = state.settings().method
    st.session_state["method choice"] = chosen
    st.radio(
        "Method",
        list(ABOUT),
        format_func=str,
        captions=[f"{text} {_usual_time(method, len(images))}" for method, text in ABOUT.items()],
        key="method choice",
        on_change=lambda: state.choose_preset(PRESETS[st.session_state["method choice"]][0]),
    )
    if len(PRESETS[chosen]) > 1:
        st.session_state["preset choice"] = state.preset()
        st.segmented_control(
            "Preset",
            PRESETS[chosen],
            required=True,
            format_func=str,
            key="preset choice",
            on_change=lambda: state.choose_preset(st.session_state["preset choice"]),
            help=PRESET_HELP,
        )
    if chosen is Method.PAPER:
        forms.setting("encoder")
        if state.settings().encoder == Encoder.EFFICIENTNET_B0:
            st.caption(
                "The weights of efficientnet-b0 are downloaded once; on a machine without internet they must be put on "
                "disk."
            )


def expected_time(config: RunConfig, ions: int) -> str:
    """Return how long a training with these settings takes, in words."""
    spent, where = _time(config, ions)
    told = f"about **{duration(spent)}** {where} for {count(ions, 'ion image')}"
    # The other method spends most of its time on what a GPU does not speed up.
    unknown_gpu = where == QUIET and config.method is Method.PAPER and config.device is not Device.CPU
    return f"This training takes {told}{'; much less on a GPU' if unknown_gpu else ''}."


def _usual_time(method: Method, ions: int) -> str:
    """Return how long the presets of a method take on this data set."""
    configs = [RunConfig.from_preset(one, clusters=2, device=state.settings().device) for one in PRESETS[method]]
    (*_, where), *_ = found = [_time(config, ions) for config in configs]
    times = [f"{duration(spent)} ({one})" for one, (spent, _) in zip(PRESETS[method], found, strict=True)]
    return f"About {' or '.join(times) if len(times) > 1 else duration(found[0][0])} {where}."


def _time(config: RunConfig, ions: int) -> tuple[float, str]:
    """Return the seconds that a training takes, and where: by earlier ones of its kind, as far as there are any."""
    slower = _slowness(str(runs_folder()), config.method, config.device)
    return estimate.seconds(config, ions) * (slower or 1), QUIET if slower is None else MEASURED


@st.cache_data(show_spinner=False, ttl=60)
def _slowness(folder: str, method: Method, device: Device) -> float | None:
    return slowness(RunStore(Path(folder)), method, device)
