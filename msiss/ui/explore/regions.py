"""The parts of the page Regions: what is compared, and the section on which regions are drawn."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from msiss.analyse.regions import Contrast, rank
from msiss.data.areas import LONGEST_NAME, REST
from msiss.data.ion_images import IonImages
from msiss.data.ion_search import label
from msiss.data.masks import total_ion_image
from msiss.data.prepare_steps import pixel_factor
from msiss.errors import SettingError
from msiss.show.drawing import Marked, outlines, section_figure
from msiss.show.region_figures import REGION_COLOURS
from msiss.ui import state
from msiss.ui.explore import region_areas, tissue_picture
from msiss.ui.literal import literal
from msiss.ui.messages import plain_errors
from msiss.ui.widgets import ion_picker
from msiss.words import count

MOUSE = {"loop": "lasso", "box": "select"}
MODE_BAR = {"displaylogo": False, "modeBarButtonsToRemove": ["zoom2d", "autoScale2d", "lasso2d", "select2d"]}
HEIGHT = 430  # largest, in screen pixels, of the section
LEAST_HEIGHT, WIDTH = 300, 470  # on a small screen
TOTAL, PICTURE = "Total ion count", "Picture of the tissue"
AS_MEASURED, BY_TIC = "as measured", "divided by TIC"


@dataclass(frozen=True, eq=False)
class Compared:
    """Two regions of a data set.

    Attributes
    ----------
    name_a, name_b : str
    a, b : ndarray of shape (H, W), bool
        Their pixels; those of both count for A.
    contrast : Contrast
    """

    name_a: str
    name_b: str
    a: np.ndarray
    b: np.ndarray
    contrast: Contrast


def tools(images: IonImages, means: dict[int, np.ndarray], titles: dict[int, str]) -> str:
    """Let the user choose what is seen and what the mouse does, and return the backdrop."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        pictures = [TOTAL] if tissue_picture.of(images) is None else [TOTAL, PICTURE]
        clusters = {f"cluster {number}": f"Cluster {titles[number]}" for number in means}
        ions = {f"ion {ion}": label(images, ion) for ion in range(len(images))}
        named = clusters | ions
        shown = st.selectbox(
            "Show",
            [*pictures, *named],
            format_func=lambda key: named.get(key, key),
            filter_mode="contains",
            key=ion_picker.own_key(images, "region backdrop"),
            persist_state="session",
            help="What the section shows while you draw on it.",
        )
        st.segmented_control(
            "Draw with a", list(MOUSE), default="loop", required=True, key="region mouse", persist_state="session"
        )
        st.segmented_control(
            "to set region",
            ["A", "B"],
            default="A",
            required=True,
            key="region drawn",
            persist_state="session",
            help="Region A is compared with region B, which is the rest of the tissue unless you draw or choose it.",
        )
    return shown


def choose(images: IonImages, areas: dict[str, np.ndarray]) -> tuple[str, str]:
    """Let the user choose regions A and B, and return their names; empty for A if there is none, for B is the rest."""
    key_a, key_b = (_choice_key(images, side) for side in ("a", "b"))
    _take_linked(images, areas)
    for key in (key_a, key_b):
        if st.session_state.get(key) not in areas:  # it was deleted, or nothing was drawn yet
            st.session_state.pop(key, None)
    linked: dict[str, Any] = {"on_change": link, "args": (images,), "persist_state": "session"}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        a = st.selectbox("Region A", list(areas), index=None, key=key_a, placeholder="Draw or choose", **linked)
        st.button(
            "",
            icon=":material/swap_horiz:",
            disabled=not (a and st.session_state.get(key_b)),
            key="exchange regions",
            on_click=_exchange,
            args=(images,),
            help="Exchange A and B.",
        )
        b = st.selectbox("Region B", list(areas), index=None, key=key_b, placeholder=REST, **linked)
    return a or "", b or ""


def compare(images: IonImages, areas: dict[str, np.ndarray], a: str, b: str) -> Compared | None:
    """Compare all ions between the regions of these names; None if A is missing or has no pixels of its own."""
    if not a:
        return None
    pixels_a = areas[a]
    pixels_b = areas[b] if b else images.mask & ~pixels_a
    normalised = st.session_state.get("region intensities") == BY_TIC
    try:
        keys = (pixels_a.tobytes(), pixels_b.tobytes())
        contrast = _contrast(images.fingerprint, *keys, normalised, images, pixels_a, pixels_b)
    except SettingError as error:
        st.warning(literal(error), icon=":material/warning:")
        return None
    return Compared(a, b or REST, pixels_a, pixels_b & ~pixels_a, contrast)


def section(
    images: IonImages, means: dict[int, np.ndarray], titles: dict[int, str], backdrop: str, compared: Compared | None
) -> None:
    """Draw the section with both regions; an area that the user draws on it becomes region A or B at once."""
    image, title, unit = _backdrop(images, means, titles, backdrop)
    marked = []
    if compared is not None:
        marked = [
            Marked(_short("B", compared.name_b), compared.b, REGION_COLOURS[1], "dot"),
            Marked(_short("A", compared.name_a), compared.a, REGION_COLOURS[0]),
        ]
        if compared.name_b == REST:
            marked = marked[1:]
    figure = section_figure(
        image,
        images.mask,
        images.mask,
        marked=marked,
        picture=tissue_picture.on_section(images) if backdrop == PICTURE else "",
        title=title,
        unit=unit,
        height=_height(images),
        colours=state.colours(),
        pixel_size=images.pixel_size,
        dragmode=MOUSE[st.session_state["region mouse"]],
    )
    st.plotly_chart(
        figure,
        key=_chart_key(),
        on_select="rerun",
        selection_mode=("box", "lasso"),
        config=MODE_BAR,
        alt=f"{title} of the section, to draw regions on",
    )
    for one in region_areas.DRAWN:
        _offer_to_keep(images, one)
    st.segmented_control(
        "Intensities",
        [AS_MEASURED, BY_TIC],
        default=AS_MEASURED,
        required=True,
        key="region intensities",
        persist_state="session",
        help="Divided by the total ion count of each pixel, so that pixels that give more of everything do not count "
        "as rich in every ion.",
    )


