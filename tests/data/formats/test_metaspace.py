"""Data sets of METASPACE, from a stand-in server that answers what the client really asks."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import imagecodecs
import numpy as np
import pytest

from msiss.data.findings import DataStop
from msiss.data.formats.metaspace import KEY, fetch
from msiss.errors import MsissWarning, SettingError

ID = "2016-09-22_11h16m17s"
DATABASES = [("CoreMetabolome", "v3", 38), ("HMDB", "v4", 22)]


def png(image: np.ndarray, mask: np.ndarray) -> bytes:
    """Return an ion image as METASPACE keeps it: 16 bits from the lowest to the highest intensity, and alpha."""
    share = (image - image.min()) / (image.max() - image.min() or 1)
    pixels = np.stack([np.round(share * 65535), mask * 65535], axis=-1)
    return imagecodecs.png_encode(pixels.astype(np.uint16))


class StandIn:
    """A METASPACE of one data set with three ions at 5, 10 and 20 % FDR; `asked` is what it was sent."""

    def __init__(self) -> None:
        self.mask = np.ones((4, 6), dtype=bool)
        self.mask[0, :2] = False
        self.cube = np.random.default_rng(0).integers(0, 2**16, (3, 4, 6)).astype(np.float64)
        self.cube[:, 1, 1], self.cube[:, 1, 2] = 0, 65535  # so that a step of the image is one count
        self.images = [png(image, self.mask) for image in self.cube]
        self.asked: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.fdr = [0.1, 0.05, 0.2]
        self.status = 200
        self.public = True
        self.answer: bytes | None = None

    def dataset(self) -> dict[str, Any]:
        return {
            "id": ID,
            "name": "Mouse brain section",
            "configJson": json.dumps({"isotope_generation": {"charge": -1, "adducts": ["+H"]}}),
            "metadataJson": json.dumps(
                {
                    "MS_Analysis": {"Pixel_Size": {"Xaxis": 20, "Yaxis": 40}, "Analyzer": "Orbitrap"},
                    "Submitted_By": {"Submitter": {"First_Name": "Ada"}},
                }
            ),
            "databases": [
                {"id": number, "name": name, "version": version, "isPublic": True, "archived": False}
                for name, version, number in DATABASES
            ],
        }

    def annotations(self, variables: dict[str, Any]) -> list[dict[str, Any]]:
        wanted = variables["filter"]
        if variables["dFilter"] != {"ids": ID} or wanted.get("databaseId") != 22 or variables["offset"]:
            return []
        ions = zip((700.5, 300.25, 500.125), ("C40H80NO8P", "C6H12O6", "C5H9NO4"), ("+K", "-H", "-H"), strict=True)
        return [
            {
                "mz": mz,
                "sumFormula": formula,
                "adduct": adduct,
                "ion": f"{formula}{adduct}-",
                "possibleCompounds": [{"name": name} for name in (["Glucose", "Fructose"] if index == 1 else [])],
                "isotopeImages": [
                    {"mz": mz, "url": f"/images/{index}", "minIntensity": 0, "maxIntensity": 65535, "totalIntensity": 1}
                ],
            }
            for index, (mz, formula, adduct) in enumerate(ions)
            if self.fdr[index] <= wanted["fdrLevel"]
        ]

    def reply(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        if "allAnnotations(" in query:
            return {"allAnnotations": self.annotations(variables)}
        assert "dataset(id: $id)" in query
        return {"dataset": self.dataset() if variables["id"] == ID and self.public else None}


@pytest.fixture
def stand_in() -> StandIn:
    return StandIn()


@pytest.fixture
def host(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve `stand_in` on this machine and return its address."""
    monkeypatch.delenv(KEY, raising=False)

    class Handler(BaseHTTPRequestHandler):
        def send(self, data: bytes, kind: str = "application/json") -> None:
            self.send_response(stand_in.status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            if self.path.startswith("/images/"):
                self.send(stand_in.images[int(self.path.rsplit("/", 1)[1])], "image/png")
            else:
                assert self.path == "/api_auth/gettoken"
                self.send(b"token", "text/plain")

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            stand_in.asked.append((body["query"], body["variables"], dict(self.headers)))
            data = {"data": stand_in.reply(body["query"], body["variables"])}
            self.send(stand_in.answer or json.dumps(data).encode())

        def log_message(self, *args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_whole_data_set(stand_in, host) -> None:
    told: list[float] = []
    images = fetch(ID, fdr=0.2, host=host, progress=lambda fraction, _: told.append(fraction))
    order = [1, 2, 0]  # sorted by m/z
    np.testing.assert_array_equal(images.images, (stand_in.cube * stand_in.mask)[order])
    np.testing.assert_array_equal(images.mask, stand_in.mask)
    assert images.mz.tolist() == [300.25, 500.125, 700.5]
    assert images.names == ("Glucose (+1)", "C5H9NO4-H-", "C40H80NO8P+K-")
    assert images.annotations == {"formula": ("C6H12O6", "C5H9NO4", "C40H80NO8P"), "adduct": ("-H", "-H", "+K")}
    assert images.polarity == "negative"
    assert images.pixel_size == (40.0, 20.0)
    assert images.about == {"Mass analyzer": "Orbitrap"}
    assert images.source == f"Mouse brain section (METASPACE {ID}, HMDB v4, FDR 20%)"
    assert told == sorted(told)
    assert told[0] == 0


def test_nothing_but_the_id_and_the_choice_is_sent(stand_in, host) -> None:
    fetch(f"{host}/annotations?ds={ID}&fdr=0.1", host=host)
    sent = [variables for _, variables, _ in stand_in.asked]
    assert sent[0] == {"id": ID}
    assert sent[1]["filter"] == {"fdrLevel": 0.1, "databaseId": 22}
    assert sent[1]["dFilter"] == {"ids": ID}
    assert {headers["Authorization"] for _, _, headers in stand_in.asked} == {"Bearer token"}


def test_a_key_is_sent_where_there_is_one(stand_in, host, monkeypatch) -> None:
    monkeypatch.setenv(KEY, "secret")
    fetch(ID, host=host)
    assert {headers["Authorization"] for _, _, headers in stand_in.asked} == {"Api-Key secret"}


@pytest.mark.parametrize("database", ["22", "HMDB", "hmdb v4", "HMDB - v4", ("HMDB", "v4")])
def test_names_of_a_database(host, database) -> None:
    assert len(fetch(ID, database=database, host=host)) == 2


def test_wrong_settings(host) -> None:
    with pytest.raises(SettingError, match=r"not annotated with ChEBI\. .* CoreMetabolome v3, HMDB v4"):
        fetch(ID, database="ChEBI", host=host)
    with pytest.raises(SettingError, match="not the id"):
        fetch("../../secrets", host=host)
    with pytest.raises(SettingError, match="not the id"):
        fetch("", host=host)
    with pytest.raises(SettingError, match="false discovery rate"):
        fetch(ID, fdr=10, host=host)


def test_no_annotations(host) -> None:
    with pytest.raises(DataStop, match=r"no annotations at a false discovery rate of 1%.* higher rate.* HMDB v4"):
        fetch(ID, fdr=0.01, host=host)


def test_an_image_without_signal_is_left_out_with_a_warning(stand_in, host) -> None:
    stand_in.images[0] = png(np.zeros((4, 6)), stand_in.mask)
    with pytest.warns(MsissWarning, match=r"1 ion without signal, such as C40H80NO8P"):
        assert len(fetch(ID, host=host)) == 1


def private(stand_in: StandIn) -> None:
    stand_in.public = False


def broken(stand_in: StandIn) -> None:
    stand_in.status = 500


def refused(stand_in: StandIn) -> None:
    stand_in.answer = json.dumps({"message": "Invalid API key", "type": "unauthorized"}).encode()


def another(stand_in: StandIn) -> None:
    stand_in.answer = b"<html>"


def not_a_picture(stand_in: StandIn) -> None:
    stand_in.images[0] = b"<html>"


def other_size(stand_in: StandIn) -> None:
    stand_in.images[0] = png(np.ones((5, 5)), np.ones((5, 5)))


def cut_off(stand_in: StandIn) -> None:
    stand_in.images[1] = stand_in.images[1][:60]


def huge(stand_in: StandIn) -> None:
    stand_in.images[1] = stand_in.images[1][:16] + b"\x7f\xff\xff\xff" * 2 + stand_in.images[1][24:]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (private, f"no public data set of this id.* API key into {KEY}"),
        (broken, "answers with an error: 500"),
        (refused, "METASPACE refuses: unauthorized|Invalid API key"),
        (another, "is not understood"),
        (not_a_picture, "no PNG"),
        (other_size, "different sizes"),
        (cut_off, "is not understood"),
        (huge, "would unpack to"),
    ],
)
def test_what_is_wrong_is_said(stand_in, host, capsys, change: Callable[[StandIn], None], message) -> None:
    change(stand_in)
    with pytest.raises(DataStop, match=rf"^METASPACE {ID}: .*({message})"):
        fetch(ID, host=host)
    assert capsys.readouterr().out == ""


def test_no_network() -> None:
    with pytest.raises(DataStop, match="METASPACE does not answer"):
        fetch(ID, host="http://127.0.0.1:9")


def test_it_can_be_stopped(host) -> None:
    def stop(fraction: float, _: str) -> None:
        if fraction > 0.1:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fetch(ID, host=host, progress=stop)
