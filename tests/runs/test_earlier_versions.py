"""Runs of earlier versions, as they left them: every later version opens them."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers import HANG_SECONDS
from streamlit.testing.v1 import AppTest

from msiss.analyse.representations import IMAGE_VECTORS
from msiss.data.ion_images import IonImages
from msiss.home import datasets_folder, runs_folder
from msiss.learn.methods import METHODS
from msiss.runs.analyser import execute_analysis
from msiss.runs.quality.by_data import reasons_by_data
from msiss.runs.quality.evidence import evidence_of
from msiss.runs.quality.judgement import judge
from msiss.runs.reclustering import clusters_by
from msiss.runs.store import Run, RunStore
from msiss.runs.transfer import export_run, import_run
from msiss.share.export_files import write_files
from msiss.share.exports import EXPORTS, lacking
from msiss.share.material import gather

FOLDER = Path(__file__).parent / "data"
RUNS = sorted(path for path in FOLDER.glob("run-*/*/") if (path / "config.json").exists())


@pytest.fixture(params=RUNS, ids=lambda path: "/".join(path.parts[-2:]))
def run(request: pytest.FixtureRequest, msiss_home: Path) -> Run:
    """Return a run of an earlier version beside its data set."""
    shutil.copytree(request.param.parent / "phantom", datasets_folder() / "phantom")
    shutil.copytree(request.param, runs_folder() / request.param.name)
    return Run(runs_folder() / request.param.name)


def test_there_is_one_of_each_method() -> None:
    assert {Run(path).config.method for path in RUNS} == set(METHODS.names)


def test_all_that_it_holds_can_be_read(run: Run) -> None:
    trained = METHODS[run.config.method].config.trained
    # Its measures "fused" and "pearson" are no longer computed; what replaced them has other names.
    assert run.representations == (*reversed(trained), IMAGE_VECTORS, "metaspace", "spearman", "bands", "whitened")
    assert run.mapped == (*reversed(trained), IMAGE_VECTORS)
    table = run.clusters()
    assert list(table["ion"]) == list(range(20))
    for name in run.representations:
        assert len(run.features(name)) == 20
        assert table[name].between(0, run.config.clusters - 1).all()
    evidence = evidence_of(run)
    assert evidence is not None
    assert set(evidence["representations"]) == set(run.representations)
    similar, groups = judge(evidence)
    assert similar.endswith("This run is of another version of msiss and does not have it; a new training does.")
    assert groups.startswith("To group ions, start with ")
    assert len(reasons_by_data(evidence)) == 2
    assert run.events("PhaseStarted")


def test_its_names_are_those_of_its_data_set(run: Run) -> None:
    run.use_dataset(datasets_folder() / "phantom")
    images = IonImages.load(datasets_folder() / "phantom")
    assert images.fingerprint == run.request.fingerprint
    assert list(run.ions()["name"]) == list(images.names)
    np.testing.assert_array_equal(run.ions()["mz"], images.mz)


def test_it_is_clustered_again_and_taken_away(run: Run, tmp_path: Path) -> None:
    again = clusters_by(run, run.config.result, 4)
    assert set(again["cluster"]) == {0, 1, 2, 3}
    material = gather(run, n_clusters=4)
    known = [export for export in EXPORTS if not lacking(export, material)]
    write_files(material, tmp_path / "export", [export.name for export in known])
    files = {file for export in known for file in export.files}
    assert {path.name for path in (tmp_path / "export").iterdir()} == files


@pytest.mark.usefixtures("no_children")
def test_it_goes_to_another_machine(run: Run, tmp_path: Path) -> None:
    export_run(run, tmp_path / "run.zip")
    there = import_run(tmp_path / "run.zip", RunStore(tmp_path / "there"))
    assert there.representations == run.representations
    pd.testing.assert_frame_equal(there.clusters(), run.clusters())


@pytest.mark.parametrize(
    "page",
    ["train/cluster", "explore/map", "explore/clusters", "explore/similarity", "explore/quality", "share/report"],
)
def test_every_page_shows_it(run: Run, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("msiss.runs.engine.submit", lambda job: execute_analysis(job.path))  # at once, in this process
    app = AppTest.from_file(str(Path(__file__).parents[2] / "app.py"), default_timeout=HANG_SECONDS)
    app.query_params["run"] = run.path.name
    app.run().switch_page(f"pages/{page}.py").run()
    assert not app.exception
    assert not app.error
    assert app.session_state["run"] == run.path.name
