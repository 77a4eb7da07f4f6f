"""Uploaded files go to disk as they come, and leave the memory of the server free.

Streamlit reads every uploaded file into memory and keeps it there. `install` lets its upload route write each file into
a folder instead, and keep a random key in place of the content, which only this module can turn into the file. The file
goes when Streamlit forgets the upload: with the widget's content, or with the session. Streamlit itself goes on
checking who uploads and how much. Where it is not installed, as under ``streamlit run app.py``, files come from memory.

Every server has a folder of its own, locked while it lives, so that the next one knows what nobody needs any more. What
no import and no session of its own needs, it removes after a day.
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

KEY = b"this upload of msiss is on disk: "  # begins every key
LEFT_SECONDS = 86400  # after which nobody comes back for an upload
KEY_BYTES = len(KEY) + 32

_places: dict[bytes, Path] = {}  # key -> where the file is now
_starting = threading.Lock()
_locks: dict[Path, FileLock] = {}  # folder of uploads -> what says that this process uses its own folder in there


class _Incoming(BufferedWriter):
    """A file that is being uploaded; unless it becomes whole, it goes when it is closed."""

    def __init__(self) -> None:
        self.path = new_folder() / "incoming"
        self.whole = False
        super().__init__(FileIO(self.path, "xb"))

    def close(self) -> None:
        try:
            super().close()
        finally:
            if not self.whole:
                self.path.unlink(missing_ok=True)
                _remove_empty(self.path.parent)


class _FileOnDisk(UploadFile):
    async def read(self, size: int = -1) -> bytes:  # noqa: ARG002 - what is read is the key
        incoming: _Incoming = self.file  # type: ignore[assignment]
        incoming.flush()  # raises where the disk is full
        incoming.whole = True
        key = KEY + uuid.uuid4().hex.encode()
        _places[key] = incoming.path
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
    """Let the server of this process keep uploads on disk, and remove what is left of earlier servers."""
    from streamlit.runtime import memory_uploaded_file_manager
    from streamlit.web.server import server

    _own_folder()
    requests.MultiPartParser = _ParserToDisk  # type: ignore[misc]
    for module in (memory_uploaded_file_manager, server):
        setattr(module, MemoryUploadedFileManager.__name__, _ManagerOnDisk)


def place(file: "UploadedFile", path: Path) -> Path:
    """Put an uploaded file at `path`, from wherever it is now, and return `path`.

    Raises
    ------
    DataError
        If there is no room for it, or it is gone.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        key = file.getvalue() if file.size == KEY_BYTES else b""
        if not key.startswith(KEY):
            path.write_bytes(file.getbuffer())
        elif _places[key] != path:
            before = _places[key]
            _places[key] = before.replace(path)
            _remove_empty(before.parent)
    except (KeyError, FileNotFoundError) as error:
        raise DataError(f"The uploaded file {file.name} is not here any more. Upload it again.") from error
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
    """Return the folder for the uploads of this process; with the first call, what dead processes left there goes."""
    everything = uploads_folder().resolve()
    with _starting:
        if everything not in _locks:
            _remove_left(everything)
            own = made(everything / uuid.uuid4().hex)
            _locks[everything] = FileLock(own / "lock", thread_local=False)
            _locks[everything].acquire()
        return Path(_locks[everything].lock_file).parent


def _remove_left(everything: Path) -> None:
    needed = _needed()
    for left in everything.glob("*/"):
        try:
            with FileLock(left / "lock", timeout=0):
                for folder in left.glob("*/"):
                    if folder not in needed:
                        shutil.rmtree(folder, ignore_errors=True)
        except (Timeout, OSError):  # another server works with it
            continue
        if not any(left.glob("*/")):
            shutil.rmtree(left, ignore_errors=True)


def _remove_old() -> None:
    """Remove what this process kept for a session that ended without a word, as those do whose files are in memory."""
    needed, alive = _needed(), list(_places.values())
    for folder in _own_folder().glob("*/"):
        wanted = folder in needed or any(place.is_relative_to(folder) for place in alive)
        if not wanted and age(folder) > LEFT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def _remove(forgotten: Iterable[bytes]) -> None:
    """Remove the files of uploads that Streamlit forgets, unless an import has them."""
    paths = [_places.pop(data) for data in forgotten if data in _places]
    needed = _needed() if paths else []
    for path in paths:
        if not any(path.is_relative_to(folder) for folder in needed):
            path.unlink(missing_ok=True)
            _remove_empty(path.parent)


def _remove_empty(folder: Path) -> None:
    """Remove a folder of an upload, and those around it, unless something is left there."""
    own = _own_folder()
    while own in folder.parents and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _needed() -> list[Path]:
    """Return the folders of uploads that imports have, unless they are done."""
    jobs = [job for job in ImportStore(imports_folder()) if not _is_done(job)]
    return [job.request.own_files for job in jobs if job.request.own_files is not None]


def _is_done(job: ImportJob) -> bool:
    try:
        return job.status.state is State.DONE
    except RunError:  # it cannot be read right now
        return False
