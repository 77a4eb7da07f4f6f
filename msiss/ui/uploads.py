"""Uploaded files go to disk as they come, and leave the memory of the server free.

Streamlit reads every uploaded file into memory and keeps it there. `install` lets its upload route write each file into
a folder instead, and keep a random key in place of the content, which only this module can turn into the file.
Streamlit itself goes on checking who uploads and how much. Where it is not installed, as under ``streamlit run
app.py``, files come from memory.
"""

import shutil
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from starlette import requests
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartParser

from msiss.errors import RunError
from msiss.home import imports_folder, uploads_folder
from msiss.runs.imports import ImportJob, ImportStore
from msiss.runs.jobs import State

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

DAY = 24 * 3600  # seconds after which an upload that nobody imports is removed

_places: dict[bytes, Path] = {}  # key -> where the file is now


class _FileOnDisk(UploadFile):
    async def read(self, size: int = -1) -> bytes:  # noqa: ARG002 - what is read is the key
        key = uuid.uuid4().hex.encode()
        _places[key] = Path(str(self.file.name))
        return key


class _ParserToDisk(MultiPartParser):
    def on_headers_finished(self) -> None:
        super().on_headers_finished()
        part = self._current_part
        if part.file is None:
            return
        part.file.file.close()
        folder = uploads_folder() / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / uuid.uuid4().hex).open("xb")
        self._files_to_close_on_error[-1] = file  # type: ignore[call-overload]
        part.file = _FileOnDisk(file=file, size=0, filename=part.file.filename, headers=part.file.headers)


def install() -> None:
    """Let the server of this process write uploads to disk, and remove what is left of earlier ones."""
    requests.MultiPartParser = _ParserToDisk  # type: ignore[misc]
    tidy()


def place(file: "UploadedFile", path: Path) -> Path:
    """Put an uploaded file at `path`, from wherever it is now, and return `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    source = _places.get(file.getvalue()) if file.size < 100 else None
    if source is None:
        path.write_bytes(file.getbuffer())
    elif source != path:
        _places[file.getvalue()] = source.replace(path)
    return path


def new_folder() -> Path:
    """Return a new folder for the files of one upload."""
    tidy()
    folder = uploads_folder() / uuid.uuid4().hex
    folder.mkdir(parents=True)
    return folder


def tidy() -> None:
    """Remove uploads of which nobody heard for a day, unless an import still needs them."""
    needed = {job.request.own_files for job in ImportStore(imports_folder()) if not _is_done(job)}
    for old in [*uploads_folder().glob("incoming/*"), *uploads_folder().glob("*")]:
        if old.name != "incoming" and old not in needed and time.time() - old.stat().st_mtime > DAY:
            shutil.rmtree(old, ignore_errors=True) if old.is_dir() else old.unlink(missing_ok=True)


def _is_done(job: ImportJob) -> bool:
    try:
        return job.status.state is State.DONE
    except RunError:  # it cannot be read right now
        return False
