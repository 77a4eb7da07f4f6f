"""A popover that saves a figure at print size."""

from functools import partial

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.runs.grouping import Grouping
from msiss.share.figures.options import Options
from msiss.share.figures.registry import FIGURES, FORMATS, files
from msiss.share.tables import zipped

ABOUT = {
    "pdf": "For papers and slides: text stays text, and fonts are embedded.",
    "svg": "To edit in Inkscape or Illustrator: text stays text.",
    "png": "300 dpi.",
}


def popover(name: str, grouping: Grouping, images: IonImages, options: Options | None = None, *, key: str) -> None:
    """Draw the popover "Save figure" with a download for each format; a file is made when its button is pressed.

    Parameters
    ----------
    name : str
        One of `msiss.share.figures.registry.FIGURES`.
    grouping : Grouping
    images : IonImages
        The data set of the run.
    options : Options, optional
        Such as the ions, the zoom and the colour map that the page shows.
    key : str
        Begins the keys of the widgets; unique on the page.
    """
    kind = FIGURES[name]
    run = grouping.run.request.dataset.name
    with st.popover("Save figure", icon=":material/image:", key=f"{key} popover"):
        for form, about in ABOUT.items():
            archived = kind.paged and form != "pdf"  # a file per page
            ending, mime = ("zip", "application/zip") if archived else (form, FORMATS[form])
            st.download_button(
                form.upper(),
                partial(content, name, grouping, images, form, options),
                f"{run}-{name}-{grouping.n_clusters}-clusters{f'-{form}' if archived else ''}.{ending}",
                mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"{key} {form}",
                width="stretch",
            )
            st.caption(f"{about} A page per cluster, as ZIP." if archived else about)


def content(name: str, grouping: Grouping, images: IonImages, form: str, options: Options | None = None) -> bytes:
    """Return a figure as a file, or as a ZIP archive if it has a file per page."""
    made = dict(files(name, grouping, images, form, options))
    return zipped(made) if FIGURES[name].paged and form != "pdf" else next(iter(made.values()))
