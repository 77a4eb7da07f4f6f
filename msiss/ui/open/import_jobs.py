"""Starts an import and shows its progress every second, until it ends.

The address of the page names the import, so that a refresh shows it again.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import streamlit as st

from msiss import words
from msiss.data.library import clean_name
from msiss.data.metaspace_request import MetaspaceRequest
from msiss.data.recipe import EACH_KIND, Recipe
from msiss.errors import DataError, RunError
from msiss.home import datasets_folder, imports_folder, runs_folder
from msiss.learn.config import RunConfig
from msiss.runs.imports import ImportJob, ImportRequest, ImportStore, RunToStart
from msiss.runs.jobs import UNFINISHED, State, Status
from msiss.ui import state
from msiss.ui.literal import literal
from msiss.ui.messages import plain_errors, show_warnings
from msiss.ui.widgets import files as files_of_session
from msiss.ui.widgets import job_progress


def start(
    files: Sequence[Path],
    recipe: Recipe,
    name: str,
    *,
    separate: bool = False,
    picture: Path | None = None,
    metaspace: MetaspaceRequest | None = None,
    own_files: Path | None = None,
    train: RunConfig | None = None,
) -> NoReturn:
    """Start an import and rerun the page, which then shows it.

    The parameters are those of `ImportRequest`; `train` has the settings of a training that follows.

    Raises
    ------
    DataError
        If a data set of that name exists.
    """
    several = separate or recipe.read.spectra == EACH_KIND  # whose names are made of the files' or the kinds'
    if not several and clean_name(name) in state.library().names():
        raise DataError(f"{clean_name(name)} exists already. Choose another name, or delete that data set first.")
    request = ImportRequest(
        files=tuple(path.resolve() for path in files),
        recipe=recipe,
        name=name,
        library=datasets_folder().resolve(),
        separate=separate,
        picture=picture,
        metaspace=metaspace,
        within=None if not files else tuple(files_of_session.within(files)),
        own_files=own_files,
        train=None if train is None else _training(train),
    )
    if _is_duplicate(request):  # the button was pressed twice
        st.rerun()
    job = _store().create(request)
    st.session_state["import"] = job.path.name
    st.query_params["import"] = job.path.name  # now: the page may be loaded again while the engine starts
    files_of_session.hand_over(own_files)
    _submit(job)


def _is_duplicate(request: ImportRequest) -> bool:
    """Tell whether the import of this session is unfinished and has the same request."""
    job = current()
    if job is None or job.status.state not in UNFINISHED:
        return False
    # As JSON, which leaves out unset fields.
    before, now = (one.model_dump_json(exclude={"created"}) for one in (job.request, request))
    return before == now


def current() -> ImportJob | None:
    """Return the import of this session, if there is one."""
    identity = st.session_state.get("import")
    if not identity:
        return None
    try:
        return _store().get(identity)
    except RunError:  # an old address
        st.session_state["import"] = None
        st.query_params.pop("import", None)
        state.notify("The import of the link does not exist any more. Its data sets are in the list.")
        return None


def show() -> None:
    """Show the progress or the end of the import; once it is done, switch to its data set."""
    job = current()
    if job is None:
        _show_imported()
        return
    status = job.status
    if status.state in UNFINISHED:
        job_progress.watch(lambda: _store().get(job.path.name), status.state, _show_progress)
    elif status.state is State.DONE:
        _open(job)
    else:
        _show_end(job, status)


def _show_progress(job: ImportJob, status: Status) -> None:
    with st.container(border=True):
        st.markdown(f"**Importing {literal(_title(job))}**")
        job_progress.progress_bar(status, phase=status.phase or "Starting")
        job_progress.stop_button(job, "stop import")
        follows = " The training then starts by itself." if job.request.train else ""
        st.caption(f"You may close this page: the import continues, and is shown here when you return.{follows}")


def _open(job: ImportJob) -> None:
    names = [name for name in job.datasets() if name in state.library().names()]
    st.session_state["import"] = None
    if names:
        state.choose_dataset(names[0])
        st.session_state["imported"] = (names, job.warnings(), state.page())
    st.rerun()


def _show_imported() -> None:
    """Show what was imported until the user switches to another data set or page; warnings stay until closed."""
    names, warned, page = st.session_state.get("imported", ([], [], ""))
    if state.dataset_name() not in names or (page != state.page() and not warned):
        _forget_imported()
        return
    message = f"{', '.join(names)} {'was' if len(names) == 1 else 'were'} imported."
    st.success(literal(message), icon=":material/check_circle:")
    show_warnings(warned)
    if warned:
        st.button("Close", icon=":material/close:", key="close import", on_click=_forget_imported)


def _forget_imported() -> None:
    st.session_state.pop("imported", None)


def _show_end(job: ImportJob, status: Status) -> None:
    text = f"**{literal(_title(job))}**: {literal(status.message or status.state)}"
    if made := job.datasets():
        text += f" Imported before that: {literal(', '.join(made))}."
    with st.container(border=True):
        if status.state is State.STOPPED:
            st.warning(text, icon=":material/stop_circle:")
        else:
            st.error(text, icon=":material/error:")
        show_warnings(job.warnings())
        with st.container(horizontal=True):
            _retry_button(job)
            st.button(
                "Close",
                icon=":material/close:",
                key="close import",
                on_click=_discard,
                args=(job,),
                help="Deletes this import, with the files that were uploaded for it.",
            )


def _retry_button(job: ImportJob) -> None:
    if st.button("Try again", icon=":material/restart_alt:", key="retry import"):
        _submit(job)


@plain_errors()
def _discard(job: ImportJob) -> None:
    st.session_state["import"] = None
    if job.status.state not in (*UNFINISHED, State.DONE):  # another session may have started it again
        job.delete()


def _submit(job: ImportJob) -> NoReturn:
    job_progress.submit(job)
    st.rerun()


def _training(config: RunConfig) -> RunToStart:
    return RunToStart(config=config, runs=runs_folder().resolve(), scheduler=os.environ.get("MSISS_SCHEDULER", ""))


def _title(job: ImportJob) -> str:
    return words.count(len(job.request.files), "file") if job.request.separate else job.request.name


def _store() -> ImportStore:
    return ImportStore(imports_folder())
