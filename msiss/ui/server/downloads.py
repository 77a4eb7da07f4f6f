"""Sends large downloads from the disk, instead of keeping them in the memory of the server.

Streamlit keeps what a download button gives in memory. `install` makes its media route send a file instead where the
button gave a random key, which only this module maps to the file. The file is removed when Streamlit drops the
download: with the page that offered it, or with the session. Without `install`, as under ``streamlit run app.py``,
files go through memory.
"""

import contextlib
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from msiss.durable import remove_left, unfinished_name
from msiss.home import downloads_folder, made

KEY = b"this download of msiss is on disk: "  # prefix of every key

_paths: dict[bytes, Path] = {}  # key -> the file
_installed = False


def offer(write: Callable[[Path], Path]) -> bytes:
    """Make a file, and return what a download button is to give: its key, or its content without `install`.

    Parameters
    ----------
    write : callable
        Takes an existing empty folder, writes the file into it, and returns its path.
    """
    root = made(downloads_folder())
    remove_left(root)
    folder = unfinished_name(root / "download")
    folder.mkdir()
    try:
        path = write(folder)
        if not _installed:
            return path.read_bytes()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        if not _installed:
            shutil.rmtree(folder, ignore_errors=True)
    key = KEY + uuid.uuid4().hex.encode()
    _paths[key] = path
    return key


def install() -> None:
    """Make the server of this process send downloads from the disk."""
    global _installed
    from streamlit.web.server.starlette import starlette_app

    create = starlette_app.create_media_routes

    def with_files(storage: MemoryMediaFileStorage, base_url: str | None) -> list[BaseRoute]:
        return [_route(route, storage) for route in create(storage, base_url)]

    delete = MemoryMediaFileStorage.delete_file

    def delete_file(storage: MemoryMediaFileStorage, file_id: str) -> None:
        with contextlib.suppress(MediaFileStorageError):
            _remove(storage.get_file(file_id).content)
        delete(storage, file_id)

    setattr(starlette_app, create.__name__, with_files)
    setattr(MemoryMediaFileStorage, delete.__name__, delete_file)
    _installed = True


def _route(route: BaseRoute, storage: MemoryMediaFileStorage) -> BaseRoute:
    """Return a route of media that sends files for keys, and all else as before."""
    if not isinstance(route, Route) or "GET" not in (route.methods or ()):
        return route
    before: Any = route.endpoint

    async def endpoint(request: Request) -> Response:
        answer: Response = await before(request)
        with contextlib.suppress(MediaFileStorageError):
            found = storage.get_file(request.path_params["file_id"])
            path = _paths.get(found.content)
            if path is not None and path.is_file():
                return FileResponse(path, media_type=found.mimetype, filename=found.filename)
        return answer

    return Route(route.path, endpoint, methods=list(route.methods or ()))


def _remove(key: bytes) -> None:
    path = _paths.pop(key, None)
    if path is not None:
        shutil.rmtree(path.parent, ignore_errors=True)
