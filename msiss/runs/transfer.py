"""A run as one file for another machine: written here, read there.

The archive is a zip with the files of `msiss.runs.run_files`, and the ion images of the data set below ``images/`` if
they were asked for. One that is read comes from elsewhere and is not trusted: a child process unpacks it, checks every
part and writes it anew, see `msiss.runs.transfer_works`; nothing foreign is parsed in this process but plain text.
"""

import contextlib
import shutil
import zipfile
from pathlib import Path
from typing import Any

from msiss.data.confined import parent
from msiss.data.library import DataLibrary, clean_name
from msiss.data.progress import Progress, ignore, part
from msiss.data.stored import META
from msiss.data.stored_images import ARRAYS
from msiss.durable import appear, remove_left, unfinished_name
from msiss.errors import DataError, MsissError, RunError, reason
from msiss.home import datasets_folder, made
from msiss.runs.run_files import files_of
from msiss.runs.store import Run, RunStore
from msiss.runs.transfer_tables import write_table

IMAGES = "images/"  # of the data set, in an archive
WORKS = "msiss.runs.transfer_works"
_SMALLER = (".json", ".jsonl", ".npy")  # the others are packed already
_PIECE = 2**20


def export_run(run: Run, path: Path, *, with_images: bool = False, progress: Progress = ignore) -> None:
    """Write a finished run into the new file `path`, a zip archive.

    Parameters
    ----------
    run : Run
    path : Path
    with_images : bool
        Whether the ion images of its data set are in it.
    progress : callable, optional
        See `msiss.data.progress`.

    Raises
    ------
    RunError
        If the run is not done, `path` exists, or it cannot be written.
    DataError
        If the images are asked for and the data set was deleted or changed.
    """
    if path.exists():
        raise RunError(f"{path} exists already. Choose another name.")
    files = list(files_of(run))
    if with_images:
        files += _images(run)
    sizes = [len(file) if isinstance(file, bytes) else file.stat().st_size for _, file in files]
    unfinished, done, total = unfinished_name(path), 0, max(1, sum(sizes))
    try:
        with zipfile.ZipFile(unfinished, "w") as archive:
            for (name, file), size in zip(files, sizes, strict=True):
                share = part(progress, done / total, (done + size) / total)
                _add(archive, name, file, size, share)
                done += size
        appear(unfinished, path)
    except OSError as error:
        raise RunError(
            f"The run could not be written to {path}: {reason(error)}. Check the free space and the permissions there."
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)


def import_run(path: Path, store: RunStore, library: DataLibrary | None = None, *, progress: Progress = ignore) -> Run:
    """Read a run from a file of `export_run` and return it; nothing that exists is changed.

    Its data set is the one of the library that has the same ion images. If there is none, that in the file is added to
    the library; without one the run still has its tables and maps, and finds the data set once it is imported.

    Parameters
    ----------
    path : Path
        Not to be trusted.
    store : RunStore
        Where the run is put.
    library : DataLibrary, optional
        The data sets; by default those of msiss.
    progress : callable, optional
        It may raise an exception to stop.

    Raises
    ------
    RunError
        If `path` holds no run, it or its ion images are damaged or made to do harm, or the run is there already.
    """
    library = library or DataLibrary(datasets_folder())
    if not path.is_file():
        raise RunError(f"{path} is not a file. Give a file that was written by msiss export-run.")
    made(store.folder)
    remove_left(store.folder)
    scratch = unfinished_name(store.folder / "import")
    scratch.mkdir()
    try:
        source = path.resolve()
        told = parent.run(
            f"{WORKS}:unpack",
            {"path": source, "out": scratch / "unpacked"},
            name=path.name,
            size=source.stat().st_size,
            reads=[source],
            writes=scratch,
            progress=part(progress, 0, 0.9),
        )
        return _take(told, scratch / "unpacked", store, library)
    except DataError as error:
        raise RunError(str(error)) from error
    except OSError as error:
        raise RunError(
            f"The run could not be kept in {store.folder}: {reason(error)}. Check the free space and the "
            "permissions of that folder."
        ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _take(told: dict[str, Any], out: Path, store: RunStore, library: DataLibrary) -> Run:
    """Move what a child has unpacked and checked to where it belongs."""
    for file in out.rglob("*"):
        if file.is_symlink() or not (file.is_file() or file.is_dir()):
            raise RunError("The run that was unpacked is not sound. Do not open that file again.")
    folder = out / "run"
    for name, table in told["tables"].items():
        write_table(table, folder / name)
    run = Run(folder)
    place = store.folder / run.request.identity
    if place.exists():
        raise RunError(f"This run is here already: {place}. Nothing was changed.")
    name = clean_name(run.request.dataset.name)
    there = _of_fingerprint(library, run.request.fingerprint)
    if there is None and (out / "images").is_dir():
        made(library.folder)
        library.move_in(out / "images", name, origin=f"run {run.request.identity}")
        there = _of_fingerprint(library, run.request.fingerprint)
    run.record_dataset(there or library.path(library.free_name(name)))
    appear(folder, place)
    return Run(place)


def _of_fingerprint(library: DataLibrary, fingerprint: str) -> Path | None:
    """Return the folder of the data set with these ion images, or None."""
    for name in library.names():
        with contextlib.suppress(MsissError):
            if library.load(name).fingerprint == fingerprint:
                return library.path(name)
    return None


def _images(run: Run) -> list[tuple[str, Path | bytes]]:
    run.images()  # checks that they are those of the training
    folder = run.request.dataset
    names = [META, *(f"{name}.npy" for name in ARRAYS)]
    return [(f"{IMAGES}{name}", folder / name) for name in names if (folder / name).is_file()]


def _add(archive: zipfile.ZipFile, name: str, file: Path | bytes, size: int, progress: Progress) -> None:
    """Add a file to an archive piece by piece, with a fixed time, so that equal runs give equal archives."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = 0o600 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED if name.endswith(_SMALLER) else zipfile.ZIP_STORED
    if isinstance(file, bytes):
        archive.writestr(entry, file)
        return
    with file.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
        taken = 0
        while piece := source.read(_PIECE):
            target.write(piece)
            taken += len(piece)
            progress(taken / size, "Packing the run")
