"""Runs that go to another machine or come from one, on the page Runs."""

from functools import partial
from pathlib import Path

import streamlit as st

from msiss.data.file_names import kept_path
from msiss.runs import transfer
from msiss.runs.jobs import State
from msiss.runs.labels import title_of_run
from msiss.runs.store import Run
from msiss.ui import state
from msiss.ui.messages import plain_errors
from msiss.ui.runs import table
from msiss.ui.server import downloads
from msiss.ui.widgets.files import keep_small

UPLOADED = "run"  # kind of the uploaded file


def export_box(run: Run) -> None:
    """Draw the button that packs a finished run into one file."""
    identity = run.path.name
    with st.popover("Export", icon=":material/download:", disabled=run.status.state is not State.DONE):
        with_images = st.toggle(
            "With its ion images",
            key=f"export images {identity}",
            help="Then the other machine needs no data set. The file is as large as the data set and the run together.",
        )
        st.download_button(
            "Download the run (.zip)",
            partial(_packed, run, with_images),
            f"msiss-run-{kept_path(run.request.dataset.name).name}-{identity[:4]}.zip",
            "application/zip",
            key=f"export {identity}",
            on_click="ignore",
            help="For “Import a run” on the page Runs of another msiss, with names, notes and corrections.",
        )


def import_box() -> None:
    """Draw the upload of a run that was packed elsewhere."""
    with st.expander("Import a run", icon=":material/upload_file:"):
        file = st.file_uploader(
            "A run from another machine (.zip)",
            type=["zip"],
            key="run file",
            help="It is unpacked and checked in a process of its own; nothing that is here is changed.",
        )
        if file is not None and st.button("Import", key="import run", icon=":material/download_done:"):
            with plain_errors(), st.spinner("Unpacking and checking the run"):
                run = transfer.import_run(keep_small(file, UPLOADED), state.store(), state.library())
                _show(run)


def _packed(run: Run, with_images: bool) -> bytes:
    def write(folder: Path) -> Path:
        path = folder / "run.zip"
        transfer.export_run(run, path, with_images=with_images)
        return path

    return downloads.offer(write)


def _show(run: Run) -> None:
    """Switch to the data set of an imported run and tick its row; without a data set, say what is missing."""
    name = run.request.dataset.name
    if name not in state.dataset_names():
        state.notify(f"Imported: {title_of_run(run)}. Open its data set, {name}, to see it.", "check")
        return
    state.choose_dataset(name)
    state.choose_run(run.path.name)
    table.select([run.path.name])
    state.notify(f"Imported: {title_of_run(run)}", "check")
    st.rerun()
