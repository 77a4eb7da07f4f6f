"""The parts of the page Map: the two charts and the selection that they share."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.show.figures import MAP_TITLES, map_figure
from msiss.ui import state
from msiss.ui.widgets import ion_picker as ion_names
from msiss.words import count

LEFT_HELP = "The representation of the left map. The right map always has the plain pixels, for comparison."
METHOD_HELP = (
    "Two ways to draw many features in two dimensions. Neighbours on the map are similar; the distances between far "
    "groups and the axes have no meaning."
)


# Plotly selects a clicked point only if dragging does not select.
MOUSE = {"loop": "lasso", "box": "select", "click": "pan"}
MODE_BAR = {"displaylogo": False, "modeBarButtonsToRemove": ["lasso2d", "select2d", "pan2d", "zoom2d", "autoScale2d"]}


def choose_method() -> str:
    """Let the user choose how the map is drawn."""
    return st.segmented_control(
        "Method",
        list(MAP_TITLES),
        default="umap",
        required=True,
        format_func=lambda method: MAP_TITLES[method],
        key="map method",
        persist_state="session",
        help=METHOD_HELP,
    )


def choose_mouse() -> str:
    """Let the user choose how the mouse selects points, and return Plotly's drag mode for it."""
    chosen = st.segmented_control(
        "Select by",
        list(MOUSE),
        default="loop",
        required=True,
        key="map mouse",
        persist_state="session",
        help="Draw a loop or a box around points, or click one. While clicking, dragging moves the map.",
    )
    return MOUSE[chosen]


def search(images: IonImages) -> None:
    """Let the user select ions by a number or a word."""
    key = ion_names.own_key(images, "map search")
    st.text_input(
        f"Find {images.axis.title} or name",
        placeholder=f"such as {images.mz[len(images) // 2]:.3f}",
        icon=":material/search:",
        key=key,
        on_change=_find,
        args=(images, key),
        help=f"A number selects the ions at that {images.axis.name}, as precisely as it is typed; a word all ions in "
        "whose name, formula or class it occurs.",
    )


def chart(
    images: IonImages, points: np.ndarray, clusters: np.ndarray, method: str, *, key: str, mouse: str, legend: bool
) -> None:
    """Draw one map; both maps share one selection."""
    names = [ion_names.label(images, ion) for ion in range(len(images))]
    figure = map_figure(points, clusters, names, method=method, selected=state.selected())
    figure.update_layout(showlegend=legend, margin_t=25, dragmode=mouse, modebar_bgcolor="rgba(0, 0, 0, 0)")
    # Plotly forgets a selection when its figure changes, so the session keeps it and both figures only show it.
    st.plotly_chart(
        figure,
        key=f"map {key}",
        on_select=lambda: _selected(f"map {key}"),
        selection_mode=("points", "box", "lasso"),
        config=MODE_BAR,
        alt=f"{MAP_TITLES[method]} map of the ions, coloured by cluster",
    )


def ions_of(event: Mapping[str, Any]) -> list[int]:
    """Return the ions in a selection event, each once, in ascending order."""
    points = event["selection"]["points"]
    return sorted({int(np.ravel(point["customdata"])[0]) for point in points if "customdata" in point})


def selection_header(number: int) -> None:
    """Show how many ions are selected, and let the user clear the selection."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(f"{count(number, 'selected ion')}", width="content")
        st.button("Clear", icon=":material/close:", on_click=state.select, args=([],))


def _selected(key: str) -> None:
    # An empty event comes from a click beside the points, or from a redrawn chart; neither clears the selection.
    if ions := ions_of(st.session_state[key]):
        state.select(ions)


def _find(images: IonImages, key: str) -> None:
    if (text := st.session_state[key].strip()) and (found := ion_names.find(images, text)):
        state.select(found)
