"""Uploads on disk: written as they come, found by their key only, and tidied away."""

import asyncio
import os
import time

import pytest
from starlette.datastructures import Headers
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from msiss.home import imports_folder, uploads_folder
from msiss.runs.imports import ImportRequest, ImportStore
from msiss.runs.jobs import State, Status
from msiss.ui import uploads

pytestmark = pytest.mark.usefixtures("msiss_home")

CONTENT = bytes(range(256)) * 1000


def record(content: bytes) -> UploadedFile:
    return UploadedFile(UploadedFileRec("id", "a.ibd", "application/octet-stream", content), FileURLs())


def parsed(content: bytes, piece: int = 7000) -> uploads._FileOnDisk:
    """Send a file through the parser in pieces, as a browser does."""
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.ibd"\r\n\r\n' + content + b"\r\n--x--\r\n"

    async def stream():
        for start in range(0, len(body), piece):
            yield body[start : start + piece]
        yield b""

    parser = uploads._ParserToDisk(Headers({"content-type": "multipart/form-data; boundary=x"}), stream())
    return asyncio.run(parser.parse())["file"]


def kept(content: bytes) -> UploadedFile:
    """Return what Streamlit keeps of a file that came through its route."""
    upload = parsed(content)
    key = asyncio.run(upload.read())
    upload.file.close()
    return record(key)


def test_a_file_goes_to_disk_whole_and_streamlit_keeps_only_a_key(tmp_path):
    file = kept(CONTENT)
    assert file.size < 100
    (incoming,) = (uploads_folder() / "incoming").iterdir()
    assert incoming.read_bytes() == CONTENT

    place = uploads.place(file, tmp_path / "new" / "a.ibd")
    assert place.read_bytes() == CONTENT
    assert not incoming.exists()
    assert uploads.place(file, place) == place  # asked again, it is there already
    assert uploads.place(file, tmp_path / "b.ibd").read_bytes() == CONTENT


def test_a_file_whose_content_is_a_key_is_not_that_file(tmp_path):
    (uploads_folder()).mkdir(parents=True)
    secret = kept(b"secret")
    guess = record(b"0" * 32)
    assert uploads.place(guess, tmp_path / "guess").read_bytes() == b"0" * 32
    assert uploads.place(secret, tmp_path / "mine").read_bytes() == b"secret"


def test_without_the_server_of_msiss_files_come_from_memory(tmp_path):
    assert uploads.place(record(CONTENT), tmp_path / "a.ibd").read_bytes() == CONTENT


def test_what_nobody_imports_for_a_day_is_removed(tmp_path):
    def old(folder):
        past = time.time() - uploads.DAY - 10
        os.utime(folder, (past, past))
        return folder

    forgotten, needed, done, fresh = (uploads.new_folder() for _ in range(4))
    store = ImportStore(imports_folder())
    store.create(ImportRequest(name="a", library=tmp_path, own_files=needed))
    finished = store.create(ImportRequest(name="b", library=tmp_path, own_files=done))
    finished.write_status(Status(state=State.DONE))
    for folder in (forgotten, needed, done):
        old(folder)
    kept(CONTENT)
    old(next((uploads_folder() / "incoming").iterdir()))
    uploads.tidy()
    assert not forgotten.exists()
    assert not done.exists()
    assert needed.exists()
    assert fresh.exists()
    assert list((uploads_folder() / "incoming").iterdir()) == []


def test_the_parser_of_the_server_is_replaced(monkeypatch):
    from starlette import requests

    monkeypatch.setattr(requests, "MultiPartParser", requests.MultiPartParser)
    uploads.install()
    assert requests.MultiPartParser is uploads._ParserToDisk
