"""The bin on the page Runs, the damaged runs, and the space on the disk."""

import streamlit as st

from msiss.errors import MsissError
from msiss.runs import jobs
from msiss.runs.labels import title_of_run
from msiss.runs.run_bin import Deleted, RunBin, folder_bytes, free_bytes
from msiss.runs.store import Run
from msiss.ui import state
from msiss.ui.literal import literal
from msiss.ui.messages import plain_errors
from msiss.words import count, size


def show(runs: list[Run]) -> None:
    """Draw the deleted runs of all data sets, and the buttons to restore them and to empty the bin."""
    trash = RunBin(state.store().folder)
    deleted = list(trash)
    used = sum(folder_bytes(run.path) for run in runs)
    st.caption(
        f"The runs of this data set take {size(used)}; {size(free_bytes(state.store().folder))} are free on the disk."
    )
    if not (deleted or trash.bytes()):
        return
    with st.expander(f"Bin: {count(len(deleted), 'run')}, {size(trash.bytes())}", icon=":material/delete:"):
        for one in deleted:
            title, back = st.columns([5, 1.4], vertical_alignment="center")
            title.markdown(
                f"{literal(title_of_run(one.run))} · {literal(one.run.request.dataset.name)}  \n"
                f":small[deleted {one.when.astimezone():%d %b %H:%M}]"
            )
            key = f"restore {one.run.path.name}"
            back.button("Restore", key=key, icon=":material/restore_from_trash:", on_click=_restore, args=(trash, one))
        with st.popover("Empty the bin", icon=":material/delete_forever:"):
            st.markdown("Delete everything in the bin for good?")
            st.button("Delete for good", key="empty bin", type="primary", on_click=_empty, args=(trash,))


def list_damaged() -> None:
    """List the damaged runs of all data sets, with buttons to delete them."""
    for path, reason in jobs.damaged(state.store().folder, Run).items():
        title, facts, delete = st.columns([4, 5.6, 1.5], vertical_alignment="center")
        title.markdown(f"**{literal(path.name[:4])}** :red-badge[damaged]")
        facts.caption(literal(reason))
        with delete.popover("Delete"):
            st.markdown("Delete what is left of this run for good?")
            st.button(
                "Delete for good", key=f"delete {path.name}", type="primary", on_click=jobs.remove_folder, args=(path,)
            )


@plain_errors()
def _restore(trash: RunBin, deleted: Deleted) -> None:
    try:
        run = trash.restore(deleted)
    except MsissError as error:
        state.notify(str(error), "error")
        return
    state.notify(f"Restored: {title_of_run(run)}", "restore_from_trash")


@plain_errors()
def _empty(trash: RunBin) -> None:
    try:
        trash.empty()
    except MsissError as error:
        state.notify(str(error), "error")
