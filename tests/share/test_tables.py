"""Exports: what is in the files, that they can be read back, and that nobody else's folder is touched."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from msiss.analyse.representations import BANDS, IMAGE_VECTORS
from msiss.data.ion_images import IonImages
from msiss.errors import MsissError, RunError
from msiss.learn.methods import parse_config
from msiss.learn.paper.config import SELF_LABELLED, PaperConfig
from msiss.runs.reclustering import clusters_by
from msiss.runs.store import Run
from msiss.share.tables import FILES, clusters_table, contents, embedding_table, export, zipped


def test_clusters_table_has_the_default_clusters(finished_run: Run) -> None:
    table = clusters_table(finished_run)
    assert list(table) == ["ion", "mz", "name", "cluster", "confidence"]
    assert table["cluster"].tolist() == [0] * 5 + [1] * 4 + [2] * 3
    assert table["name"].iloc[3] == "lipid 3"


@pytest.mark.parametrize("by", [SELF_LABELLED, BANDS])
def test_clusters_table_by_another_representation_in_another_number(finished_run: Run, by: str) -> None:
    table = clusters_table(finished_run, by, 2)
    assert list(table) == ["ion", "mz", "name", "cluster", "confidence"]
    np.testing.assert_array_equal(table["cluster"], clusters_by(finished_run, by, 2)["cluster"])
    assert table["confidence"].isna().all()  # only the classifier of the training knew it


def test_an_export_says_which_clusters_it_has(finished_run: Run) -> None:
    plain = IMAGE_VECTORS
    for (by, number), expected in {
        (None, None): ("self-labelled", 3),
        (None, 2): ("self-labelled", 2),
        (plain, None): ("image-vectors", 3),
        (plain, 2): ("image-vectors", 2),
    }.items():
        files = contents(finished_run, by, number)
        config = json.loads(files["config.json"])
        assert (config["representation"], config["clusters"]) == expected
        table = clusters_by(finished_run, expected[0], expected[1])
        assert pd.read_csv(io.BytesIO(files["clusters.csv"]))["cluster"].tolist() == table["cluster"].tolist()
        features = np.load(io.BytesIO(files["features.npy"]))
        np.testing.assert_array_equal(features, finished_run.features(expected[0]))


def test_embedding_table_has_every_map(finished_run: Run) -> None:
    table = embedding_table(finished_run)
    assert list(table) == ["ion", "mz", "representation", "method", "x", "y"]
    assert len(table) == 12 * 2 * (2 + len(finished_run.config.trained))
    assert table.groupby("ion")["mz"].nunique().eq(1).all()
    maps = finished_run.maps()
    np.testing.assert_array_equal(table[["ion", "x", "y"]], maps[["ion", "x", "y"]])


def test_export_can_be_read_back(finished_run: Run, tmp_path: Path) -> None:
    export(finished_run, tmp_path / "new" / "export")
    folder = tmp_path / "new" / "export"
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    clusters = pd.read_csv(folder / "clusters.csv")
    np.testing.assert_array_equal(clusters["mz"], finished_run.clusters()["mz"])  # to the last digit
    np.testing.assert_array_equal(clusters["cluster"], finished_run.clusters()["self-labelled"])
    np.testing.assert_array_equal(np.load(folder / "features.npy"), finished_run.features(SELF_LABELLED))
    assert len(pd.read_csv(folder / "embedding.csv")) == len(finished_run.maps())
    config = json.loads((folder / "config.json").read_text())
    assert parse_config(config["config"]) == finished_run.config
    assert config["fingerprint"] == finished_run.request.fingerprint
    assert config["dataset"] == "small"
    assert config["representation"] == "self-labelled"


def test_export_replaces_an_earlier_export(finished_run: Run, tmp_path: Path) -> None:
    export(finished_run, tmp_path / "export")
    (tmp_path / "export" / "clusters.csv").write_text("old")
    export(finished_run, tmp_path / "export")
    assert len(pd.read_csv(tmp_path / "export" / "clusters.csv")) == 12


def test_export_leaves_other_folders_alone(finished_run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "cat.png").write_bytes(b"cat")
    with pytest.raises(MsissError, match=r"contains other files, such as cat\.png"):
        export(finished_run, folder)
    assert [path.name for path in folder.iterdir()] == ["cat.png"]


def test_export_into_a_run_is_refused(finished_run: Run) -> None:
    with pytest.raises(MsissError, match="contains other files"):
        export(finished_run, finished_run.path)


def test_export_to_where_a_file_is(finished_run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MsissError, match="could not be written"):
        export(finished_run, tmp_path / "file")


def test_export_of_an_unfinished_run_leaves_nothing(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", dataset=tmp_path, fingerprint="f", config=PaperConfig(clusters=3))
    with pytest.raises(RunError, match="yet: it is queued"):
        export(run, tmp_path / "export")
    assert not (tmp_path / "export").exists()


def test_the_archive_holds_the_same_files(finished_run: Run, tmp_path: Path) -> None:
    export(finished_run, tmp_path / "export")
    with zipfile.ZipFile(io.BytesIO(zipped(contents(finished_run)))) as archive:
        assert sorted(archive.namelist()) == sorted(FILES)
        for name in FILES:
            assert archive.read(name) == (tmp_path / "export" / name).read_bytes()


def test_no_cell_of_the_tables_is_a_formula(finished_run: Run, small_images: IonImages, msiss_home: Path) -> None:
    names = ("=1+1", *small_images.names[1:])
    replace(small_images, names=names, annotations={"adduct": ("+H",) * 12}).save(msiss_home / "datasets" / "other")
    finished_run.use_dataset(msiss_home / "datasets" / "other")
    rows = list(csv.DictReader(io.StringIO(contents(finished_run)["clusters.csv"].decode())))
    assert (rows[0]["name"], rows[0]["adduct"]) == ("'=1+1", "'+H")
