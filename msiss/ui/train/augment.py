"""The parts of the page Augment: presets, reset and the live preview."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.data.prepare import Prepared
from msiss.learn.methods import METHODS
from msiss.learn.settings import Settings
from msiss.registry import load
from msiss.ui import state
from msiss.ui.prepare.intensities import prepared
from msiss.ui.widgets import forms, gallery, ion_picker

VIEWS = 4  # of each ion in the preview


def choose_kind() -> str:
    """Let the user choose which views to tune, if the method has several kinds; return their group of settings."""
    kinds = METHODS[state.settings().method].views
    kind = next(iter(kinds))
    if len(kinds) > 1:
        if st.session_state.get("views") not in (None, *kinds):
            del st.session_state["views"]
        kind = st.segmented_control(
            "Views",
            list(kinds),
            default=kind,
            required=True,
            format_func=lambda group: kinds[group].title,
            key="views",
            persist_state="session",
        )
    st.caption(kinds[kind].about)
    return kind


def presets(kind: str) -> None:
    """Draw the choice of a strength of these views, if there are any, and the button to reset them."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if _strengths_of(kind):
            _choose_strength(kind)
        st.button("Reset", icon=":material/restart_alt:", key="reset views", on_click=state.reset, args=(kind,))


def preview(images: IonImages, chosen: list[int], kind: str) -> None:
    """Draw the chosen ions beside random views of them, made exactly as in training."""
    draw = st.session_state.setdefault("preview draw", 0)
    ready = prepared(images, state.settings().prepare)
    with st.spinner("Drawing views", show_time=False):
        views = _draw(ready, chosen, kind, draw)
    for ion, ion_views in zip(chosen, views, strict=True):
        columns = st.columns(VIEWS + 1)
        with columns[0]:
            gallery.picture(ready.images[ion], ion_picker.position(images, ion))
        for number, (column, view) in enumerate(zip(columns[1:], ion_views, strict=True), start=1):
            with column:
                gallery.picture(view, f"view {number}")
    st.button("Draw other views", icon=":material/casino:", on_click=_draw_again)


def _draw(ready: Prepared, chosen: list[int], kind: str, seed: int) -> np.ndarray:
    """Return views of the chosen ions, shape (n, VIEWS, S, S). It imports torch, which takes seconds once."""
    config = state.settings()
    draw = load(METHODS[config.method].preview)
    mask = ready.mask.copy()  # torch does not accept read-only arrays
    return draw(ready.images, chosen, mask, config, kind, number=VIEWS, seed=seed)


def _strengths_of(kind: str) -> Mapping[str, Settings]:
    return METHODS[state.settings().method].views[kind].strengths


def _choose_strength(kind: str) -> None:
    current = forms.value(kind)
    strength = next((name for name, config in _strengths_of(kind).items() if config == current), None)
    key = f"strength {kind}"
    if st.session_state.get(key) != strength:
        st.session_state[key] = strength
    st.segmented_control(
        "Strength",
        list(_strengths_of(kind)),
        key=key,
        on_change=_choose,
        args=(kind, key),
        help="The strengths of the method's paper. None is marked if you have set other values.",
    )


def _choose(kind: str, key: str) -> None:
    if strength := st.session_state[key]:
        state.change({f"{kind}.{name}": value for name, value in _strengths_of(kind)[strength].model_dump().items()})


def _draw_again() -> None:
    st.session_state["preview draw"] += 1
