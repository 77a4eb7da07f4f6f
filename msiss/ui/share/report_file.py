"""The downloads of the whole report on the page Report."""

from functools import partial

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.runs.grouping import Grouping
from msiss.share.report.write import FORMATS, report

ABOUT = {
    "html": "One file that opens in any browser, without a network.",
    "pdf": "The same as PDF, to print or to attach to a paper.",
}


def draw(grouping: Grouping, images: IonImages) -> None:
    """Draw a button for each format; the report is made when it is pressed."""
    st.caption(
        "Data and their health, clusters with names and notes, reliability, corrections, settings, versions and the "
        "methods text in one file. It takes some seconds to make."
    )
    name = f"{grouping.run.request.dataset.name}-{grouping.run.path.name[:4]}-report"
    for column, (kind, about) in zip(st.columns(len(ABOUT)), ABOUT.items(), strict=True):
        column.download_button(
            f"Report ({kind.upper()})",
            partial(report, grouping, images, kind),
            f"{name}.{kind}",
            FORMATS[kind],
            icon=":material/description:",
            on_click="ignore",
            key=f"report {kind}",
            width="stretch",
            help=about,
        )
