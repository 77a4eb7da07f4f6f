"""Elements of every page: the heading, links, and the data set or run that the page requires."""

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.runs.jobs import UNFINISHED, State
from msiss.runs.store import Run
from msiss.ui import state
from msiss.ui.literal import literal

# Three overlapping spatial patterns. Inline SVG, because an icon given by name would be fetched from a font server.
_DOTS = (
    '<circle cx="11" cy="12" r="8" fill="#3b528b" fill-opacity="0.9"/>'
    '<circle cx="21" cy="12" r="8" fill="#21918c" fill-opacity="0.8"/>'
    '<circle cx="16" cy="20" r="8" fill="#90d743" fill-opacity="0.8"/>'
)
ICON = f'<svg viewBox="0 0 32 32">{_DOTS}</svg>'
LOGO = (
    f'<svg viewBox="0 0 110 32">{_DOTS}<text x="36" y="23" font-family="sans-serif" font-size="22" '
    'font-weight="600" fill="#2a8a94">msiss</text></svg>'
)


# Margins that leave a projector of 1366 x 768 pixels to the content; Streamlit has no setting for them.
_MARGINS = """<style>
[data-testid="stMainBlockContainer"] { padding: 3.25rem 2.5rem 3rem; }
[data-testid="stHeader"] { height: 3rem; min-height: 3rem; background: transparent; }
</style>"""


def frame() -> None:
    """Set the margins of all pages."""
    st.html(_MARGINS)


def heading(title: str, purpose: str) -> None:
    """Draw the title of a page and a sentence on its purpose."""
    st.title(title)
    st.caption(purpose)


def link(page: str, label: str) -> None:
    """Draw a link to a page, given by its file, that keeps the current data set and run."""
    st.page_link(page, label=f"**{label}**", icon=":material/arrow_forward:", query_params=state.query_params())


def next_step(page: str, label: str) -> None:
    """Draw the link to the next page."""
    st.space("small")
    with st.container(border=True, width="content"):
        link(page, f"Next: {label}")


def require_dataset() -> IonImages:
    """Return the current data set; without one, show how to open one and stop the page."""
    images = state.dataset()
    if images is None:
        st.info("There is no data set yet. Open one of yours or the demo first.", icon=":material/upload_file:")
        link("pages/data/open.py", "Open a data set")
        st.stop()
    return images


def run_if_done(without: str) -> Run | None:
    """Return the current run if it is done; else show the text `without` and return None."""
    run = state.run()
    if run is not None and run.status.state is State.DONE:
        return run
    unfinished = run is not None and run.status.state in UNFINISHED
    st.info(f"{without} A training is running." if unfinished else without, icon=":material/info:")
    return None


def require_run() -> tuple[Run, IonImages]:
    """Return the current run and its data set; if it is not done, show what to do first and stop the page."""
    images = require_dataset()
    run = state.run()
    if run is None:
        st.info(
            f"{literal(state.dataset_name())} has not been clustered yet. Start a training; its clusters appear here.",
            icon=":material/model_training:",
        )
        link("pages/train/cluster.py", "Start a training")
        st.stop()
    status = run.status
    if status.state is not State.DONE:
        if status.state in UNFINISHED:
            st.info(
                "This training is still running. Its result appears here when it is done.", icon=":material/hourglass:"
            )
            link("pages/train/cluster.py", "Watch the training")
        else:
            st.warning(
                f"This training was not finished ({status.state}), so there is no result to show. "
                f"{literal(status.message)}",
                icon=":material/warning:",
            )
            link("pages/train/cluster.py", "Resume it, or start another")
        st.stop()
    return run, images
