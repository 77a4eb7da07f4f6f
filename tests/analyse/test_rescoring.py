"""Scores of clusters before and after: values that are worked out by hand, and what cannot be told."""

import numpy as np
import pytest
from helpers import groups

from msiss.analyse.metrics import ami, ari, purity, same_cluster
from msiss.analyse.rescoring import COMPACT, ISOTOPES, compactness, rescore
from msiss.analyse.vectors import unit


def test_compactness_is_the_silhouette_of_mean_cosines() -> None:
    vectors, truth = groups([9, 6, 1, 4], distance=1)
    directions, ions = unit(vectors), np.arange(20)
    values = []
    for ion in ions:
        own = directions[(truth == truth[ion]) & (ions != ion)] @ directions[ion]
        nearest = max((directions[truth == other] @ directions[ion]).mean() for other in {*truth} - {truth[ion]})
        values.append((own.mean() - nearest) / max(1 - own.mean(), 1 - nearest) if len(own) else 0)
    assert compactness(vectors, truth) == pytest.approx(np.mean(values))
    assert compactness(directions.astype(np.float32), truth * 7) == pytest.approx(np.mean(values), rel=1e-5)


def test_compactness_of_what_has_no_other_cluster() -> None:
    assert np.isnan(compactness(np.eye(4), np.zeros(4, int)))
    assert np.isnan(compactness(np.eye(4), np.arange(4)))
    assert compactness(np.ones((4, 1)), np.array([0, 0, 1, 1])) == 0


def test_before_and_after() -> None:
    vectors, truth = groups([12, 10, 8], distance=4)
    before = truth.copy()
    before[:4] = 1
    pairs = np.array([[0, 5], [1, 6], [12, 13], [7, 29]])
    labels = np.where(np.arange(30) % 3 == 0, -1, truth)
    table = rescore({"before": before, "after": truth}, vectors=vectors, pairs=pairs, labels=labels).set_index("score")
    assert list(table.index) == [COMPACT, ISOTOPES, "purity", "ari", "ami"]
    assert table.loc[COMPACT, "before"] < table.loc[COMPACT, "after"]
    assert table.loc[COMPACT, "after"] == pytest.approx(compactness(unit(vectors), truth))
    assert table["n"].to_dict() == {COMPACT: 30, ISOTOPES: 4, "purity": 20, "ari": 20, "ami": 20}
    for name, clusters in (("before", before), ("after", truth)):
        share, chance = same_cluster(clusters, pairs)
        assert (table.loc[ISOTOPES, name], table.loc[ISOTOPES, f"chance {name}"]) == (share, chance)
        for score, function in (("purity", purity), ("ari", ari), ("ami", ami)):
            assert table.loc[score, name] == function(clusters, labels)
            assert np.isnan(table.loc[score, f"chance {name}"])


def test_what_is_not_known_is_not_scored() -> None:
    table = rescore({"before": np.zeros(3, int)}, pairs=np.zeros((0, 2), int), labels=np.full(3, -1))
    assert table.empty
    assert list(table) == ["score", "before", "n", "chance before"]
