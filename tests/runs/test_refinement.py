"""Clusters found again: what counts as said, what stays, what is kept, and how it becomes a decision."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers import groups

from msiss.analyse.consensus import Consensus
from msiss.analyse.constraints import FREE, Constraints
from msiss.analyse.representations import JOINT, title_of
from msiss.analyse.spreading import spread_corrections
from msiss.errors import SettingError
from msiss.runs.decisions import Confirmed, Flagged, Merged, Moved, Refined, Split
from msiss.runs.grouping import Grouping, decide, grouping, undo
from msiss.runs.refinement import (
    Corrections,
    as_decision,
    corrections_of,
    has_news,
    kept_refinement,
    refine,
    refine_grouping,
)
from msiss.runs.store import RESULTS, Run

WRONG = [16, 17, 18, 19, 20, 21]  # ions of the second group that the run has put into the first


@pytest.fixture
def confused_run(finished_run: Run) -> Run:
    """Return a run of 40 ions in three groups, whose clusters by joint have some ions of the second in the first."""
    vectors, truth = groups([16, 14, 10], distance=3)
    found = truth.copy()
    found[WRONG] = 0
    table = pd.DataFrame({"ion": np.arange(40), "mz": np.linspace(400, 800, 40), "name": [""] * 40})
    own = finished_run.clusters().columns.difference([*table, "confidence"])
    table = table.assign(**dict.fromkeys(own, truth), confidence=np.float32(0.5)).assign(**{JOINT: found})
    table.to_parquet(finished_run.path / RESULTS / "clusters.parquet", index=False)
    np.save(finished_run.path / RESULTS / "features" / f"{JOINT}.npy", vectors.astype(np.float32))
    return finished_run


def after(before: Grouping, *decisions: Moved | Confirmed | Merged | Split | Flagged | Refined) -> Grouping:
    for decision in decisions:
        decide(before, decision)
        before = grouping(before.run, before.by, before.n_clusters)
    return before


def test_what_counts_as_said(confused_run: Run) -> None:
    corrected = after(
        grouping(confused_run, JOINT),
        Moved(ions=(16, 17), to=1),
        Confirmed(ions=(0,)),
        Split(parent=2, first=3, parts=(tuple(range(30, 33)), tuple(range(33, 40)))),
        Split(first=5, parts=(tuple(range(1, 12)),)),
        Merged(merged=(1,), into=3),
        Flagged(cluster=4, tissue=False),
    )
    said = corrections_of(corrected)
    expected = np.full(40, FREE)
    expected[[16, 17]] = 3  # they were moved to 1, which is now 3
    expected[0] = 0
    expected[30:33] = 3
    expected[33:40] = 4
    np.testing.assert_array_equal(said.constraints.labels, expected)  # the part of eleven was not looked at one by one
    np.testing.assert_array_equal(said.clusters, corrected.labels)
    np.testing.assert_array_equal(said.fixed, corrected.labels == 4)
    assert not len(said.constraints.together) + len(said.constraints.apart)


def test_similar_ions_follow_and_everything_else_stays(confused_run: Run) -> None:
    corrected = after(grouping(confused_run, JOINT), Moved(ions=(16, 17), to=1))
    said, told = corrections_of(corrected), []
    found = refine(confused_run, JOINT, said, progress=lambda fraction, text: told.append((fraction, text)))
    np.testing.assert_array_equal(np.flatnonzero(found["moved"]), WRONG[2:])
    expected = spread_corrections(confused_run.features(JOINT), said.clusters, said.constraints, seed=0)
    np.testing.assert_array_equal(found["cluster"], expected.clusters)
    assert found["confidence"].isna().all()  # as before: the paper's method has none for a measure
    assert told[0] == (0, f"Finding the clusters again by {title_of(JOINT)}")
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)


def test_confidence_is_renewed_where_there_was_one(confused_run: Run) -> None:
    before = corrections_of(after(grouping(confused_run, JOINT), Moved(ions=(16,), to=1)))
    fixed = before.clusters == 2
    sure = Corrections(before.clusters, np.full(40, 0.25, np.float32), before.constraints, fixed)
    found = refine(confused_run, JOINT, sure)
    some = np.flatnonzero(~fixed)
    expected = spread_corrections(
        confused_run.features(JOINT)[some], before.clusters[some], before.constraints.subset(some)
    )
    np.testing.assert_array_equal(found["confidence"][some], expected.confidence)
    assert (found["confidence"][fixed] == 0.25).all()


def test_clusters_without_tissue_stay_and_nobody_joins_them(confused_run: Run) -> None:
    start = grouping(confused_run, JOINT)
    free = refine(confused_run, JOINT, corrections_of(after(start, Moved(ions=(16, 17), to=2))))
    assert free["moved"].any()
    fixed = refine(
        confused_run, JOINT, corrections_of(after(start, Moved(ions=(22,), to=1), Flagged(cluster=2, tissue=False)))
    )
    before = grouping(confused_run, JOINT).labels
    np.testing.assert_array_equal(fixed["cluster"] == 2, before == 2)


def test_what_was_found_is_kept(confused_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    corrected = after(grouping(confused_run, JOINT), Moved(ions=(16,), to=1))
    said = corrections_of(corrected)
    assert kept_refinement(confused_run, JOINT, said) is None
    found = refine(confused_run, JOINT, said)
    monkeypatch.setattr(Run, "features", lambda *_: pytest.fail("computed again"))
    pd.testing.assert_frame_equal(refine(confused_run, JOINT, said), found)
    other = corrections_of(after(corrected, Confirmed(ions=(3,))))
    assert kept_refinement(confused_run, JOINT, other) is None


def test_results_of_a_run_that_was_deleted_meanwhile_are_not_kept(confused_run: Run) -> None:
    def train_again(fraction: float, text: str) -> None:
        confused_run.write_status(confused_run.status.model_copy(update={"finished": 1.0}))

    said = corrections_of(after(grouping(confused_run, JOINT), Moved(ions=(16,), to=1)))
    refine(confused_run, JOINT, said, progress=train_again)
    assert not (confused_run.path / "refined").exists()


def test_nothing_said_is_refused(confused_run: Run) -> None:
    start = grouping(confused_run, JOINT)
    assert not has_news(start)
    with pytest.raises(SettingError, match="Move ions to the cluster that they belong to"):
        refine(confused_run, JOINT, corrections_of(after(start, Merged(merged=(1,), into=0))))
    with pytest.raises(SettingError, match=r"this run has no other\. It has:"):
        refine(confused_run, "other", corrections_of(start))


def test_it_becomes_a_decision_that_can_be_undone(confused_run: Run) -> None:
    corrected = after(grouping(confused_run, JOINT), Moved(ions=(16, 17), to=1))
    assert has_news(corrected)
    refined, moved = refine_grouping(corrected, who="A", why="isotopes")
    np.testing.assert_array_equal(moved, WRONG[2:])
    assert (refined.labels[WRONG] == 1).all()
    assert (refined.decisions[-1].who, refined.decisions[-1].why) == ("A", "isotopes")
    assert not has_news(refined)
    assert refined.table["by_hand"].sum() == 2
    undo(refined)
    np.testing.assert_array_equal(grouping(confused_run, JOINT).labels, corrected.labels)


def test_the_ions_that_follow_may_be_similar_by_another_representation(confused_run: Run) -> None:
    own = confused_run.config.result
    said = corrections_of(after(grouping(confused_run), Moved(ions=(16, 17), to=0)))
    found = refine(confused_run, own, said, along=JOINT)
    expected = spread_corrections(confused_run.features(JOINT), said.clusters, said.constraints)
    np.testing.assert_array_equal(found["cluster"], expected.clusters)
    assert kept_refinement(confused_run, own, said) is None
    with pytest.raises(SettingError, match=r"this run has no other\. It has:"):
        refine(confused_run, own, said, along="other")


def test_the_result_of_the_papers_method_is_refined_by_its_classifier(
    confused_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, asked = confused_run.config.result, []
    said = corrections_of(after(grouping(confused_run), Moved(ions=(16,), to=0)))
    monkeypatch.setattr(Run, "features", lambda *_: np.eye(40, 8, dtype=np.float32))

    def refined(vectors, weights, previous, constraints, *, progress) -> Consensus:
        asked.append((vectors.shape, weights, constraints.labels[16]))
        return Consensus(previous[::-1].copy(), np.full(40, 0.5, np.float32))

    monkeypatch.setattr("msiss.learn.paper.refine.refine_paper", refined)
    found = refine(confused_run, own, said)
    np.testing.assert_array_equal(found["cluster"], said.clusters[::-1])
    assert (found["confidence"] == 0.5).all()
    assert asked == [((40, 8), confused_run.path / RESULTS / "weights.safetensors", 0)]


def test_pairs_hold_too(confused_run: Run) -> None:
    start = corrections_of(grouping(confused_run, JOINT))
    constraints = Constraints.of(40, together=[(0, 39)], apart=[(1, 2)])
    found = refine(confused_run, JOINT, Corrections(start.clusters, start.confidence, constraints, start.fixed))
    clusters = found["cluster"].to_numpy()
    assert clusters[0] == clusters[39]
    assert clusters[1] != clusters[2]


def test_unknown_confidence_stays_unknown() -> None:
    found = pd.DataFrame({"cluster": [1, 0], "confidence": np.array([np.nan, 0.5], np.float32), "moved": False})
    decision = as_decision(found)
    assert (decision.assigned, decision.confidence) == ((1, 0), (None, 0.5))


def test_the_run_itself_stays_as_it_was(confused_run: Run, tmp_path: Path) -> None:
    before = confused_run.clusters()
    refine_grouping(after(grouping(confused_run, JOINT), Moved(ions=(16,), to=1)))
    pd.testing.assert_frame_equal(confused_run.clusters(), before)
