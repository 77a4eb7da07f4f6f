"""Addresses of ion images: what they give, and that nothing else is given."""

import asyncio
import io
from dataclasses import dataclass, replace

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette

from msiss.show.thumbnails import thumbnail
from msiss.ui.server import pictures


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes


@dataclass
class Client:
    app: Starlette

    def get(self, path: str) -> Answer:
        sent = []

        async def receive():
            return {"type": "http.request"}

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b"", "root_path": ""}
        asyncio.run(self.app(scope, receive, send))
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setattr(pictures, "_installed", True)
    monkeypatch.setattr(pictures, "_known", type(pictures._known)())
    return Client(Starlette(routes=pictures.routes()))


def test_an_address_gives_the_thumbnail_and_is_kept(client, small_images):
    answer = client.get(pictures.address(small_images, 3, "magma"))
    expected = thumbnail(small_images.images[3], small_images.mask, pixel_size=small_images.pixel_size, colours="magma")
    assert answer.content == expected
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"] == "image/png"


def test_a_sheet_has_every_ion_in_its_cell(client, small_images):
    answer = client.get(f"{pictures.folder(small_images, 'gray')}/sheet-0.png")
    sheet = np.array(Image.open(io.BytesIO(answer.content)).convert("RGBA"))
    side = pictures.SHEET_SIDE
    assert sheet.shape == (2 * side, 10 * side, 4)
    assert sheet[:side, :side, 3].any()
    assert sheet[side:, side : 2 * side, 3].any()
    assert not sheet[side:, 2 * side :, 3].any()  # there are twelve ions
    brightest = np.unravel_index(np.argmax(small_images.images[11] * small_images.mask), small_images.shape)
    cell = sheet[side:, side : 2 * side, 0].astype(int) * (sheet[side:, side : 2 * side, 3] > 0)
    row = np.argwhere(cell == cell.max())[:, 0].mean() / side
    assert abs(row - (brightest[0] + 0.5) / small_images.shape[0]) < 0.5


@pytest.mark.parametrize("end", ["12.png", "-1.png", "x.png", "sheet-1.png", "../3.png"])
def test_what_is_not_there_is_not_found(client, small_images, end):
    assert client.get(f"{pictures.folder(small_images, 'gray')}/{end}").status == 404


def test_unknown_data_sets_and_colours_are_not_found(client, small_images):
    place = pictures.folder(small_images, "gray")
    assert client.get(f"{place.replace('gray', 'pink')}/3.png").status == 404
    assert client.get(f"{place.replace(small_images.fingerprint[:8], '0' * 8)}/3.png").status == 404


def test_without_the_server_the_picture_is_in_the_address(small_images):
    assert pictures.folder(small_images, "gray") == ""
    assert pictures.address(small_images, 3, "gray").startswith("data:image/png;base64,")


def test_a_picture_follows_a_change_of_the_pixel_size(client, small_images):
    tall = replace(small_images, pixel_size=(30.0, 10.0))
    tall.__dict__["fingerprint"] = small_images.fingerprint  # as of data sets that were saved with such pixels before
    before, after = (client.get(pictures.address(one, 3, "gray")).content for one in (small_images, tall))
    (width, height), (wide, high) = (Image.open(io.BytesIO(png)).size for png in (before, after))
    assert (wide, high) == (width, 3 * height)
