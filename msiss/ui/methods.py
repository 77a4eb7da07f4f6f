"""The choice of a method and its preset, in plain words, with the time that it takes."""

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.learn import estimate
from msiss.learn.config import Device, Encoder, Method, Preset, RunConfig
from msiss.ui import forms, state
from msiss.ui.words import count, duration

ABOUT = {
    Method.MSISS: "A small network learns from your ion images alone. It keeps the place of structures and knows "
    "counting noise. Take it first.",
    Method.PAPER: "A network that knows photographs is re-trained, as published by Hu, Bindu & Laskin (2022). Take it "
    "to follow the publication to the letter, or to compare; it wants patience or a GPU.",
}
PRESETS = {Method.MSISS: (Preset.MSISS,), Method.PAPER: (Preset.QUICK, Preset.PAPER)}
PRESET_HELP = (
    "Quick is for a first look: small images and few epochs. Paper is the schedule of Hu, Bindu & Laskin (2022). "
    "Choosing one sets every value anew, also those of Prepare and Augment."
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
    told = f"about **{duration(estimate.seconds(config, ions))}** on two cores for {count(ions, 'ion image')}"
    # The other method spends most of its time on what a GPU does not speed up.
    gpu = "; much less on a GPU" if config.method is Method.PAPER and config.device is not Device.CPU else ""
    return f"This training takes {told}{gpu}."


def _usual_time(method: Method, ions: int) -> str:
    """Return how long the presets of a method take on this data set."""
    spent = [estimate.seconds(RunConfig.from_preset(one, clusters=2), ions) for one in PRESETS[method]]
    times = [f"{duration(seconds)} ({one})" for one, seconds in zip(PRESETS[method], spent, strict=True)]
    return f"About {' or '.join(times) if len(times) > 1 else duration(spent[0])} on two cores."
