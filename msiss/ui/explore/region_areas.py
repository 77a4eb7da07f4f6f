"""The areas of a data set on the page Regions: those just drawn, the kept ones, and those of files."""

from functools import partial

import numpy as np
import streamlit as st

from msiss.data import foreign
from msiss.data.areas import LONGEST_NAME, Area, AreaFile, all_areas
from msiss.data.ion_images import IonImages
from msiss.errors import DataError
from msiss.ui import state
from msiss.ui.literal import literal
from msiss.ui.messages import plain_errors
from msiss.ui.widgets import files, ion_picker
from msiss.words import count

ENDINGS = ("png", "tif", "tiff", "bmp", "npy", "h5ad", "geojson", "json")
FILE_MB = 500
DRAWN = {"a": "Drawn now (A)", "b": "Drawn now (B)"}
_NOBODY: tuple[Area, ...] = ()


def file_of(images: IonImages) -> AreaFile:
    """Return where the areas of the current data set are kept."""
    return AreaFile(state.dataset_folder(), taken=(*images.region_names, *DRAWN.values()))


def kept(images: IonImages) -> tuple[Area, ...]:
    """Return the kept areas; if they cannot be read, say why."""
    try:
        return file_of(images).read()
    except DataError as error:
        st.error(literal(error), icon=":material/error:")
        return _NOBODY


def pixels_by_name(images: IonImages, areas: tuple[Area, ...]) -> dict[str, np.ndarray]:
    """Return the measured pixels of every area that can be chosen, by name, those that were just drawn first."""
    drawn = [area for side in DRAWN if (area := drawn_area(images, side)) is not None]
    found = all_areas(images, [*drawn, *areas])
    return {name: found[name] for name in sorted(found, key=lambda name: name not in DRAWN.values())}


def drawn_area(images: IonImages, side: str) -> Area | None:
    """Return the area that was drawn for region "a" or "b" and is not kept yet."""
    return st.session_state.get(_drawn_key(images, side))


def set_drawn(images: IonImages, side: str, outlines: list[tuple[tuple[float, float], ...]]) -> bool:
    """Take what was drawn for a region; False if no pixel was measured there."""
    area = Area(name=DRAWN[side], polygons=tuple((ring,) for ring in outlines))
    if not (area.pixels(images.shape) & images.mask).any():
        return False
    st.session_state[_drawn_key(images, side)] = area
    return True


def keep_drawn(images: IonImages, side: str, name: str) -> str:
    """Keep what was drawn for a region under a name, and return the name that it got."""
    area = drawn_area(images, side)
    if area is None:
        return ""
    (given,) = file_of(images).add([area.model_copy(update={"name": name.strip() or "region 1"})])
    del st.session_state[_drawn_key(images, side)]
    return given


def manage(images: IonImages, areas: tuple[Area, ...]) -> None:
    """Draw the list of kept areas and the box to load others."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        _list(images, areas)
    with right:
        _load(images)


def _list(images: IonImages, areas: tuple[Area, ...]) -> None:
    file = file_of(images)
    if images.region_names:
        st.caption(f"Of the data set itself: {literal(', '.join(images.region_names))}")
    if not areas:
        st.caption("No areas are kept yet. Draw one on the section and keep it, or load them from a file.")
    for area in areas:
        with st.container(horizontal=True, vertical_alignment="center"):
            key = ion_picker.own_key(images, f"area {area.name}")
            if st.session_state.get(key) is None:
                st.session_state[key] = area.name
            st.text_input(
                "Name",
                key=key,
                max_chars=LONGEST_NAME,
                label_visibility="collapsed",
                icon=":material/draw:" if area.polygons and not area.source else ":material/image:",
                on_change=_rename,
                args=(images, area.name, key),
            )
            st.button(
                "Delete",
                key=f"delete {key}",
                icon=":material/delete:",
                on_click=plain_errors()(partial(file.delete, area.name)),
            )
    if undoes := file.can_undo():
        st.button(
            "Undo",
            icon=":material/undo:",
            help=f"Undo: {literal(undoes)}",
            key="undo areas",
            on_click=plain_errors()(file.undo),
        )


@plain_errors()
def _rename(images: IonImages, name: str, key: str) -> None:
    wanted = st.session_state.pop(key)
    file_of(images).rename(name, wanted)
    for side in ("a", "b"):  # the choice follows the name
        chosen = ion_picker.own_key(images, f"region {side}")
        if st.session_state.get(chosen) == name:
            st.session_state[chosen] = wanted.strip()


def _load(images: IonImages) -> None:
    height, width = images.shape
    number = st.session_state.get("area files loaded", 0)
    file = st.file_uploader(
        "Load areas",
        type=list(ENDINGS),
        max_upload_size=FILE_MB,
        key=f"area file {number}",
        help=f"A picture or .npy array of {width} × {height} pixels (width × height), or a whole number of times as "
        "large, in which each number or colour but 0 or black is an area; an AnnData file of this section with "
        "categories of its pixels; or polygons as GeoJSON, such as from QuPath, in pixels of the section.",
    )
    if file is None:
        return
    with plain_errors():
        with st.spinner("Reading the areas"):
            layers = foreign.read_areas(files.keep_small(file, "areas"), images.shape)
        layer = layers[0]
        if len(layers) > 1:
            layer = st.selectbox(
                "Column", layers, format_func=lambda one: f"{one.name} ({count(len(one.areas), 'area')})"
            )
        st.caption(f"{count(len(layer.areas), 'area')}: {literal(', '.join(area.name for area in layer.areas))}")
        if st.button("Keep these areas", icon=":material/add:", type="primary"):
            file_of(images).add(layer.areas)
            st.session_state["area files loaded"] = number + 1  # empties the widget
            st.rerun()


def _drawn_key(images: IonImages, side: str) -> str:
    return ion_picker.own_key(images, f"drawn {side}")
