"""Clusters of a finished run by any representation in any number: what they are made of, what is kept, what stays."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from msiss.analyse.clustering import spectral_clusters
from msiss.analyse.consensus import consensus_clusters
from msiss.analyse.representations import BANDS, IMAGE_VECTORS, JOINT, measure_names
from msiss.errors import RunError, SettingError
from msiss.learn.methods import METHODS
from msiss.learn.paper.config import SELF_LABELLED, PaperConfig
from msiss.learn.spatial.config import NAME, SpatialConfig
from msiss.runs.reclustering import about, clusters_by, kept_clusters
from msiss.runs.request import method_version
from msiss.runs.store import Run


@pytest.fixture
def msiss_run(finished_run: Run, tmp_path: Path) -> Run:
    """Return the finished run as msiss's own method would have left it."""
    config = SpatialConfig(clusters=3)
    run = Run.create(tmp_path / "msiss", dataset=tmp_path, fingerprint="f", config=config)
    (run.path / "results" / "features").mkdir(parents=True)
    table = finished_run.clusters().rename(columns={"self-labelled": "msiss"})
    table[["ion", "mz", "name", "msiss", *measure_names(), "confidence"]].to_parquet(
        run.path / "results" / "clusters.parquet", index=False
    )
    for name in measure_names():
        np.save(run.path / "results" / "features" / f"{name}.npy", finished_run.features(name))
    np.save(run.path / "results" / "features" / "msiss.npy", finished_run.features(SELF_LABELLED))
    return run


@pytest.mark.parametrize("by", [SELF_LABELLED, IMAGE_VECTORS])
def test_clusters_of_the_runs_own_number_are_its_own(finished_run: Run, by: str) -> None:
    own, found = finished_run.clusters(), clusters_by(finished_run, by, 3)
    np.testing.assert_array_equal(found["cluster"], own[by])
    trained = by == finished_run.config.result
    np.testing.assert_array_equal(found["confidence"], own["confidence"] if trained else np.full(12, np.nan))
    assert not (finished_run.path / "clusters").exists()


def test_the_runs_own_number_is_never_read_from_what_was_clustered_again(finished_run: Run) -> None:
    (finished_run.path / "clusters").mkdir()
    stale = pd.DataFrame({"cluster": np.arange(12), "confidence": np.float32(1)})
    stale.attrs["code"] = method_version()
    stale.to_parquet(finished_run.path / "clusters" / "fused-3.parquet", index=False)
    own = finished_run.clusters()["joint"]
    for read in (kept_clusters, clusters_by):
        np.testing.assert_array_equal(read(finished_run, JOINT, 3)["cluster"], own)


@pytest.mark.parametrize("by", [*measure_names(), *METHODS["paper"].config.trained])
def test_every_representation_of_the_papers_method_is_clustered_spectrally(finished_run: Run, by: str) -> None:
    found = clusters_by(finished_run, by, 2)
    np.testing.assert_array_equal(found["cluster"], spectral_clusters(finished_run.features(by), 2, n_neighbours=10))
    assert found["confidence"].isna().all()


@pytest.mark.parametrize("by", [NAME, IMAGE_VECTORS, JOINT])
def test_every_representation_of_msiss_is_clustered_by_consensus_with_its_confidence(msiss_run: Run, by: str) -> None:
    told = []
    found = clusters_by(msiss_run, by, 4, progress=lambda fraction, text: told.append(fraction))
    expected = consensus_clusters(msiss_run.features(by), 4, seed=0)
    np.testing.assert_array_equal(found["cluster"], expected.clusters)
    np.testing.assert_array_equal(found["confidence"], expected.confidence)
    assert told == sorted(told)
    assert (told[0], told[-1], len(told)) == (0, 1, 25)


def test_only_what_is_asked_for_is_clustered_and_only_once(finished_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept_clusters(finished_run, BANDS, 4) is None
    first = clusters_by(finished_run, BANDS, 4)
    assert [path.name for path in (finished_run.path / "clusters").iterdir()] == ["bands-4.parquet"]
    monkeypatch.setattr(Run, "features", lambda *_: pytest.fail("clustered again"))
    pd.testing.assert_frame_equal(clusters_by(finished_run, BANDS, 4), first)


def test_clusters_of_other_code_are_made_again(finished_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    clusters_by(finished_run, BANDS, 4)
    assert kept_clusters(finished_run, BANDS, 4) is not None
    monkeypatch.setattr("msiss.runs.reclustering.method_version", lambda: "other code")
    assert kept_clusters(finished_run, BANDS, 4) is None
    again = clusters_by(finished_run, BANDS, 4)
    pd.testing.assert_frame_equal(kept_clusters(finished_run, BANDS, 4), again)


def test_damaged_clusters_are_made_again(finished_run: Run) -> None:
    first = clusters_by(finished_run, JOINT, 4)
    (path,) = (finished_run.path / "clusters").iterdir()
    path.write_bytes(path.read_bytes()[:100])
    pd.testing.assert_frame_equal(clusters_by(finished_run, JOINT, 4), first)
    pd.testing.assert_frame_equal(pd.read_parquet(path), first)


def test_clusters_that_cannot_be_kept_are_given_all_the_same(
    finished_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(*_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full_disk)
    assert clusters_by(finished_run, JOINT, 2)["cluster"].nunique() == 2
    assert not list((finished_run.path / "clusters").iterdir())


def test_clusters_of_a_run_that_was_deleted_meanwhile_are_not_kept(finished_run: Run) -> None:
    def delete_and_train_again(fraction: float, text: str) -> None:
        finished_run.write_status(finished_run.status.model_copy(update={"finished": 1.0}))

    clusters_by(finished_run, JOINT, 2, progress=delete_and_train_again)
    assert not (finished_run.path / "clusters").exists()


def test_the_run_itself_stays_as_it_was(finished_run: Run) -> None:
    before = finished_run.clusters()
    clusters_by(finished_run, SELF_LABELLED, 5)
    pd.testing.assert_frame_equal(finished_run.clusters(), before)


@pytest.mark.parametrize("number", [0, 13])
def test_impossible_numbers(finished_run: Run, number: int) -> None:
    with pytest.raises(SettingError, match=f"{number} clusters cannot be made of 12 ion images"):
        clusters_by(finished_run, JOINT, number)


def test_a_run_that_is_not_done(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", dataset=tmp_path, fingerprint="f", config=PaperConfig(clusters=3))
    with pytest.raises(RunError, match="yet: it is queued"):
        clusters_by(run, run.config.result, 4)


def test_a_representation_that_the_run_has_not_is_refused(finished_run: Run) -> None:
    with pytest.raises(SettingError, match=r"this run has no msiss\. It has: self-labelled, contrastive"):
        clusters_by(finished_run, NAME, 3)


def test_another_number_says_so(finished_run: Run, msiss_run: Run) -> None:
    assert about(finished_run, SELF_LABELLED, 3) == ""
    assert about(msiss_run, NAME, 17) == "Re-clustered into 17 clusters; the run was trained with 3."
    assert about(finished_run, BANDS, 17) == "Re-clustered into 17 clusters; the run was trained with 3."
    assert "knows its own 3 clusters only" in about(finished_run, SELF_LABELLED, 17)
