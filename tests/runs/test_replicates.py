"""Replicates and comparisons of runs."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from msiss.analyse.matching import kept_company
from msiss.analyse.metrics import ami, ari, purity
from msiss.errors import RunError
from msiss.runs.comparison import compare, different_settings, title_of_setting
from msiss.runs.decisions import Moved
from msiss.runs.grouping import decide, grouping
from msiss.runs.jobs import State, Status
from msiss.runs.replicates import (
    RECALL,
    RECALL_BY_CHANCE,
    STABILITY,
    create_replicates,
    progress_of,
    replicates_of,
    stop_all,
    summarise,
)
from msiss.runs.store import Run, RunStore


@pytest.fixture
def store(finished_run):
    return RunStore(finished_run.path.parent)


def finish(run: Run, of: Run, clusters: np.ndarray, stability: float, recall: float) -> None:
    """Give a run the results of another one, with other clusters and scores of its result."""
    if run.path != of.path:
        shutil.copytree(of.path / "results", run.path / "results")
        run.write_status(of.status)
    table = pd.read_parquet(run.path / "results" / "clusters.parquet")
    table["self-labelled"] = clusters
    table.to_parquet(run.path / "results" / "clusters.parquet", index=False)
    row = {"halves": None, "agreement": None, "stability": stability, "apart": None}
    pairs = {"13C": {"n": 3, "same_cluster": recall, "chance": 0.25, "top5": 0.5, "mrr": 0.5}}
    evidence = {
        "ions": 12,
        "pairs": {"13C": {"n": 3, "by_chance": 0.5}, "all": {"n": 3, "by_chance": 0.5}},
        "representations": {"self-labelled": row | {"pairs": pairs}},
        "differences": [],
        "result": "self-labelled",
    }
    (run.path / "results" / "evidence.json").write_text(json.dumps(evidence))


CLUSTERS = [
    np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2]),
    np.array([2, 2, 2, 2, 0, 0, 0, 0, 0, 1, 1, 1]),
    np.array([0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2]),
]


@pytest.fixture
def replicates(finished_run, store):
    runs = create_replicates(store, finished_run, 3)
    for number, run in enumerate(runs):
        finish(run, finished_run, CLUSTERS[number], 0.5 + 0.1 * number, 1 / (number + 1))
    return runs


def test_replicates_differ_in_the_seed_only_and_the_first_is_the_run_itself(finished_run, store):
    runs = create_replicates(store, finished_run, 3)
    assert [run.config.seed for run in runs] == [0, 1, 2]
    assert runs[0].path == finished_run.path
    assert [run.status.state for run in runs] == [State.DONE, State.QUEUED, State.QUEUED]
    request = finished_run.request
    store.create(
        dataset=request.dataset,
        fingerprint=request.fingerprint,
        config=request.config.with_settings({"seed": 1, "clusters": 4}),
    )
    assert [run.path for run in replicates_of(runs[2], store)] == [run.path for run in runs]
    assert [run.path for run in create_replicates(store, finished_run, 3)] == [run.path for run in runs]


def test_the_progress_is_that_of_all_and_all_are_stopped(finished_run, store):
    runs = create_replicates(store, finished_run, 4)
    now = finished_run.status.heartbeat
    runs[1].write_status(Status(state=State.RUNNING, fraction=0.5, heartbeat=now))
    runs[3].write_status(Status(state=State.FAILED, fraction=0.2))
    assert progress_of(runs) == (1, pytest.approx((1 + 0.5 + 0 + 0.2) / 4))
    stop_all(runs)
    assert [run.stop_requested() for run in runs] == [False, True, True, False]
    assert runs[2].status.state is State.STOPPED


def test_scores_have_mean_and_standard_deviation_over_the_seeds(replicates, small_images):
    found = summarise(replicates, small_images.labels)
    assert [run.path for run in found.runs] == [run.path for run in replicates]
    own = found.scores["self-labelled"]
    expected = {
        STABILITY: [0.5, 0.6, 0.7],
        RECALL: [1, 1 / 2, 1 / 3],
        RECALL_BY_CHANCE: [0.25] * 3,
        "purity": [purity(one, small_images.labels) for one in CLUSTERS],
        "ari": [ari(one, small_images.labels) for one in CLUSTERS],
        "ami": [ami(one, small_images.labels) for one in CLUSTERS],
    }
    for score, values in expected.items():
        assert own[score].n == 3
        assert own[score].mean == pytest.approx(np.mean(values))
        assert own[score].sd == pytest.approx(np.std(values, ddof=1))
    assert STABILITY not in found.scores["bands"]
    assert found.scores["bands"]["ari"].mean == 1
    assert found.isotopes == 3
    np.testing.assert_allclose(found.company, kept_company(CLUSTERS))
    rand = [ari(CLUSTERS[0], CLUSTERS[1]), ari(CLUSTERS[0], CLUSTERS[2]), ari(CLUSTERS[1], CLUSTERS[2])]
    assert (found.ari.mean, found.ari.sd, found.ari.n) == (
        pytest.approx(np.mean(rand)),
        pytest.approx(np.std(rand, ddof=1)),
        3,
    )


def test_only_what_is_done_is_summarised(replicates):
    for run in replicates[1:]:
        run.write_status(Status(state=State.STOPPED))
    found = summarise(replicates)
    assert [run.path for run in found.runs] == [replicates[0].path]
    assert "ari" not in found.scores["self-labelled"]
    assert found.scores["self-labelled"][STABILITY].n == 1
    assert np.isnan(found.scores["self-labelled"][STABILITY].sd)
    assert np.isnan(found.ari.mean)
    assert found.company.tolist() == [1] * 12
    replicates[0].write_status(Status(state=State.LOST))
    assert summarise(replicates) is None


def test_two_runs_are_compared_by_their_corrected_clusters(replicates):
    found = compare(replicates[0], replicates[1])
    assert found.settings == {"seed": (0, 1)}
    assert found.same_code
    assert found.matching.partners == {2: 0, 0: 1, 1: 2}
    assert np.flatnonzero(found.matching.moved).tolist() == [4]
    before = grouping(replicates[1])
    decide(before, Moved(ions=(4,), to=2))
    assert not compare(replicates[0], replicates[1]).matching.moved.any()


def test_settings_that_both_have_are_compared(finished_run):
    from msiss.learn.spatial.config import SpatialConfig

    found = different_settings(finished_run.config, SpatialConfig(clusters=4))
    assert found == {"method": ("paper", "msiss"), "clusters": (3, 4)}
    own = finished_run.config.with_settings({"contrastive.epochs": 3, "prepare.transform": "log"})
    found = different_settings(finished_run.config, own)
    assert found == {"contrastive.epochs": (50, 3), "prepare.transform": ("none", "log")}
    names = ("contrastive.epochs", "prepare.transform", "clusters", "contrastive.views.noise")
    assert [title_of_setting(own, name) for name in names] == [
        "Contrastive: Epochs",
        "Prepare: Intensity transform",
        "Clusters",
        "Contrastive, Views: Noise",
    ]


def test_runs_of_other_data_are_not_compared(finished_run, store):
    other = store.create(dataset=finished_run.request.dataset, fingerprint="other", config=finished_run.config)
    with pytest.raises(RunError, match="of different data"):
        compare(finished_run, other)
