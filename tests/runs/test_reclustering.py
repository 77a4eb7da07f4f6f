"""Another number of clusters of a finished run: what it is made of, what is kept, and what stays as it was."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from msiss.analyse.clustering import spectral_clusters
from msiss.analyse.consensus import consensus_clusters
from msiss.analyse.representations import PLAIN, Representation
from msiss.errors import RunError, SettingError
from msiss.learn.config import Method, RunConfig
from msiss.runs import reclustering
from msiss.runs.reclustering import about, reclustered
from msiss.runs.store import Run


@pytest.fixture
def msiss_run(finished_run: Run, tmp_path: Path) -> Run:
    """Return the finished run as msiss's own method would have left it."""
    config = RunConfig(clusters=3, method=Method.MSISS)
    run = Run.create(tmp_path / "msiss", dataset=tmp_path, fingerprint="f", config=config)
    table = finished_run.clusters().rename(columns={"self-labelled": "msiss"})
    table[["ion", "mz", "name", "msiss", *(name.value for name in PLAIN), "confidence"]].to_parquet(
        run.path / "clusters.parquet", index=False
    )
    (run.path / "features").mkdir()
    for name in PLAIN:
        np.save(run.path / "features" / f"{name}.npy", finished_run.features(name))
    np.save(run.path / "features" / "msiss.npy", finished_run.features(Representation.SELF_LABELLED))
    return run


def test_the_runs_own_number_is_its_own_table(finished_run: Run) -> None:
    pd.testing.assert_frame_equal(reclustered(finished_run, 3), finished_run.clusters())
    assert not list(finished_run.path.glob("clusters-*"))


def test_every_representation_of_the_papers_method_is_clustered_spectrally(finished_run: Run) -> None:
    table = reclustered(finished_run, 2)
    assert list(table) == list(finished_run.clusters())
    for name in finished_run.representations:
        expected = spectral_clusters(finished_run.features(name), 2, n_neighbours=10, seed=0)
        np.testing.assert_array_equal(table[name.value], expected)
    assert table["confidence"].isna().all()
    assert table["name"].tolist() == finished_run.clusters()["name"].tolist()


def test_msiss_is_clustered_by_consensus_with_its_confidence(msiss_run: Run) -> None:
    table = reclustered(msiss_run, 4)
    expected = consensus_clusters(msiss_run.features(Representation.MSISS), 4, seed=0)
    np.testing.assert_array_equal(table["msiss"], expected.clusters)
    np.testing.assert_array_equal(table["confidence"], expected.confidence)
    spectral = spectral_clusters(msiss_run.features(Representation.FUSED), 4)
    np.testing.assert_array_equal(table["fused"], spectral)


def test_clustering_happens_once(finished_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    first = reclustered(finished_run, 4)
    monkeypatch.setattr(reclustering, "_cluster", lambda *_: pytest.fail("clustered again"))
    pd.testing.assert_frame_equal(reclustered(finished_run, 4), first)
    assert [path.name for path in finished_run.path.glob("*clusters-*")] == ["clusters-4.parquet"]


def test_a_damaged_table_is_made_again(finished_run: Run) -> None:
    first = reclustered(finished_run, 4)
    path = finished_run.path / "clusters-4.parquet"
    path.write_bytes(path.read_bytes()[:100])
    pd.testing.assert_frame_equal(reclustered(finished_run, 4), first)
    pd.testing.assert_frame_equal(pd.read_parquet(path), first)


def test_a_table_that_cannot_be_kept_is_given_all_the_same(finished_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full_disk)
    assert reclustered(finished_run, 2)["fused"].nunique() == 2
    assert not list(finished_run.path.glob("*clusters-*"))


def test_the_run_itself_stays_as_it_was(finished_run: Run) -> None:
    before = (finished_run.path / "clusters.parquet").read_bytes()
    reclustered(finished_run, 5)
    assert (finished_run.path / "clusters.parquet").read_bytes() == before


@pytest.mark.parametrize("number", [0, 13])
def test_impossible_numbers(finished_run: Run, number: int) -> None:
    with pytest.raises(SettingError, match=f"{number} clusters cannot be made of 12 ion images"):
        reclustered(finished_run, number)


def test_a_run_that_is_not_done(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", dataset=tmp_path, fingerprint="f", config=RunConfig(clusters=3))
    with pytest.raises(RunError, match="yet: it is queued"):
        reclustered(run, 4)


def test_another_number_says_so(finished_run: Run, msiss_run: Run) -> None:
    assert about(finished_run, 3) == ""
    assert about(msiss_run, 17) == "Re-clustered into 17, the training had 3."
    assert "knows its own 3 clusters only" in about(finished_run, 17)
