"""The parts of the page Augment: presets, reset and the live preview."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.data.prepare import Prepared
from msiss.learn.config import Method
from msiss.learn.paper.config import AUGMENT_PRESETS, AugmentStrength
from msiss.ui import state
from msiss.ui.prepare.intensities import prepared
from msiss.ui.widgets import forms, gallery, ion_picker

VIEWS = 4  # of each ion in the preview


@dataclass(frozen=True)
class Kind:
    """One of the kinds of views that a training draws."""

    title: str
    about: str


# What each method draws, by the group of its settings.
KINDS = {
    Method.PAPER: {
        "contrastive.views": Kind(
            "Contrastive", "Phase 1 draws two such views of every ion image and pulls their features together."
        ),
        "self_label.weak_views": Kind(
            "Self-labelling, weak", "Phase 3 reads the cluster of an ion from a weakly changed view ..."
        ),
        "self_label.strong_views": Kind(
            "Self-labelling, strong", "... and teaches the network to find the same cluster in a strongly changed view."
        ),
    },
    Method.MSISS: {
        "spatial.views": Kind(
            "Views",
            "The method msiss draws what could have been measured in place of each ion image, and learns what stays "
            "the same. Everything keeps its place; another ion is mixed in a little, contrast and sensitivity change, "
            "and some number of ions is counted. Nothing has to be changed here before a training.",
        )
    },
}


def choose_kind() -> str:
    """Let the user choose which views to tune, where the method draws several kinds; return the name of the group."""
    kinds = KINDS[state.settings().method]
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
    """Draw the strengths of the paper, where the views are the paper's, and the reset."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if kind in KINDS[Method.PAPER]:
            _strengths(kind)
        st.button("Reset", icon=":material/restart_alt:", key="reset views", on_click=state.reset, args=(kind,))


def preview(images: IonImages, chosen: list[int], kind: str) -> None:
    """Draw the chosen ions beside views of them, drawn exactly as in training."""
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
    mask = ready.mask.copy()  # torch takes no array that may only be read
    if kind in KINDS[Method.PAPER]:
        from msiss.learn.paper import augment

        return augment.preview(ready.images[chosen], mask, forms.value(kind), views=VIEWS, seed=seed)
    from msiss.learn.spatial import views

    # What is mixed in comes from the same batch, which is drawn from all ions.
    rest = np.setdiff1d(np.arange(len(ready.images)), chosen)
    size = max(0, forms.value("spatial.batch_size") - len(chosen))
    others = np.random.default_rng(seed).permutation(rest)[:size]
    return views.preview(
        ready.images[chosen], mask, forms.value(kind), views=VIEWS, others=ready.images[others], seed=seed
    )


def _strengths(kind: str) -> None:
    current = forms.value(kind)
    strength = next((name for name, config in AUGMENT_PRESETS.items() if config == current), None)
    key = f"strength {kind}"
    if st.session_state.get(key) != strength:
        st.session_state[key] = strength
    st.segmented_control(
        "Strength",
        list(AugmentStrength),
        format_func=str,
        key=key,
        on_change=_choose,
        args=(kind, key),
        help="The strengths of the method's paper. None is marked where you have set other values.",
    )


def _choose(kind: str, key: str) -> None:
    if strength := st.session_state[key]:
        state.change({f"{kind}.{name}": value for name, value in AUGMENT_PRESETS[strength].model_dump().items()})


def _draw_again() -> None:
    st.session_state["preview draw"] += 1
