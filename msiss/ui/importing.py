"""From a data file to a data set on the shelf: health report, settings, import with progress."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from msiss.data import health
from msiss.data.formats import is_imzml
from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress
from msiss.data.recipe import ReadConfig, Recipe
from msiss.ui import files, state, words
from msiss.ui.guard import heard_warnings, show_warnings

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

# A no-break space keeps the icon and its word on one line.
LEVELS = {"pass": "✅\u00a0fine", "warning": "⚠️\u00a0note", "stop": "⛔\u00a0stop"}
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


def upload() -> None:
    """Let the user choose the files of a data set in the browser."""
    chosen = st.file_uploader(
        "Choose an .imzML file **together with** its .ibd file, or a stack of ion images: npz, npy, TIFF, h5ad, CSV, "
        "or a zip file of PNG or TIFF pictures named by m/z",
        type=list(files.UPLOAD_ENDINGS),
        accept_multiple_files=True,
        key=files.upload_key(),
    )
    if chosen:
        _offer(files.keep_upload(chosen))
    else:
        files.forget_upload()


def from_server() -> None:
    """Let the user choose a data file from the allowed folders of the server."""
    roots = files.roots()
    if not roots:
        st.info(
            "For files that are too large to upload. No folder is allowed yet: the person who runs this msiss lists "
            "the folders that it may read in the environment variable `MSISS_DATA_ROOTS` and starts it again.",
            icon=":material/folder_off:",
        )
        return
    chosen = st.selectbox(
        "Data file on the server",
        [str(path) for root in roots for path in files.data_files(root)],
        index=None,
        accept_new_options=True,
        filter_mode="contains",
        placeholder="Choose a file, or type its path",
        key="server file",
        help=f"Files in {', '.join(map(str, roots))}. Type the path of one that is not listed.",
    )
    if chosen:
        _offer(files.allowed(chosen))


def _offer(path: Path) -> None:
    """Show what is in a data file and, where it can be used, import it on request."""
    report = _check(path)
    _show_health(report)
    if not report.usable:
        st.error("This file cannot be imported as it is. The rows marked “stop” say what to do.", icon="⛔")
        return
    settings = _settings() if is_imzml(path) else ReadConfig()
    name = st.text_input("Name of the data set", path.stem, max_chars=80)
    if st.button("Import", type="primary", icon=":material/download_done:", key="import"):
        from msiss.data.importing import import_data

        recipe = Recipe(read=settings)
        _import(name, lambda progress: import_data([path], recipe, progress=progress))


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
    """Show what is to be known about the file, and hide what is as it should be."""
    fine = [row for row in report.rows if row.level == "pass"]
    other = [row for row in report.rows if row.level != "pass"]
    st.markdown("**Health of the file**")
    if other:
        _health_table(other)
    if fine:
        with st.expander(f"{words.count(len(fine), 'check')} passed", icon=":material/check_circle:"):
            _health_table(fine)


def _health_table(rows: Sequence[health.HealthRow]) -> None:
    table = pd.DataFrame(
        [(LEVELS[row.level], row.check, row.found, f"{row.meaning} {row.action}".strip()) for row in rows],
        columns=["Result", "Check", "Found", "What it means, what to do"],
    )
    st.table(table, hide_index=True, border="horizontal")


def _settings() -> ReadConfig:
    """Draw what an imzML file is read with."""
    listed = st.file_uploader(
        "m/z list (CSV, optional)",
        type=files.TABLE_ENDINGS,
        max_upload_size=files.TABLE_MB,
        help="A table with a column mz, in Th, and if you like name, formula, adduct and class. Without one, msiss "
        "picks the peaks of the data itself.",
    )
    fields = ReadConfig.model_fields
    left, right = st.columns(2)
    ppm = left.number_input(
        str(fields["ppm"].title), 0.1, 1000.0, fields["ppm"].default, help=fields["ppm"].description
    )
    number = right.number_input(
        str(fields["number"].title),
        10,
        10_000,
        fields["number"].default,
        disabled=listed is not None,
        help=f"{fields['number'].description} Of an m/z list, all ions are taken.",
    )
    if listed is None:
        return ReadConfig(ppm=ppm, number=int(number))
    from msiss.data.mz_list import read_mz_list

    with heard_warnings() as heard:
        wanted = read_mz_list(files.keep_table(listed))
    show_warnings(heard)
    st.caption(f"{words.count(len(wanted), 'ion')} in the list.")
    return ReadConfig(peaks="list", mz_list=wanted, ppm=ppm)


def _import(name: str, read: Callable[[Progress], IonImages]) -> None:
    """Read with progress; a click on Stop ends this run of the page at the next sign of progress."""
    st.button("Stop", icon=":material/stop_circle:", key="stop import")
    st.caption("Keep this page open until the import is done.")
    with heard_warnings() as heard:
        images = read(_progress(st.progress(0.0, "Starting")))
        folder = state.library().add(images, name)
    files.clear_upload()
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
