"""The tab Pixels of the page Prepare: what counts as tissue, by threshold, by drawing, by a picture, by region."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from msiss.data import foreign
from msiss.data.ion_images import IonImages
from msiss.data.masks import Tissue, tissue, total_ion_image
from msiss.data.recipe import MaskConfig, Recipe, Shape
from msiss.errors import SettingError
from msiss.show.drawing import Drawn, outlines, section_figure
from msiss.ui import state
from msiss.ui.literal import literal
from msiss.ui.messages import plain_errors
from msiss.ui.prepare import frame, ions
from msiss.ui.widgets import files, forms, ion_picker
from msiss.words import count

ROLES = {"keep": "Keep only this", "cut": "Cut this out", "region": "Name a region"}
ROLE_WORDS = {"keep": "tissue", "cut": "cut", "region": "region"}
ROLE_ICONS = {"keep": ":material/crop:", "cut": ":material/content_cut:", "region": ":material/label:"}
MOUSE = {"loop": "lasso", "box": "select"}
MODE_BAR = {"displaylogo": False, "modeBarButtonsToRemove": ["zoom2d", "autoScale2d"]}
MASK_ENDINGS = ("png", "tif", "tiff", "bmp", "npy")
MASK_MB = 50
LONGEST_NAME = 60


def form_key(images: IonImages) -> str:
    """Return the prefix of the keys of this tab's settings, unique to the data set."""
    return ion_picker.own_key(images, "mask")


def tab(images: IonImages) -> None:
    """Draw the settings, the total ion image to draw on, and the list of drawn areas."""
    whole = _with_total(images, _kept_ions(images))
    settings, shown = st.columns([1, 2], gap="large")
    with settings:
        st.markdown("Pixels off the tissue, such as matrix and slide, blur the clusters. Remove them here.")
        config = forms.edit(_config(images), form_key(images), only=("least_tic",))
        _change(images, config)
        summary, suggested = st.container(), st.container()
        _choose_regions(images, config)
        _load(images)
        _list(images)
    with shown:
        role, name = _tools(images)
        found = _tissue(whole, _config(images))
        _draw(images, total_ion_image(whole), found, role, name)
    with suggested:
        frame.suggest(images, _config(images), found, lambda mask: _update(images, loaded=mask))
    kept, measured = int(found.mask.sum()), int(images.mask.sum())
    summary.metric(
        "Pixels kept",
        f"{kept / measured:.1%}",
        help="Of the measured pixels. Removed pixels are grey in the picture.",
    )
    summary.caption(f"{kept:,} of {count(measured, 'measured pixel')}")


def _kept_ions(images: IonImages) -> list[int]:
    """Return the kept ions; all if the settings keep none, which the tab Ions reports."""
    try:
        return ions.kept_ions(images, state.recipe(images))
    except SettingError:
        return list(range(len(images)))


def _tissue(images: IonImages, config: MaskConfig) -> Tissue:
    """Return what counts as tissue; if the settings leave nothing, show an error and return the whole section."""
    try:
        return tissue(images, config)
    except SettingError as error:
        st.error(literal(error), icon=":material/error:")
        return tissue(images, MaskConfig())


