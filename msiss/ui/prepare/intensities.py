"""The tab Intensities of the page Prepare: settings, and prepared images beside the measured ones."""

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig, Prepared, describe, prepare
from msiss.ui import state
from msiss.ui.messages import plain_errors
from msiss.ui.widgets import forms, gallery, ion_picker

BESIDE, MEASURED, PREPARED = "Side by side", "As measured", "Prepared"


def prepared(images: IonImages, config: PrepareConfig) -> Prepared:
    """Return the images as a training with these settings gets them; the arrays are read-only and cached."""
    return _prepared(images.fingerprint, config.model_dump_json(), images, config)


def tab(images: IonImages) -> None:
    """Draw the settings of the intensities, and their effect on some ions."""
    settings, shown = st.columns([1, 2], gap="large")
    with settings:
        st.markdown("How measured intensities become the images of the **next training**.")
        forms.form("prepare")
        forms.refusal()
        st.button(
            "Reset",
            icon=":material/restart_alt:",
            help="Back to the data set's recipe and, for the rest, the preset of the next training.",
            on_click=state.reset,
            args=("prepare",),
        )
    with shown:
        chosen = ion_picker.pick(images, "prepare ions", default=ion_picker.spread(images, 4), most=12)
        view = st.segmented_control(
            "Show",
            [BESIDE, MEASURED, PREPARED],
            default=BESIDE,
            required=True,
            key="prepare view",
            persist_state="session",
            help="Each image is scaled on its own.",
        )
        if not chosen:
            st.info("Choose one or more ions above to see them before and after.", icon=":material/arrow_upward:")
        with plain_errors():
            _compare(images, chosen, view)


def _compare(images: IonImages, chosen: list[int], view: str) -> None:
    config = state.settings().prepare
    done = describe(config, images.axis)
    after = prepared(images, config) if view != MEASURED else None
    beside = view == BESIDE
    grid = st.grid(2 if beside else 4, min_column_width=240 if beside else 120, gap="small")
    for ion in chosen:
        with grid.container():
            places = iter(st.columns(2) if beside else [st.container()])  # a pair stays in one row
            if view != PREPARED:
                with next(places):
                    gallery.measured(images, ion)
            if after is not None:
                label = "as trained on" if beside else ion_picker.position(images, ion)
                with next(places):
                    gallery.picture(after.images[ion], f"{label}: {done}")


@st.cache_resource(show_spinner="Preparing the ion images", max_entries=4)
def _prepared(fingerprint: str, settings: str, _images: IonImages, _config: PrepareConfig) -> Prepared:
    ready = prepare(_images, _config)
    for array in (ready.images, ready.mask):
        array.flags.writeable = False  # all pages share it
    return ready
