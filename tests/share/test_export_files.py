"""Files of exports: that each can be made where it says so, and that nobody else's folder is touched."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from msiss.data.ion_images import IonImages
from msiss.errors import MsissError, SettingError
from msiss.learn.methods import parse_config
from msiss.learn.paper.config import SELF_LABELLED
from msiss.registry import load
from msiss.runs.reclustering import clusters_by
from msiss.runs.store import Run
from msiss.share.export_files import download, file_name, write_archive, write_files
from msiss.share.exports import EXPORTS, lacking, usual
from msiss.share.material import gather

FILES = ["clusters.csv", "config.json", "data.csv", "embedding.csv", "features.npy"]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_files_of_exports_do_not_collide() -> None:
    files = [file for export in EXPORTS for file in export.files]
    assert len(set(files)) == len(files)
    names = [file_name(export) for export in EXPORTS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.name)
def test_each_writes_its_files_and_no_others(finished_run: Run, tmp_path: Path, export) -> None:
    for reference in filter(None, (export.write, export.lacks)):
        assert callable(load(reference))
    material = gather(finished_run)
    if export.name == "encoder":  # this run has no weights
        assert lacking(export, material) == "The weights of this run are missing."
        with pytest.raises(MsissError, match=r"Encoder \(safetensors\): The weights"):
            write_files(material, tmp_path / "out", [export.name])
        return
    steps: list[float] = []
    written = write_files(material, tmp_path / "out", [export.name], progress=lambda done, _: steps.append(done))
    assert [path.name for path in written] == list(export.files)
    assert names_in(tmp_path / "out") == sorted(export.files)
    assert steps == sorted(steps)


def test_the_usual_files_can_be_read_back(finished_run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "export"
    write_files(gather(finished_run), folder, usual())
    assert names_in(folder) == FILES
    clusters = pd.read_csv(folder / "clusters.csv")
    np.testing.assert_array_equal(clusters["mz"], finished_run.clusters()["mz"])  # to the last digit
    np.testing.assert_array_equal(clusters["cluster"], finished_run.clusters()["self-labelled"])
    np.testing.assert_array_equal(np.load(folder / "features.npy"), finished_run.features(SELF_LABELLED))
    assert len(pd.read_csv(folder / "embedding.csv")) == len(finished_run.maps())
    config = json.loads((folder / "config.json").read_text())
    assert parse_config(config["config"]) == finished_run.config
    assert config["fingerprint"] == finished_run.request.fingerprint
    assert (config["dataset"], config["representation"]) == ("small", "self-labelled")


@pytest.mark.parametrize("by", [SELF_LABELLED, "image-vectors"])
@pytest.mark.parametrize("number", [3, 2])
def test_an_export_says_which_clusters_it_has(finished_run: Run, tmp_path: Path, by: str, number: int) -> None:
    write_files(gather(finished_run, by, number), tmp_path / "out", usual())
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert (config["representation"], config["clusters"]) == (by, number)
    table = clusters_by(finished_run, by, number)
    assert pd.read_csv(tmp_path / "out" / "clusters.csv")["cluster"].tolist() == table["cluster"].tolist()
    np.testing.assert_array_equal(np.load(tmp_path / "out" / "features.npy"), finished_run.features(by))


def test_selected_ions_alone(finished_run: Run, tmp_path: Path) -> None:
    write_files(gather(finished_run, ions=[8, 1]), tmp_path / "out", usual())
    assert pd.read_csv(tmp_path / "out" / "clusters.csv")["ion"].tolist() == [8, 1]
    assert set(pd.read_csv(tmp_path / "out" / "embedding.csv")["ion"]) == {8, 1}
    np.testing.assert_array_equal(
        np.load(tmp_path / "out" / "features.npy"), finished_run.features(SELF_LABELLED)[[8, 1]]
    )


def test_no_cell_of_a_table_is_a_formula(finished_run: Run, small_images: IonImages, tmp_path: Path) -> None:
    from dataclasses import replace

    names = ("=1+1", *small_images.names[1:])
    replace(small_images, names=names, annotations={"adduct": ("+H",) * 12}).save(tmp_path / "other")
    finished_run.use_dataset(tmp_path / "other")
    write_files(gather(finished_run), tmp_path / "out", ["csv"])
    first = pd.read_csv(tmp_path / "out" / "clusters.csv").iloc[0]
    assert (first["name"], first["adduct"]) == ("'=1+1", "'+H")


def test_an_earlier_export_is_replaced(finished_run: Run, tmp_path: Path) -> None:
    write_files(gather(finished_run), tmp_path / "out", ["csv", "xlsx"])
    (tmp_path / "out" / "clusters.csv").write_text("old")
    write_files(gather(finished_run), tmp_path / "out", ["csv"])
    assert len(pd.read_csv(tmp_path / "out" / "clusters.csv")) == 12
    assert names_in(tmp_path / "out") == ["clusters.csv", "clusters.xlsx"]


@pytest.mark.parametrize("run_itself", [False, True])
def test_other_folders_are_left_alone(finished_run: Run, tmp_path: Path, run_itself: bool) -> None:
    folder = finished_run.path if run_itself else tmp_path / "photos"
    folder.mkdir(exist_ok=True)
    (folder / "cat.png").write_bytes(b"cat")
    before = names_in(folder)
    with pytest.raises(MsissError, match=r"contains other files, such as"):
        write_files(gather(finished_run), folder, usual())
    assert names_in(folder) == before


def test_what_cannot_be_written_is_said(finished_run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MsissError, match="could not be written"):
        write_files(gather(finished_run), tmp_path / "file", usual())
    with pytest.raises(MsissError, match="could not be written"):
        write_archive(gather(finished_run), tmp_path / "file" / "all.zip", usual())
    with pytest.raises(SettingError, match="There is no export named pdf"):
        write_files(gather(finished_run), tmp_path / "out", ["pdf"])


def test_an_export_that_fails_leaves_an_earlier_one_as_it_was(finished_run: Run, tmp_path: Path, monkeypatch) -> None:
    write_files(gather(finished_run), tmp_path / "out", ["csv"])
    before = (tmp_path / "out" / "clusters.csv").read_bytes()

    def full(_material, path, *, progress):
        path.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("msiss.share.tables.write_clusters", full)
    with pytest.raises(MsissError, match="the disk is full"):
        write_files(gather(finished_run), tmp_path / "out", ["csv"])
    assert names_in(tmp_path / "out") == ["clusters.csv"]
    assert (tmp_path / "out" / "clusters.csv").read_bytes() == before


def test_an_archive_holds_the_same_files(finished_run: Run, tmp_path: Path) -> None:
    write_files(gather(finished_run), tmp_path / "out", [*usual(), "imzml"])
    write_archive(gather(finished_run), tmp_path / "all.zip", [*usual(), "imzml"])
    assert names_in(tmp_path) == ["all.zip", "home", "out"]  # nothing temporary is left
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert sorted(archive.namelist()) == sorted([*FILES, "ions.ibd", "ions.imzML"])
        for name in archive.namelist():
            assert archive.read(name) == (tmp_path / "out" / name).read_bytes()


def test_a_download_is_one_file(finished_run: Run, tmp_path: Path) -> None:
    material = gather(finished_run)
    assert download(material, tmp_path, "csv") == tmp_path / "clusters.csv"
    path = download(material, tmp_path, "imzml")
    assert path == tmp_path / "imzml.zip"
    assert zipfile.ZipFile(path).namelist() == ["ions.imzML", "ions.ibd"]


def test_the_run_as_one_of_the_exports_is_that_of_a_transfer(finished_run: Run, tmp_path: Path) -> None:
    from msiss.runs.transfer import export_run

    write_files(gather(finished_run), tmp_path / "out", ["run"])
    export_run(finished_run, tmp_path / "run.zip")
    assert (tmp_path / "out" / "run.zip").read_bytes() == (tmp_path / "run.zip").read_bytes()
