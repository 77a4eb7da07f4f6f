"""The execution of an import by a worker of the engine."""

import errno
import os
import re
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msiss.data import foreign
from msiss.data.each_kind import each_kind
from msiss.data.library import DataLibrary, clean_name
from msiss.data.progress import Progress, part
from msiss.data.recipe import Recipe
from msiss.errors import DataError, MsissError, MsissWarning
from msiss.home import made
from msiss.runs.imports import SCRATCH, ImportJob, RunToStart, clear_up
from msiss.runs.jobs import State, work_exclusively
from msiss.runs.reporter import Reporter, progress_callback
from msiss.runs.store import RunStore

# Disk full, disk quota exceeded, or a file larger than the free space at the start of the import.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def execute_import(path: Path) -> None:
    """Execute the import in `path`. Data sets appear only when complete, and temporary files are always removed.

    Does nothing if it is done or another process holds its lock. The outcome is written to its status.
    """
    work_exclusively(ImportJob(path), _import_locked)


def _import_locked(job: ImportJob) -> None:
    request = job.request
    with (
        Reporter(job) as reporter,
        _warnings_recorded(job),
        _full_disk_reported(request.library),
        _scratch(job) as scratch,
    ):
        reporter.check_stop()
        parts, progress = _parts(job), progress_callback(reporter)
        done = len(job.datasets())  # by an earlier attempt that was killed
        for number, (name, files, recipe) in list(enumerate(parts))[done:]:
            share = part(progress, number / len(parts), (number + 1) / len(parts))
            _import_one(job, name, files, recipe, scratch / str(number), share)
        if request.train is not None:
            _start_run(DataLibrary(request.library), job.datasets()[0], request.train)
    if job.status.state == State.DONE and request.own_files is not None:
        shutil.rmtree(request.own_files, ignore_errors=True)


def _parts(job: ImportJob) -> list[tuple[str, tuple[Path, ...], Recipe]]:
    """Return the name, the files and the recipe of each data set to make."""
    request = job.request
    together = [(request.name, request.files)]
    if request.separate:
        from msiss.data.formats import find_all

        together = [(path.stem, (path,)) for path in find_all(request.files)]
    return [
        (clean_name(of_kind), files, recipe)
        for name, files in together
        for of_kind, recipe in each_kind(files, request.recipe, name, within=request.within)
    ]


def _import_one(
    job: ImportJob, name: str, files: tuple[Path, ...], recipe: Recipe, scratch: Path, progress: Progress
) -> None:
    request = job.request
    library = DataLibrary(request.library)
    origin = f"{job.path.name}/{scratch.name}"
    if existing := library.made_by(origin):  # an earlier attempt was killed just after moving it
        job.append_event({"event": "Added", "name": existing})
        return
    scratch.mkdir()
    foreign.make(
        files,
        recipe,
        scratch / "whole",  # a process that is killed leaves files in this folder only
        picture=request.picture,
        metaspace=request.metaspace,
        within=request.within,
        progress=progress,
    )
    added = library.move_in(scratch / "whole", name, origin=origin).name
    job.append_event({"event": "Added", "name": added})
    if added != clean_name(name):
        warnings.warn(f"There is a data set {name} already; this one is called {added}.", MsissWarning, stacklevel=1)
    shutil.rmtree(scratch, ignore_errors=True)


def _start_run(library: DataLibrary, name: str, wanted: RunToStart) -> None:
    from msiss.runs import engine

    fingerprint = library.load(name).fingerprint
    run = RunStore(wanted.runs).create(dataset=library.path(name), fingerprint=fingerprint, config=wanted.config)
    if wanted.scheduler:
        os.environ["MSISS_SCHEDULER"] = wanted.scheduler
    engine.submit(run)


@contextmanager
def _warnings_recorded(job: ImportJob) -> Iterator[None]:
    """Write the warnings of msiss to the job's events; no other import runs in the same process."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", MsissWarning)
        try:
            yield
        finally:
            for one in caught:
                job.append_event({"event": "Warned", "message": str(one.message)})


@contextmanager
def _full_disk_reported(library: Path) -> Iterator[None]:
    """Replace an error caused by a full disk with one that says so; the temporary files are deleted by then."""
    try:
        yield
    except (MsissError, OSError) as error:
        if not _is_full(error):
            raise
        free = shutil.disk_usage(library).free / 1e9
        raise DataError(
            f"The disk is full, so the import could not be finished. There are {free:.1f} GB free on the disk of the "
            f"data sets ({library}). Delete data sets that you do not need, or choose fewer ions, then start it again. "
            "All other data sets are as they were."
        ) from error


def _is_full(error: BaseException | None) -> bool:
    while error is not None:
        # NumPy does not report a full disk, only the number of items that it could write.
        if isinstance(error, OSError) and (error.errno in FULL or re.search(r"requested and \d+ written", str(error))):
            return True
        error = error.__cause__
    return False


@contextmanager
def _scratch(job: ImportJob) -> Iterator[Path]:
    """Yield a temporary folder on the disk of the data sets, and remove those of imports that were killed."""
    library = job.request.library
    made(library)
    clear_up(library, job.path.parent)
    folder = library / f"{SCRATCH}{job.path.name}"
    shutil.rmtree(folder, ignore_errors=True)  # of an earlier attempt
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
