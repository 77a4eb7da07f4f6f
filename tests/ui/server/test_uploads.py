"""Uploads on disk: written as they come, found by their key only, and tidied away."""

import asyncio
import os
import time
from unittest.mock import Mock

import pytest
from filelock import FileLock
from starlette.datastructures import Headers
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime import memory_uploaded_file_manager
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from msiss.errors import DataError
from msiss.home import imports_folder, uploads_folder
from msiss.runs.imports import ImportRequest, ImportStore
from msiss.runs.jobs import State, Status
from msiss.ui.server import uploads

pytestmark = pytest.mark.usefixtures("msiss_home")

CONTENT = bytes(range(256)) * 1000


def record(content: bytes) -> UploadedFile:
    return UploadedFile(UploadedFileRec("id", "a.ibd", "application/octet-stream", content), FileURLs())


def on_disk() -> list[bytes]:
    """Return the content of all uploads."""
    return [path.read_bytes() for path in uploads_folder().rglob("*") if path.is_file() and path.name != "lock"]


def parsed(content: bytes, piece: int = 7000, *, broken: bool = False) -> uploads._FileOnDisk:
    """Send a file through the parser in pieces, as a browser does."""
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.ibd"\r\n\r\n' + content + b"\r\n--x--\r\n"

    async def stream():
        for start in range(0, len(body), piece):
            yield body[start : start + piece]
            if broken and start > len(body) / 2:
                raise ConnectionError
        yield b""

    parser = uploads._ParserToDisk(Headers({"content-type": "multipart/form-data; boundary=x"}), stream())
    return asyncio.run(parser.parse())["file"]


def kept(content: bytes) -> UploadedFile:
    """Return what Streamlit keeps of a file that came through its route."""
    upload = parsed(content)
    try:
        return record(asyncio.run(upload.read()))
    finally:
        upload.file.close()


def dies(monkeypatch) -> None:
    """Let go of the folder of this process, as a server that ends."""
    for lock in uploads._locks.values():
        lock.release()
    monkeypatch.setattr(uploads, "_locks", {})


def test_a_file_goes_to_disk_whole_and_streamlit_keeps_only_a_key():
    file = kept(CONTENT)
    assert file.size < 100
    assert on_disk() == [CONTENT]

    folder = uploads.new_folder()
    place = uploads.place(file, folder / "new" / "a.ibd")
    assert place.read_bytes() == CONTENT
    assert on_disk() == [CONTENT]  # moved, not copied
    assert uploads.place(file, place) == place  # asked again, it is there already
    assert uploads.place(file, folder / "b.ibd").read_bytes() == CONTENT
    assert not place.parent.exists()


def test_an_upload_that_breaks_off_leaves_nothing():
    with pytest.raises(ConnectionError):
        parsed(CONTENT, broken=True)
    assert on_disk() == []


def test_a_full_disk_refuses_the_upload(monkeypatch):
    flush = Mock(side_effect=OSError(28, "No space left on device"))
    monkeypatch.setattr(uploads._Incoming, "flush", flush)
    with pytest.raises(OSError, match="No space left"):
        kept(CONTENT)
    assert on_disk() == []


def test_a_file_whose_content_is_a_key_is_not_that_file(tmp_path):
    secret = kept(b"secret")
    with pytest.raises(DataError, match="does not exist any more"):
        uploads.place(record(uploads.KEY + b"0" * 32), tmp_path / "guess")
    assert uploads.place(secret, tmp_path / "mine").read_bytes() == b"secret"


def test_without_the_server_of_msiss_files_come_from_memory(tmp_path):
    for content in (CONTENT, b"", bytes(uploads.KEY_BYTES)):
        assert uploads.place(record(content), tmp_path / "a.ibd").read_bytes() == content


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DataError, match="could not be kept"):
        uploads.place(record(CONTENT), tmp_path / "file" / "a.ibd")


def test_files_go_with_the_widget_and_with_the_session_unless_an_import_has_them(tmp_path):
    manager = uploads._ManagerOnDisk("")
    for identity, content in (("a", b"in the widget"), ("b", b"in the session"), ("c", b"in an import")):
        rec = UploadedFileRec(identity, "x", "", kept(content).getvalue())
        manager.add_file("session", rec)
        if identity == "c":
            folder = uploads.new_folder()
            uploads.place(UploadedFile(rec, FileURLs()), folder / "deep" / "x.npz")
            ImportStore(imports_folder()).create(ImportRequest(name="c", library=tmp_path, own_files=folder))
    assert len(on_disk()) == 3
    manager.remove_file("session", "a")
    assert sorted(on_disk()) == [b"in an import", b"in the session"]
    manager.remove_file("session", "a")
    manager.remove_session_files("session")
    manager.remove_session_files("session")
    assert on_disk() == [b"in an import"]
    assert manager.file_storage == {}


def test_what_dead_servers_left_is_removed_but_what_imports_need(tmp_path, monkeypatch):
    store = ImportStore(imports_folder())
    folders = {name: uploads.new_folder() for name in ("forgotten", "needed", "done")}
    for name, folder in folders.items():
        (folder / "a.npz").write_bytes(name.encode())
    store.create(ImportRequest(name="a", library=tmp_path, own_files=folders["needed"]))
    finished = store.create(ImportRequest(name="b", library=tmp_path, own_files=folders["done"]))
    finished.write_status(Status(state=State.DONE))
    kept(b"never placed")
    dies(monkeypatch)
    uploads.new_folder()
    assert on_disk() == [b"needed"]
    finished.delete()
    dies(monkeypatch)


def test_what_is_left_for_a_day_goes_unless_a_session_or_an_import_needs_it(tmp_path):
    folders = {name: uploads.new_folder() for name in ("left", "new", "of an import")}
    for name, folder in folders.items():
        (folder / "deep").mkdir()
        (folder / "deep" / "a.npz").write_bytes(name.encode())
    ImportStore(imports_folder()).create(ImportRequest(name="a", library=tmp_path, own_files=folders["of an import"]))
    uploads.place(kept(b"of a session"), uploads.new_folder() / "a.npz")
    yesterday = time.time() - uploads.LEFT_SECONDS - 1
    for path in uploads_folder().rglob("*"):
        if not path.is_relative_to(folders["new"]):
            os.utime(path, (yesterday, yesterday))
    os.utime(folders["new"], (yesterday, yesterday))  # what counts is the youngest of what is in it
    uploads.new_folder()
    assert sorted(on_disk()) == [b"new", b"of a session", b"of an import"]


def test_what_another_server_works_with_stays():
    other = uploads_folder() / "other" / "upload"
    other.mkdir(parents=True)
    (other / "a.npz").write_bytes(b"theirs")
    with FileLock(other.parent / "lock"):
        uploads._remove_left(uploads_folder())
        assert on_disk() == [b"theirs"]
    uploads._remove_left(uploads_folder())
    assert not other.parent.exists()


def test_the_server_is_told_to_keep_uploads_on_disk(monkeypatch):
    from starlette import requests
    from streamlit.web.server import server

    for module, name in (
        (requests, "MultiPartParser"),
        (server, "MemoryUploadedFileManager"),
        (memory_uploaded_file_manager, "MemoryUploadedFileManager"),
    ):
        monkeypatch.setattr(module, name, getattr(module, name))
    uploads.install()
    assert requests.MultiPartParser is uploads._ParserToDisk
    assert server.MemoryUploadedFileManager is uploads._ManagerOnDisk
    assert memory_uploaded_file_manager.MemoryUploadedFileManager is uploads._ManagerOnDisk
