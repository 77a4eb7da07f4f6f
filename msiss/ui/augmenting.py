"""The parts of the page Augment: presets, reset and the live preview."""

from dataclasses import dataclass

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.learn.config import AUGMENT_PRESETS, AugmentConfig, AugmentStrength, Method
from msiss.ui import forms, gallery, ions, state
from msiss.ui.frame import next_step
from msiss.ui.prepared import prepared

VIEWS = 4  # of each ion in the preview


@dataclass(frozen=True)
class Kind:
    """One of the three kinds of views that a training draws."""

    title: str
    about: str


KINDS = {
    "contrastive.views": Kind(
        "Contrastive", "Phase 1 draws two such views of every ion image and pulls their features together."
    ),
    "self_label.weak_views": Kind(
        "Self-labelling, weak", "Phase 3 reads the cluster of an ion from a weakly changed view ..."
    ),
    "self_label.strong_views": Kind(
        "Self-labelling, strong", "... and teaches the network to find the same cluster in a strongly changed view."
    ),
}


def needs_views() -> None:
    """Where the method of the next training draws no views that can be set, say so and end the page."""
    if state.settings().method is Method.PAPER:
        return
    st.info(
        "The method msiss draws views of its own: smooth random gain fields, other ion images mixed in, changes of "
        "contrast, and thinned counts. Nothing has to be tuned. What could be set here belongs to the method paper.",
        icon=":material/info:",
    )
    next_step("pages/train/cluster.py", "choose the number of clusters and train")
    st.stop()


def presets(kind: str) -> None:
    """Draw the strengths of the paper and the reset, for one kind of views."""
    current: AugmentConfig = forms.value(kind)
    strength = next((name for name, config in AUGMENT_PRESETS.items() if config == current), None)
    key = f"strength {kind}"
    if st.session_state.get(key) != strength:
        st.session_state[key] = strength
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Strength",
            list(AugmentStrength),
            format_func=str,
            key=key,
            on_change=_choose,
            args=(kind, key),
            help="The strengths of the method's paper. None is marked where you have set other values.",
        )
        st.button("Reset", icon=":material/restart_alt:", key="reset views", on_click=state.reset, args=(kind,))


def preview(images: IonImages, chosen: list[int], kind: str) -> None:
    """Draw the chosen ions beside views of them, drawn exactly as in training."""
    draw = st.session_state.setdefault("preview draw", 0)
    config: AugmentConfig = forms.value(kind)
    ready = prepared(images, state.settings().prepare)
    with st.spinner("Drawing views", show_time=False):
        from msiss.learn.augment import preview as draw_views  # imports torch, which takes seconds once

        views = draw_views(ready.images[chosen], ready.mask, config, views=VIEWS, seed=draw)
    for ion, ion_views in zip(chosen, views, strict=True):
        columns = st.columns(VIEWS + 1)
        with columns[0]:
            gallery.picture(ready.images[ion], ions.position(images, ion))
        for number, (column, view) in enumerate(zip(columns[1:], ion_views, strict=True), start=1):
            with column:
                gallery.picture(view, f"view {number}")
    st.button("Draw other views", icon=":material/casino:", on_click=_draw_again)


def _choose(kind: str, key: str) -> None:
    if strength := st.session_state[key]:
        state.change({f"{kind}.{name}": value for name, value in AUGMENT_PRESETS[strength].model_dump().items()})


def _draw_again() -> None:
    st.session_state["preview draw"] += 1