def _tools(images: IonImages) -> tuple[str, str]:
    """Let the user choose what is drawn next."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        role = st.segmented_control(
            "Draw to",
            list(ROLES),
            default="keep",
            required=True,
            format_func=lambda role: f"{ROLE_ICONS[role]} {ROLES[role]}",
            key="draw role",
            persist_state="session",
            help="What the next area is for. Several areas to keep add up; a region only gives its pixels a name.",
        )
        st.segmented_control(
            "With a", list(MOUSE), default="loop", required=True, key="draw mouse", persist_state="session"
        )
        name = st.text_input(
            "Name",
            key="draw name",
            max_chars=LONGEST_NAME,
            placeholder=_free_name(images, role),
            help="Of the next area; can be changed in the list.",
        )
    return role, name.strip() or _free_name(images, role)


def _draw(images: IonImages, total: np.ndarray, found: Tissue, role: str, name: str) -> None:
    """Draw the total ion image; an area that the user draws on it is added to the recipe at once."""
    areas = [Drawn(shape.name, shape.role, shape.points) for shape in _config(images).shapes]
    figure = section_figure(
        total,
        images.mask,
        found.mask,
        areas=areas,
        pixel_size=images.pixel_size,
        dragmode=MOUSE[st.session_state["draw mouse"]],
    )
    # A new key after each area makes a new chart, without the selection that was just added to the recipe.
    event = st.plotly_chart(
        figure,
        key=f"draw {st.session_state.get('areas drawn', 0)}",
        on_select="rerun",
        selection_mode=("box", "lasso"),
        config=MODE_BAR,
        alt="Total ion image, to draw on",
    )
    st.caption("Draw around an area on the picture with the mouse button pressed. The pink line encloses what is kept.")
    drawn = outlines(event["selection"])
    if drawn:
        config = _config(images)
        shapes = [Shape(name=name, role=role, points=points) for points in drawn]
        _change(images, config.model_copy(update={"shapes": (*config.shapes, *shapes)}))
        st.session_state["areas drawn"] = st.session_state.get("areas drawn", 0) + 1
        st.rerun()


def _choose_regions(images: IonImages, config: MaskConfig) -> None:
    """Let the user keep only some regions, of the data set or drawn."""
    drawn = [shape.name for shape in config.shapes if shape.role == "region"]
    names = list(dict.fromkeys([*images.region_names, *drawn]))
    if not names:
        return
    chosen = tuple(name for name in config.regions if name in names)
    key = f"{form_key(images)} regions"
    if tuple(st.session_state.get(key, ())) != chosen:
        st.session_state[key] = list(chosen)
    kept = st.multiselect(
        "Regions to keep",
        names,
        key=key,
        on_change=lambda: _update(images, regions=tuple(st.session_state[key])),
        placeholder="All",
        help="Only these regions are kept; all pixels if none is chosen.",
    )
    if tuple(kept) != config.regions:  # a chosen region does not exist any more
        _update(images, regions=tuple(kept))


def _load(images: IonImages) -> None:
    """Let the user load a mask, or drop the one that is loaded."""
    if _config(images).loaded:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(":material/image: **A mask is used**", width="stretch")
            st.button("Remove", key="remove mask", on_click=partial(_update, images, loaded=""))
        return
    height, width = images.shape
    file = st.file_uploader(
        "Load a mask",
        type=list(MASK_ENDINGS),
        max_upload_size=MASK_MB,
        key=f"mask file {st.session_state.get('masks loaded', 0)}",
        help=f"A picture of {width} × {height} pixels (width × height), black where there is no tissue.",
    )
    if file is not None:
        with plain_errors():
            _update(images, loaded=foreign.load_mask(files.keep_small(file, "mask"), images.shape))
            st.session_state["masks loaded"] = st.session_state.get("masks loaded", 0) + 1  # empties the widget
            st.rerun()


def _list(images: IonImages) -> None:
    """List the drawn areas, with fields to rename and buttons to delete them."""
    shapes = _config(images).shapes
    if shapes:
        st.markdown("**Drawn areas**")
    for number, shape in enumerate(shapes):
        with st.container(horizontal=True, vertical_alignment="center"):
            key = f"{form_key(images)} name {number}"
            if st.session_state.get(key) != shape.name:
                st.session_state[key] = shape.name
            st.text_input(
                ROLES[shape.role],
                key=key,
                max_chars=LONGEST_NAME,
                icon=ROLE_ICONS[shape.role],
                label_visibility="collapsed",
                on_change=_rename,
                args=(images, number, key),
            )
            st.button(
                "Delete",
                key=f"delete area {number}",
                icon=":material/delete:",
                on_click=_replace,
                args=(images, number, ()),
            )


@plain_errors()
def _rename(images: IonImages, number: int, key: str) -> None:
    if name := st.session_state[key].strip():
        shape = _config(images).shapes[number]
        _replace(images, number, (shape.model_copy(update={"name": name}),))


@plain_errors()
def _replace(images: IonImages, number: int, by: tuple[Shape, ...]) -> None:
    shapes = _config(images).shapes
    _update(images, shapes=(*shapes[:number], *by, *shapes[number + 1 :]))


def _free_name(images: IonImages, role: str) -> str:
    taken = {shape.name for shape in _config(images).shapes} | set(images.region_names)
    word, number = ROLE_WORDS[role], 1
    while f"{word} {number}" in taken:
        number += 1
    return f"{word} {number}"


def _config(images: IonImages) -> MaskConfig:
    return state.recipe(images).mask


def _change(images: IonImages, config: MaskConfig) -> None:
    state.change_recipe(images, state.recipe(images).model_copy(update={"mask": config}))


@plain_errors()
def _update(images: IonImages, **values: Any) -> None:
    _change(images, _config(images).model_copy(update=values))


def kept_pixels(images: IonImages, recipe: Recipe, kept_ions: list[int]) -> int:
    """Return how many pixels a recipe keeps, given the ions that it keeps.

    Raises
    ------
    SettingError
        If it keeps none.
    """
    if recipe.mask == MaskConfig():
        return int(images.mask.sum())
    return int(tissue(_with_total(images, kept_ions), recipe.mask).mask.sum())


def _with_total(images: IonImages, kept: list[int]) -> IonImages:
    """Return the images with the total ion image by which pixels are chosen: without one, that of the kept ions."""
    return images if images.tic is not None else replace(images, tic=_total(images.fingerprint, tuple(kept), images))


@st.cache_data(show_spinner="Adding up the ion images", max_entries=10)
def _total(fingerprint: str, kept: tuple[int, ...], _images: IonImages) -> np.ndarray:
    total = np.zeros(_images.shape)
    for ion in kept:
        total += _images.images[ion]
    return total.astype(np.float32)