def _short(side: str, name: str) -> str:
    return side if name in region_areas.DRAWN.values() else f"{side}: {name}"


def _height(images: IonImages) -> int:
    """Return the height of the section: no more than its shape needs."""
    rows, columns = images.shape
    return round(min(max(WIDTH * rows * images.pixel_aspect / columns, LEAST_HEIGHT), HEIGHT))


def take_drawn(images: IonImages) -> None:
    """Take what the user has just drawn as region A or B; called before the widgets of the page exist."""
    event = st.session_state.get(_chart_key())
    found = outlines(event["selection"]) if event else []
    if found:
        side = st.session_state.get("region drawn", "A").lower()
        if region_areas.set_drawn(images, side, found):
            st.session_state[_choice_key(images, side)] = region_areas.DRAWN[side]
            link(images)
        else:
            state.notify("No pixel was measured in what you have drawn.", "lasso_select")
        # A new key makes a new chart, without the selection that was just taken.
        st.session_state["regions drawn"] = st.session_state.get("regions drawn", 0) + 1


def link(images: IonImages) -> None:
    """Put the names of the chosen regions into the address; what was just drawn has none that lasts."""
    for side in region_areas.DRAWN:
        name = st.session_state.get(_choice_key(images, side))
        state.link_to(side, None if name in region_areas.DRAWN.values() else name)


def _take_linked(images: IonImages, areas: dict[str, np.ndarray]) -> None:
    """Choose the regions of the address when the page is opened for the first time."""
    key = ion_picker.own_key(images, "regions linked")
    if st.session_state.get(key):
        return
    st.session_state[key] = True
    for side in region_areas.DRAWN:
        name = state.linked(side)
        if name in areas:
            st.session_state[_choice_key(images, side)] = name
        elif name is not None:
            state.notify(f"The area {name} of this data set does not exist any more.")
            state.link_to(side, None)


def _choice_key(images: IonImages, side: str) -> str:
    return ion_picker.own_key(images, f"region {side}")


def _chart_key() -> str:
    return f"regions {st.session_state.get('regions drawn', 0)}"


def _offer_to_keep(images: IonImages, side: str) -> None:
    area = region_areas.drawn_area(images, side)
    if area is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            f"Keep what was drawn for {side.upper()} as",
            key=f"keep {side}",
            max_chars=LONGEST_NAME,
            placeholder=_suggestion(images, side),
        )
        st.button("Keep", key=f"keep drawn {side}", icon=":material/save:", on_click=_keep, args=(images, side))


@plain_errors()
def _keep(images: IonImages, side: str) -> None:
    given = region_areas.keep_drawn(images, side, st.session_state.pop(f"keep {side}", "") or _suggestion(images, side))
    st.session_state[_choice_key(images, side)] = given
    link(images)


def _suggestion(images: IonImages, side: str) -> str:
    taken = {area.name for area in region_areas.kept(images)} | set(images.region_names)
    number = 1
    while f"region {number}" in taken:
        number += 1
    return f"region {number + (side == 'b' and region_areas.drawn_area(images, 'a') is not None)}"


def _exchange(images: IonImages) -> None:
    key_a, key_b = _choice_key(images, "a"), _choice_key(images, "b")
    st.session_state[key_a], st.session_state[key_b] = st.session_state[key_b], st.session_state[key_a]
    link(images)


def _backdrop(
    images: IonImages, means: dict[int, np.ndarray], titles: dict[int, str], backdrop: str
) -> tuple[np.ndarray, str, str]:
    """Return an image (H, W), its title and its unit."""
    what, _, number = backdrop.rpartition(" ")
    if what == "ion":
        return np.asarray(images.images[int(number)]), ion_picker.position(images, int(number)), "a.u."
    if what == "cluster" and int(number) in means:
        return means[int(number)], f"Mean image of cluster {titles[int(number)]}", "0 to 1"
    return total(images), TOTAL, "a.u."


def total(images: IonImages) -> np.ndarray:
    """Return the total ion count of each pixel, shape (H, W)."""
    return _total(images.fingerprint, images)


@st.cache_resource(show_spinner="Adding up the ion images", max_entries=6)
def _total(fingerprint: str, _images: IonImages) -> np.ndarray:
    return total_ion_image(_images)


@st.cache_resource(show_spinner="Comparing the ions", max_entries=30)
def _contrast(
    fingerprint: str,
    pixels_a: bytes,
    pixels_b: bytes,
    normalised: bool,
    _images: IonImages,
    _a: np.ndarray,
    _b: np.ndarray,
) -> Contrast:
    factor = pixel_factor(total(_images), _images.mask) if normalised else None
    return rank(_images.images, _a, _b, factor=factor)


def about(compared: Compared) -> str:
    """Return how many pixels are compared."""
    both = f"{count(compared.contrast.pixels_a, 'pixel')} of A against {compared.contrast.pixels_b:,} of B"
    return f"{both}: {literal(compared.name_a)} against {literal(compared.name_b)}"
