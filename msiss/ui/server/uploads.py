"""Writes uploaded files to disk as they arrive, instead of keeping them in the memory of the server.

Streamlit reads every uploaded file into memory and keeps it there. `install` makes its upload route write each file to
a folder, and keep a random key in place of the content, which only this module maps to the file. The file is removed
when Streamlit drops the upload: with the widget's content, or with the session. Streamlit still checks who uploads and
how much. Without `install`, as under ``streamlit run app.py``, files come from memory.

Every server has its own folder, locked while it runs, so that the next one knows which folders are abandoned. In its
own folder, a server removes after a day what no import and no session needs.
"""

import shutil
import threading
import uuid
from collections.abc import Iterable
from io import BufferedWriter, FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout
from starlette import requests
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartParser
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from msiss.durable import age
from msiss.errors import DataError, RunError
from msiss.home import imports_folder, made, uploads_folder
from msiss.runs.imports import ImportJob, ImportStore
from msiss.runs.jobs import State

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

KEY = b"this upload of msiss is on disk: "  # prefix of every key
LEFT_SECONDS = 86400  # after which an unused upload is abandoned
KEY_BYTES = len(KEY) + 32

_paths: dict[bytes, Path] = {}  # key -> path of the file
_starting = threading.Lock()
_locks: dict[Path, FileLock] = {}  # folder of uploads -> lock of this process's own folder in it


class _Incoming(BufferedWriter):
    """A file that is being uploaded; it is removed if it is incomplete when closed."""

    def __init__(self) -> None:
        self.path = new_folder() / "incoming"
        self.complete = False
        super().__init__(FileIO(self.path, "xb"))

    def close(self) -> None:
        try:
            super().close()
        finally:
            if not self.complete:
                self.path.unlink(missing_ok=True)
                _remove_empty(self.path.parent)


class _FileOnDisk(UploadFile):
    async def read(self, size: int = -1) -> bytes:  # noqa: ARG002 - the content is only the key
        incoming: _Incoming = self.file  # type: ignore[assignment]
        incoming.flush()  # raises where the disk is full
        incoming.complete = True
        key = KEY + uuid.uuid4().hex.encode()
        _paths[key] = incoming.path
        return key


class _ParserToDisk(MultiPartParser):
    def on_headers_finished(self) -> None:
        super().on_headers_finished()
        part = self._current_part
        if part.file is None:
            return
        part.file.file.close()
        file = _Incoming()
        self._files_to_close_on_error[-1] = file  # type: ignore[call-overload]
        part.file = _FileOnDisk(file=file, size=0, filename=part.file.filename, headers=part.file.headers)


class _ManagerOnDisk(MemoryUploadedFileManager):
    def remove_session_files(self, session_id: str) -> None:
        files = self.get_files(session_id, list(self.file_storage.get(session_id, ())))
        _remove(file.data for file in files)
        super().remove_session_files(session_id)

    def remove_file(self, session_id: str, file_id: str) -> None:
        _remove(file.data for file in self.get_files(session_id, [file_id]))
        super().remove_file(session_id, file_id)


def install() -> None:
    """Make the server of this process keep uploads on disk, and remove abandoned uploads of earlier servers."""
    from streamlit.runtime import memory_uploaded_file_manager
    from streamlit.web.server import server

    _own_folder()
    requests.MultiPartParser = _ParserToDisk  # type: ignore[misc]
    for module in (memory_uploaded_file_manager, server):
        setattr(module, MemoryUploadedFileManager.__name__, _ManagerOnDisk)


def place(file: "UploadedFile", path: Path) -> Path:
    """Move an uploaded file to `path` and return `path`.

    Raises
    ------
    DataError
        If it cannot be written or no longer exists.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        key = file.getvalue() if file.size == KEY_BYTES else b""
        if not key.startswith(KEY):
            path.write_bytes(file.getbuffer())
        elif _paths[key] != path:
            before = _paths[key]
            _paths[key] = before.replace(path)
            _remove_empty(before.parent)
    except (KeyError, FileNotFoundError) as error:
        raise DataError(f"The uploaded file {file.name} does not exist any more. Upload it again.") from error
    except OSError as error:
        raise DataError(
            f"The uploaded file {file.name} could not be kept in {path.parent}: {error.strerror or error}. "
            "Check the free space of that disk."
        ) from error
    return path


def new_folder() -> Path:
    """Return a new folder for the files of one upload."""
    _remove_old()
    return made(_own_folder() / uuid.uuid4().hex)


def _own_folder() -> Path:
    """Return the folder for uploads of this process; the first call removes those of processes that have ended."""
    root = uploads_folder().resolve()
    with _starting:
        if root not in _locks:
            _remove_left(root)
            own = made(root / uuid.uuid4().hex)
            _locks[root] = FileLock(own / "lock", thread_local=False)
            _locks[root].acquire()
        return Path(_locks[root].lock_file).parent


def _remove_left(root: Path) -> None:
    needed = _needed()
    for left in root.glob("*/"):
        try:
            with FileLock(left / "lock", timeout=0):
                for folder in left.glob("*/"):
                    if folder not in needed:
                        shutil.rmtree(folder, ignore_errors=True)
        except (Timeout, OSError):  # another server uses it
            continue
        if not any(left.glob("*/")):
            shutil.rmtree(left, ignore_errors=True)


def _remove_old() -> None:
    """Remove old uploads of ended sessions; without `install`, nothing reports the end of a session."""
    needed, kept = _needed(), list(_paths.values())
    for folder in _own_folder().glob("*/"):
        in_use = folder in needed or any(path.is_relative_to(folder) for path in kept)
        if not in_use and age(folder) > LEFT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def _remove(keys: Iterable[bytes]) -> None:
    """Remove the files of uploads that Streamlit drops, unless an import uses them."""
    paths = [_paths.pop(key) for key in keys if key in _paths]
    needed = _needed() if paths else []
    for path in paths:
        if not any(path.is_relative_to(folder) for folder in needed):
            path.unlink(missing_ok=True)
            _remove_empty(path.parent)


def _remove_empty(folder: Path) -> None:
    """Remove a folder of an upload and its parents, as far as they are empty."""
    own = _own_folder()
    while own in folder.parents and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _needed() -> list[Path]:
    """Return the upload folders of imports that are not done."""
    jobs = [job for job in ImportStore(imports_folder()) if not _is_done(job)]
    return [job.request.own_files for job in jobs if job.request.own_files is not None]


def _is_done(job: ImportJob) -> bool:
    try:
        return job.status.state is State.DONE
    except RunError:  # its status cannot be read at the moment
        return False
