"""The tables of a run: which rows and columns they have."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from msiss.analyse.representations import BANDS, IMAGE_VECTORS
from msiss.learn.methods import parse_config
from msiss.learn.paper.config import SELF_LABELLED
from msiss.runs.decisions import Flagged, Moved, Named, Noted
from msiss.runs.grouping import decide, grouping
from msiss.runs.reclustering import clusters_by
from msiss.runs.store import Run
from msiss.share import tables
from msiss.share.material import gather
from msiss.share.tables import clusters_table, decisions_table, embedding_table, settings, summary_table, zipped

COLUMNS = ["ion", "mz", "name", "cluster", "confidence", "cluster_name", "original_cluster", "by_hand"]


def test_clusters_table_has_the_default_clusters(finished_run: Run) -> None:
    table = clusters_table(finished_run)
    assert list(table) == COLUMNS
    assert table["cluster"].tolist() == [0] * 5 + [1] * 4 + [2] * 3
    assert table["name"].iloc[3] == "lipid 3"


@pytest.mark.parametrize("by", [SELF_LABELLED, BANDS])
def test_clusters_table_by_another_representation_in_another_number(finished_run: Run, by: str) -> None:
    table = clusters_table(finished_run, by, 2)
    assert list(table) == COLUMNS
    np.testing.assert_array_equal(table["cluster"], clusters_by(finished_run, by, 2)["cluster"])
    assert table["confidence"].isna().all()  # only the classifier of the training knew it


def test_embedding_table_has_every_map(finished_run: Run) -> None:
    table = embedding_table(finished_run)
    assert list(table) == ["ion", "mz", "representation", "method", "x", "y"]
    assert len(table) == 12 * 2 * (2 + len(finished_run.config.trained))
    assert table.groupby("ion")["mz"].nunique().eq(1).all()
    maps = finished_run.maps()
    np.testing.assert_array_equal(table[["ion", "x", "y"]], maps[["ion", "x", "y"]])


def test_a_corrected_cluster_is_in_the_table_with_its_name(finished_run: Run) -> None:
    decide(grouping(finished_run), Moved(ions=(3,), to=1, who="me", why="by eye"))
    decide(grouping(finished_run), Named(cluster=1, name="white matter"))
    table = clusters_table(finished_run)
    assert table["cluster"].tolist() == [0, 0, 0, 1, 0, 1, 1, 1, 1, 2, 2, 2]
    assert table["original_cluster"].tolist() == [0] * 5 + [1] * 4 + [2] * 3
    assert table["by_hand"].tolist() == [ion == 3 for ion in range(12)]
    assert table["cluster_name"].tolist() == ["white matter" if one == 1 else "" for one in table["cluster"]]
    made = decisions_table(gather(finished_run))
    assert made[["who", "why", "what"]].values.tolist() == [["me", "by eye", "move"], ["", "", "name"]]
    assert [json.loads(details) for details in made["details"]] == [
        {"ions": [3], "to": 1},
        {"cluster": 1, "name": "white matter"},
    ]


def test_the_summary_has_a_row_per_cluster(finished_run: Run) -> None:
    decide(grouping(finished_run), Noted(cluster=2, note="rim"))
    decide(grouping(finished_run), Flagged(cluster=0, tissue=False))
    summary = summary_table(gather(finished_run))
    assert summary["cluster"].tolist() == [0, 1, 2]
    assert summary["ions"].tolist() == [5, 4, 3]
    assert summary["note"].tolist() == ["", "", "rim"]
    assert summary["tissue"].tolist() == [False, True, True]
    confidence = finished_run.clusters()["confidence"]
    np.testing.assert_allclose(
        summary["mean_confidence"], [confidence[:5].mean(), confidence[5:9].mean(), confidence[9:].mean()]
    )
    mz = finished_run.ions()["mz"]
    assert summary["mz_min"].tolist() == [mz[0], mz[5], mz[9]]
    assert summary["mz_max"].tolist() == [mz[4], mz[8], mz[11]]
    few = summary_table(gather(finished_run, ions=[10, 6]))
    assert few[["cluster", "ions"]].values.tolist() == [[1, 1], [2, 1]]


def test_the_mean_confidence_of_other_clusters_is_unknown(finished_run: Run) -> None:
    assert summary_table(gather(finished_run, BANDS, 2))["mean_confidence"].isna().all()


def test_the_data_are_told_with_measurement_and_steps(finished_run: Run, small_images, tmp_path: Path) -> None:
    made = replace(small_images, about={"Instrument": "=Q Exactive HF"}, recipe={"read": {"ppm": 5.0}})
    tables.write_data(gather(finished_run, images=made), tmp_path / "data.csv")
    told = pd.read_csv(tmp_path / "data.csv").set_index(["part", "title"])["text"]
    assert told["data", "From"] == "small.npz"
    assert told["data", "Pixel size"] == "10 × 10 µm (width × height)"
    assert told["file", "Instrument"] == "'=Q Exactive HF"
    assert "within ±5 ppm" in told["step", "Read"]
    finished_run.use_dataset(tmp_path / "gone")
    alone = tables.data_table(gather(finished_run))
    assert alone["text"].tolist() == ["gone", finished_run.request.fingerprint]


def test_the_settings_tell_all_but_the_path_of_the_data(finished_run: Run) -> None:
    told = settings(gather(finished_run, IMAGE_VECTORS, 2))
    assert parse_config(told["config"]) == finished_run.config
    assert told["fingerprint"] == finished_run.request.fingerprint
    assert (told["dataset"], told["representation"], told["clusters"]) == ("small", "image-vectors", 2)
    assert str(finished_run.request.dataset.parent) not in json.dumps(told)


def test_small_files_are_zipped() -> None:
    with zipfile.ZipFile(io.BytesIO(zipped({"a.txt": b"1", "b.txt": b"22"}))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {"a.txt": b"1", "b.txt": b"22"}
