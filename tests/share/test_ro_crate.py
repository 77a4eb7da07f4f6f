"""RO-Crates: that the description names what is there; validators are tried by benchmarks/opens.py."""

import io
import json
import zipfile
from datetime import UTC, datetime

import pandas as pd
import pytest

from msiss.runs.decisions import Moved
from msiss.runs.grouping import decide, grouping
from msiss.runs.store import Run
from msiss.share import ro_crate
from msiss.share.material import gather


@pytest.fixture
def crate(finished_run: Run, tmp_path):
    decide(grouping(finished_run), Moved(ions=(3,), to=1, who="Me"))
    ro_crate.write(gather(finished_run), tmp_path / "crate.zip")
    with zipfile.ZipFile(tmp_path / "crate.zip") as archive:
        yield archive


@pytest.fixture
def described(crate) -> dict:
    graph = json.loads(crate.read("ro-crate-metadata.json"))["@graph"]
    assert len({one["@id"] for one in graph}) == len(graph)
    return {one["@id"]: one for one in graph}


def test_every_file_is_described_and_every_description_has_a_file(crate, described) -> None:
    files = {name for name, one in described.items() if one["@type"] == "File"}
    assert files == set(crate.namelist()) - {"ro-crate-metadata.json"}
    assert {part["@id"] for part in described["./"]["hasPart"]} == files
    for name in files:
        assert described[name]["contentSize"] == str(crate.getinfo(name).file_size)
    assert {"run/results/clusters.parquet", "run/decisions.jsonl", "run/config.json", "methods.txt"} <= files


def test_every_reference_leads_somewhere(described) -> None:
    def references(value):
        if isinstance(value, dict):
            yield from [value["@id"]] if set(value) == {"@id"} else []
            for inner in value.values():
                yield from references(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from references(inner)

    outside = {one for one in references(list(described.values())) if one not in described}
    assert outside == {"https://w3id.org/ro/crate/1.1"}


def test_settings_software_and_times_are_told(finished_run: Run, described) -> None:
    action = described["#training"]
    assert action["@type"] == "CreateAction"
    started = datetime.fromisoformat(action["startTime"])
    assert abs(started - datetime.fromtimestamp(finished_run.status.started or 0, UTC)).total_seconds() < 1
    told = {described[one["@id"]]["name"]: described[one["@id"]].get("value") for one in action["object"]}
    assert told["contrastive.epochs"] == str(finished_run.config.flat()["contrastive.epochs"])
    assert told["shown.clusters"] == "3"
    assert described["#fingerprint"]["value"] == finished_run.request.fingerprint
    assert finished_run.request.method in described["#msiss"]["description"]
    assert {part["@id"] for part in action["result"]} == {name for name in described if name.startswith("run/results/")}


def test_nothing_is_made_up_and_nothing_private_is_told(finished_run: Run, crate, described) -> None:
    assert not [one for one in described.values() if one["@type"] in ("Person", "Organization")]
    assert described["#licence"]["name"] == "Unknown licence"
    for name in crate.namelist():
        assert str(finished_run.path.parent).encode() not in crate.read(name)


def test_the_clusters_are_the_corrected_ones(crate) -> None:
    table = pd.read_csv(io.BytesIO(crate.read("clusters.csv")))
    assert table["cluster"].tolist() == [0, 0, 0, 1, 0, 1, 1, 1, 1, 2, 2, 2]


def test_a_crate_without_its_data_set(finished_run: Run, tmp_path) -> None:
    finished_run.use_dataset(tmp_path / "gone")
    ro_crate.write(gather(finished_run), tmp_path / "crate.zip")
    with zipfile.ZipFile(tmp_path / "crate.zip") as archive:
        assert "methods.txt" not in archive.namelist()
        assert "12 ion images; not part" in archive.read("ro-crate-metadata.json").decode()
