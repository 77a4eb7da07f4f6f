"""Downloads from the disk, as Streamlit's own server sends them."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.applications import Starlette
from streamlit.runtime.media_file_storage import MediaFileKind
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.web.server.starlette import starlette_app

from msiss.home import downloads_folder
from msiss.ui.server import downloads

CONTENT = bytes(range(256)) * 1000


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starlette_app, "create_media_routes", starlette_app.create_media_routes)
    monkeypatch.setattr(MemoryMediaFileStorage, "delete_file", MemoryMediaFileStorage.delete_file)
    monkeypatch.setattr(downloads, "_installed", False)
    downloads.install()


def make(folder):
    (folder / "ions.h5ad").write_bytes(CONTENT)
    return folder / "ions.h5ad"


def left() -> list[str]:
    return [path.name for path in downloads_folder().rglob("*") if path.is_file()]


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes


class Served:
    """The media of a storage, asked as a browser would, without a socket."""

    def __init__(self) -> None:
        self.storage = MemoryMediaFileStorage("/media")
        self._app = Starlette(routes=starlette_app.create_media_routes(self.storage, ""))

    def ask(self, path: str, *, method: str = "GET", **headers: str) -> Answer:
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        said: list[Any] = []

        asked = False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if asked:  # a browser that waits for its answer says nothing more
                await asyncio.Event().wait()
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            said.append(message)

        asyncio.run(self._app(scope, receive, send))
        answered = {name.decode(): value.decode() for name, value in said[0]["headers"]}
        return Answer(said[0]["status"], answered, b"".join(message.get("body", b"") for message in said[1:]))


@pytest.mark.usefixtures("msiss_home", "installed")
def test_a_file_is_sent_from_the_disk_and_removed_with_its_button() -> None:
    key = downloads.offer(make)
    assert len(key) < 100
    served = Served()
    storage = served.storage
    file_id = storage.load_and_get_id(key, "application/x-hdf5", MediaFileKind.DOWNLOADABLE, "ions.h5ad")
    answer = served.ask(storage.get_url(file_id))
    assert answer.content == CONTENT
    assert answer.headers["content-disposition"] == 'attachment; filename="ions.h5ad"'
    assert answer.headers["content-type"] == "application/x-hdf5"
    part = served.ask(storage.get_url(file_id), range="bytes=5-9")
    assert (part.status, part.content) == (206, CONTENT[5:10])
    assert served.ask(storage.get_url(file_id), method="HEAD").headers["content-length"] == str(len(CONTENT))
    assert left() == ["ions.h5ad"]
    storage.delete_file(file_id)
    assert left() == []
    storage.delete_file(file_id)
    assert served.ask(f"/media/{file_id}.h5").status == 404


@pytest.mark.usefixtures("msiss_home", "installed")
def test_other_media_are_sent_as_before() -> None:
    served = Served()
    for content in (b"picture", downloads.KEY + b"0" * 32):  # also one that only looks like a key
        file_id = served.storage.load_and_get_id(content, "image/png", MediaFileKind.MEDIA)
        assert served.ask(served.storage.get_url(file_id)).content == content


@pytest.mark.usefixtures("msiss_home")
def test_without_it_the_content_goes_through_memory() -> None:
    assert downloads.offer(make) == CONTENT
    assert left() == []


@pytest.mark.usefixtures("msiss_home", "installed")
def test_what_cannot_be_made_leaves_nothing() -> None:
    def fail(folder):
        (folder / "half").write_bytes(b"x")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        downloads.offer(fail)
    assert list(downloads_folder().iterdir()) == []
