"""The commands that take results away, as a user types them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from msiss.analyse.representations import BANDS
from msiss.cli.main import main
from msiss.data.formats.h5ad import load
from msiss.data.selections import Selection, save
from msiss.home import runs_folder
from msiss.runs.reclustering import clusters_by
from msiss.runs.store import Run
from msiss.share.exports import EXPORTS

Captured = pytest.CaptureFixture[str]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_export_has_the_clusters_that_are_asked_for(finished_run: Run, tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "out"
    asked = ["--clusters", "4", "--by", "bands", "--to", str(out)]
    assert main(["export", str(finished_run.path), *asked]) == 0
    clusters = pd.read_csv(out / "clusters.csv")
    assert clusters["cluster"].tolist() == clusters_by(finished_run, BANDS, 4)["cluster"].tolist()
    config = json.loads((out / "config.json").read_text())
    assert (config["representation"], config["clusters"]) == ("bands", 4)
    said = capsys.readouterr()
    assert f"Wrote clusters.csv, features.npy, embedding.csv, config.json and data.csv to {out}." in said.out
    assert "Clustering by Bands" in said.err


def test_an_export_has_the_clusters_of_the_training_where_nothing_is_asked(finished_run: Run, tmp_path: Path) -> None:
    assert main(["export", str(finished_run.path), "--to", str(tmp_path / "out")]) == 0
    clusters = pd.read_csv(tmp_path / "out" / "clusters.csv")
    assert clusters["cluster"].tolist() == finished_run.clusters()["self-labelled"].tolist()


def test_formats_and_ions_can_be_named(finished_run: Run, small_images, tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "out"
    command = ["export", str(finished_run.path), "--out", str(out), "--only", "h5ad", "--ions", "3", "7-8"]
    assert main(command) == 0
    assert f"Wrote ions.h5ad to {out}." in capsys.readouterr().out
    images, _ = load(out / "ions.h5ad")
    np.testing.assert_array_equal(images.images, small_images.images[[3, 7, 8]])


def test_a_saved_selection_can_be_named(finished_run: Run, tmp_path: Path, capsys: Captured) -> None:
    save(finished_run.request.dataset, Selection(name="rim", ions=(2, 9)))
    command = ["export", str(finished_run.path), "--to", str(tmp_path / "out"), "--only", "csv", "--selection"]
    assert main([*command, "rim"]) == 0
    assert pd.read_csv(tmp_path / "out" / "clusters.csv")["ion"].tolist() == [2, 9]
    assert main([*command, "core"]) == 1
    assert "There is no selection named core with this data set. There is: rim." in capsys.readouterr().err


def test_all_is_all_that_can_be_made(finished_run: Run, tmp_path: Path, capsys: Captured) -> None:
    assert main(["export", str(finished_run.path), "--to", str(tmp_path / "out"), "--only", "all"]) == 0
    files = {file for export in EXPORTS if export.name != "encoder" for file in export.files}
    assert set(names_in(tmp_path / "out")) == files
    assert "Without encoder: The weights of this run are missing." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("ions", "message"), [("x", "x is neither a number nor a range"), ("12", "12 is not among them"), ("0-99", "12")]
)
def test_ions_that_do_not_exist_are_named(finished_run: Run, tmp_path: Path, capsys: Captured, ions, message) -> None:
    assert main(["export", str(finished_run.path), "--to", str(tmp_path / "out"), "--ions", ions]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("images", [False, True])
def test_a_run_is_packed_and_unpacked(
    finished_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured, images: bool
) -> None:
    packed = tmp_path / "run.zip"
    assert main(["export-run", str(finished_run.path), "--to", str(packed), *(["--images"] if images else [])]) == 0
    assert f"Wrote {packed} (" in capsys.readouterr().out
    assert main(["import-run", str(packed)]) == 1
    assert "This run is here already" in capsys.readouterr().err

    monkeypatch.setenv("MSISS_HOME", str(tmp_path / "elsewhere"))
    assert main(["import-run", str(packed)]) == 0
    run = Run(runs_folder() / finished_run.path.name)
    said = capsys.readouterr().out
    assert f"The run is in {run.path}." in said
    assert ("Its data set is" in said) == images
    assert ("Its ion images are not here" in said) != images
    pd.testing.assert_frame_equal(run.clusters(), finished_run.clusters())
    assert main(["import-run", str(packed), "--out", str(tmp_path / "others")]) == 0
    assert names_in(tmp_path / "others") == [finished_run.path.name]
