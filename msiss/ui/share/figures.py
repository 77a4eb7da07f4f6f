"""The figures for print on the page Report: chosen, previewed on request, and made when a button is pressed."""

from typing import Any

import streamlit as st

from msiss.analyse.representations import title_of
from msiss.data.ion_images import IonImages
from msiss.runs.grouping import Grouping
from msiss.share.figures.options import Options
from msiss.share.figures.registry import FIGURES, FigureKind, pages
from msiss.show.maps import MAP_TITLES
from msiss.show.palette import COLOUR_MAPS
from msiss.ui import selection
from msiss.ui.explore.view import View
from msiss.ui.messages import plain_errors
from msiss.ui.widgets import figure_download, ion_picker

PREVIEW_DPI = 130
WHOLE_HELP = "Otherwise one page per cluster, with the most confident ions."
QUANTILE_HELP = "Intensities above this quantile of an ion image get the brightest colour."


def draw(shown: View, grouping: Grouping, images: IonImages) -> None:
    """Draw the choice of a figure with its options, the preview and the downloads."""
    kind = FIGURES[
        st.selectbox(
            "Figure",
            FIGURES.names,
            format_func=lambda name: FIGURES[name].title,
            key="figure kind",
            persist_state="session",
        )
    ]
    st.caption(kind.about)
    with plain_errors():
        options = _options(kind, shown, images)
        with st.container(horizontal=True):
            figure_download.popover(kind.name, grouping, images, options, key=f"figure {kind.name}")
            wanted = st.button("Preview", icon=":material/visibility:", key="figure preview")
        if wanted:
            with st.spinner("Drawing the figure"):
                _preview(kind, grouping, images, options)


def _options(kind: FigureKind, shown: View, images: IonImages) -> Options:
    """Draw the options that a figure uses."""
    chosen: dict[str, Any] = {}
    if "ions" in kind.uses:
        chosen["ions"] = _ions(kind, images)
    if "clusters" in kind.uses:
        chosen["whole"] = st.checkbox("All ions of each cluster", key="figure whole", help=WHOLE_HELP)
    if "compare" in kind.uses:
        chosen["compare"] = tuple(
            st.multiselect(
                "Compare",
                shown.run.representations,
                format_func=title_of,
                max_selections=3,
                placeholder="The clusters' own, and plain pixels",
                key="figure compare",
            )
        )
    if "method" in kind.uses:
        chosen["method"] = st.segmented_control(
            "Method",
            list(MAP_TITLES),
            default="umap",
            required=True,
            format_func=MAP_TITLES.__getitem__,
            key="figure method",
        )
    if "zoom" in kind.uses:
        chosen["zoom"] = _zoom(images)
    left, right = st.columns(2)
    if "colours" in kind.uses:
        chosen["colours"] = left.selectbox("Colour map", COLOUR_MAPS, key="figure colours")
    if "quantile" in kind.uses:
        chosen["quantile"] = right.number_input(
            "Brightest at quantile", 0.5, 1.0, 0.999, 0.001, format="%.4f", key="figure quantile", help=QUANTILE_HELP
        )
    return Options(**chosen)


def _ions(kind: FigureKind, images: IonImages) -> tuple[int, ...]:
    """Let the user choose ions; those that are selected on the other pages are taken by a button."""
    name, selected = f"figure ions {kind.name}", selection.selected()[: kind.most_ions]
    picker, button = st.columns([3, 1], vertical_alignment="bottom")
    button.button(
        "Take the selection",
        icon=":material/select:",
        key="figure selection",
        disabled=not selected,
        on_click=lambda: st.session_state.update({ion_picker.own_key(images, name): selected}),
        help="The ions that are selected on the other pages.",
        width="stretch",
    )
    with picker:
        return tuple(ion_picker.pick(images, name, default=(), most=kind.most_ions))


def _zoom(images: IonImages) -> tuple[float, float] | None:
    """Let the user choose a part of the spectrum; None for all of it."""
    low, high = float(images.mz.min()), float(images.mz.max())
    if not low < high:
        return None
    first, last = st.slider(
        f"From and to ({images.axis.title})", low, high, (low, high), key=ion_picker.own_key(images, "figure zoom")
    )
    return None if (first, last) == (low, high) or not first < last else (first, last)


def _preview(kind: FigureKind, grouping: Grouping, images: IonImages, options: Options) -> None:
    """Show the first page of a figure."""
    from msiss.show.print.save import save  # matplotlib, which it draws with, is slow to import

    drawn = pages(kind.name, grouping, images, options)
    _, figure = next(drawn)
    st.image(save(figure, "png", dpi=PREVIEW_DPI), width="stretch", alt=f"{kind.title}. {kind.about}")
    if kind.paged:
        st.caption("The first page.")
