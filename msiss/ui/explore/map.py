"""The parts of the page Map: what its sides show, what colours the ions, and the maps themselves."""

import streamlit as st

from msiss.analyse.representations import IMAGE_VECTORS, title_of
from msiss.data.ion_images import IonImages
from msiss.runs.store import Run
from msiss.show.maps import MAP_TITLES
from msiss.ui import selection, state
from msiss.ui.components.ion_map import Colours, Side, ion_map
from msiss.ui.explore import results
from msiss.ui.explore.view import WIDTH
from msiss.ui.server import pictures
from msiss.ui.widgets import ion_picker as ion_names

METHOD_HELP = (
    "Two ways to draw many features in two dimensions. Neighbours on the map are similar; the distances between far "
    "groups and the axes have no meaning."
)
NOTHING = "none"  # the second map, in an address
MOST_PICTURES = 600  # more would hide each other


def choose_method() -> str:
    """Let the user choose how the map is drawn."""
    return st.segmented_control(
        "Method",
        list(MAP_TITLES),
        default="umap",
        required=True,
        format_func=lambda method: MAP_TITLES[method],
        key="map method",
        label_visibility="collapsed",
        persist_state="session",
        help=METHOD_HELP,
    )


def choose_sides(run: Run) -> list[str]:
    """Let the user choose the representations of one or two maps; the address has them."""
    mapped = run.mapped
    first, second = _linked("left", mapped), _linked("right", (*mapped, NOTHING))
    second_default = IMAGE_VECTORS if IMAGE_VECTORS in mapped else NOTHING
    shown = _choose("Left map", "left", mapped, first or mapped[0])
    beside = _choose("Right map", "right", (*mapped, NOTHING), second or second_default)
    return [shown] if beside in (NOTHING, shown) else [shown, beside]


def choose_pictures(images: IonImages) -> bool:
    """Let the user draw the ions as images; only if they are few enough."""
    few = len(images) <= MOST_PICTURES
    chosen = st.toggle(
        "Ion images as points",
        key="map pictures",
        disabled=not few,
        persist_state="session",
        help="Draw every ion as its image in place of a point."
        if few
        else f"With more than {MOST_PICTURES} ions the images would hide each other: point at an ion to see its image.",
    )
    return few and bool(chosen)


def draw(
    images: IonImages, run: Run, sides: list[str], method: str, colours: Colours, *, as_pictures: bool, height: int
) -> None:
    """Draw the maps; they share one selection, which all pages show."""
    drawn = [
        Side(
            f"{run.path.name} {one} {method}",
            f"{title_of(one)}, {MAP_TITLES[method]}",
            results.positions(run, one, method),
        )
        for one in sides
    ]
    names = [ion_names.title(images, ion) for ion in range(len(images))]
    ion_map(
        drawn,
        colours,
        names,
        selection.selected(),
        key="map",
        on_select=lambda ions, how: selection.select(ions, how),  # type: ignore[arg-type]
        pictures=pictures.folder(images, state.colours()),
        as_pictures=as_pictures,
        height=height,
    )


def _linked(name: str, options: tuple[str, ...]) -> str | None:
    """Return what the address says of a side; what this run does not have is reported once."""
    wanted = state.linked(name)
    if wanted is None or wanted in options:
        return wanted
    state.notify(f"The link asks for a map by “{wanted}”, which this run does not have.")
    state.link_to(name, None)
    return None


def _choose(label: str, name: str, options: tuple[str, ...], shown: str) -> str:
    key = f"map {name}"
    st.session_state[key] = shown  # the address has the choice, not the widget
    return st.selectbox(
        label,
        options,
        format_func=lambda one: "No second map" if one == NOTHING else title_of(one),
        key=key,
        width=WIDTH,
        on_change=lambda: state.link_to(name, st.session_state[key]),
    )
