"""From a data file to a data set on the shelf: health report, settings, import with progress."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from msiss.data import health
from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress
from msiss.ui import state, words
from msiss.ui.files import clear_upload, keep_table
from msiss.ui.guard import heard_warnings, show_warnings

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

LEVELS = {"pass": "✅ fine", "warning": "⚠️ note", "stop": "⛔ stop"}
DEMO = "demo"
# An estimate from less work than this would jump about.
FIRST_ESTIMATE = 0.03


def add_demo() -> None:
    """Put the simulated section on the shelf, where it is not there yet, and work on it."""
    if DEMO not in state.library().names():
        with st.spinner("Simulating a tissue section"):
            from msiss.data.phantom import make_phantom

            state.library().add(make_phantom().images, DEMO)
    state.choose_dataset(DEMO)
    st.rerun()


def offer(path: Path) -> None:
    """Show what is in a data file and, where it can be used, import it on request."""
    report = _check(path)
    _show_health(report)
    if not report.usable:
        st.error("This file cannot be imported as it is. The rows marked “stop” say what to do.", icon="⛔")
        return
    settings = _settings() if path.suffix.lower() == ".imzml" else {}
    name = st.text_input("Name of the data set", path.stem, max_chars=80)
    if st.button("Import", type="primary", icon=":material/download_done:", key="import"):
        from msiss.data.formats import read

        _import(name, lambda progress: read(path, progress=progress, **settings))


def _check(path: Path) -> health.HealthReport:
    """Look through the file, unless that is what was done last."""
    file = (path, path.stat().st_mtime_ns, path.stat().st_size)
    kept = st.session_state.get("checked")
    if kept is None or kept[0] != file:
        bar = st.progress(0.0, "Looking through the file")
        kept = (file, health.check(path, progress=_progress(bar)))
        bar.empty()
        st.session_state["checked"] = kept
    return kept[1]


def _show_health(report: health.HealthReport) -> None:
    table = pd.DataFrame(
        [(LEVELS[row.level], row.check, row.found, f"{row.meaning} {row.action}".strip()) for row in report.rows],
        columns=["Result", "Check", "Found", "What it means, what to do"],
    )
    st.markdown("**Health of the file**")
    st.table(table, hide_index=True, border="horizontal")


def _settings() -> dict[str, Any]:
    """Draw what an imzML file is read with."""
    listed = st.file_uploader(
        "m/z list (CSV, optional)",
        type=["csv", "tsv", "txt"],
        help="A table with a column mz, in Th. Without one, msiss picks the peaks of the data itself.",
    )
    left, right = st.columns(2)
    ppm = left.number_input(
        "Tolerance (ppm)",
        0.1,
        1000.0,
        10.0,
        help="Signals within this distance of an m/z count as that ion. 3 to 10 ppm suit Orbitrap and FT-ICR, 50 and "
        "more a time-of-flight instrument.",
    )
    peaks = right.number_input(
        "Number of ions",
        10,
        10_000,
        500,
        disabled=listed is not None,
        help="The most structured and most intense peaks are kept. Of an m/z list, all ions are.",
    )
    if listed is None:
        return {"ppm": ppm, "peaks": int(peaks)}
    from msiss.data.mz_list import read_mz_list

    with heard_warnings() as heard:
        wanted = read_mz_list(keep_table(listed))
    show_warnings(heard)
    st.caption(f"{words.count(len(wanted.mz), 'ion')} in the list.")
    return {"ppm": ppm, "mz": wanted.mz, "names": wanted.names}


def _import(name: str, read: Callable[[Progress], IonImages]) -> None:
    """Read with progress; a click on Stop ends this run of the page at the next sign of progress."""
    st.button("Stop", icon=":material/stop_circle:", key="stop import")
    st.caption("Keep this page open until the import is done.")
    with heard_warnings() as heard:
        images = read(_progress(st.progress(0.0, "Starting")))
        folder = state.library().add(images, name)
    clear_upload()
    state.choose_dataset(folder.name)
    st.session_state["imported"] = (folder.name, heard)
    st.rerun()


def _progress(bar: "DeltaGenerator") -> Progress:
    """Return what moves a progress bar and says how long it still takes."""
    started = time.monotonic()

    def show(fraction: float, text: str) -> None:
        spent = time.monotonic() - started
        left = spent * (1 - fraction) / fraction if fraction > FIRST_ESTIMATE else None
        bar.progress(min(fraction, 1.0), " – ".join(filter(None, [text, words.time_left(left)])))

    return show
