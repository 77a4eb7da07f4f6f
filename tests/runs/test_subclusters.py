"""Clusters of some ions only: made as the run's method does, kept, and parts of the cluster that they were."""

import numpy as np
import pandas as pd
import pytest

from msiss.analyse.clustering import spectral_clusters
from msiss.analyse.representations import JOINT
from msiss.errors import SettingError
from msiss.runs.grouping import decide, grouping
from msiss.runs.store import Run
from msiss.runs.subclusters import as_decision, kept_subclusters, subclusters

SOME = [9, 1, 5, 6, 7, 3, 8, 1]


def test_some_ions_are_clustered_as_the_method_does(finished_run: Run) -> None:
    found = subclusters(finished_run, JOINT, SOME, 2)
    assert found["ion"].tolist() == [1, 3, 5, 6, 7, 8, 9]
    expected = spectral_clusters(finished_run.features(JOINT)[found["ion"]], 2, n_neighbours=10)
    np.testing.assert_array_equal(found["part"], expected)
    assert found["confidence"].isna().all()


def test_they_are_made_once(finished_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept_subclusters(finished_run, JOINT, SOME, 3) is None
    found = subclusters(finished_run, JOINT, SOME, 3)
    assert kept_subclusters(finished_run, JOINT, SOME, 2) is None
    assert kept_subclusters(finished_run, "bands", SOME, 3) is None
    monkeypatch.setattr(Run, "features", lambda *_: pytest.fail("clustered again"))
    pd.testing.assert_frame_equal(subclusters(finished_run, JOINT, sorted(SOME), 3), found)


def test_parts_become_clusters_below_the_one_that_they_were(finished_run: Run) -> None:
    before = grouping(finished_run, JOINT)
    members = before.members(1)
    found = subclusters(finished_run, JOINT, members, 2)
    decision = as_decision(found, before, who="A")
    assert (decision.parent, decision.first, decision.who) == (1, 3, "A")
    decide(before, decision)
    split = grouping(finished_run, JOINT)
    assert (split.clusters[3].parent, split.clusters[4].parent) == (1, 1)
    np.testing.assert_array_equal(split.labels[members], found["part"] + 3)
    assert as_decision(subclusters(finished_run, JOINT, [0, 5, 9], 1), split).parent is None


@pytest.mark.parametrize(
    ("ions", "number", "told"),
    [([0, 1], 3, "3 clusters cannot be made of 2"), ([], 1, "of 0 ion"), ([2, 12], 1, "12 ions"), ([-1], 1, "12 ions")],
)
def test_impossible_choices(finished_run: Run, ions: list[int], number: int, told: str) -> None:
    with pytest.raises(SettingError, match=told):
        subclusters(finished_run, JOINT, ions, number)
