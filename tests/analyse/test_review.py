"""The review queue: every reason by hand, in words, and what is asked first."""

import numpy as np
import pandas as pd
import pytest

from msiss.analyse.review import NEIGHBOURS, SEEN, TORN, UNSURE, Reason, matched, review

CLUSTERS = np.array([0, 0, 0, 0, 1, 1, 1, 3, 3])


def reasons_of(table: pd.DataFrame, ion: int) -> list[Reason]:
    return list(table.set_index("ion").loc[ion, "reasons"])


def test_an_unsure_ion() -> None:
    confidence = np.array([0.9, 0.3, 0.5, np.nan, 0.8, 0.49, 0.9, 0.9, 0.9])
    table = review(CLUSTERS, confidence=confidence)
    assert table["ion"].tolist() == [1, 5]
    assert table["urgency"].tolist() == pytest.approx([0.7, 0.51])
    assert table["proposed"].tolist() == [0, 1]
    (reason,) = reasons_of(table, 1)
    assert (reason.kind, reason.text()) == (UNSURE, "low confidence (0.30)")


def test_an_ion_whose_nearest_are_elsewhere() -> None:
    nearest = np.array(
        [[4, 5, 7], [0, 2, 4], [4, 7, 8], [0, 1, 2], [5, 6, 0], [4, 6, 0], [4, 5, 0], [8, 0, 1], [7, 0, 4]]
    )
    table = review(CLUSTERS, nearest=nearest)
    assert table["ion"].tolist() == [0, 2, 7, 8]  # three of three first, then two of three
    assert table["proposed"].tolist() == [1, 3, 0, 0]
    (reason,) = reasons_of(table, 0)
    assert (reason.kind, reason.strength) == (NEIGHBOURS, 1)
    assert reason.text() == "3 of its 3 nearest ions are in other clusters, most of them in 1"
    assert reason.text(lambda cluster: f"{cluster} cortex").endswith("most of them in 1 cortex")


def test_torn_isotopes_and_adducts() -> None:
    pairs = pd.DataFrame({"i": [0, 4, 1, 5], "j": [4, 5, 7, 8], "kind": ["13C", "13C", "H/Na", "37Cl"]})
    confidence = np.array([0.9, 0.8, 0.9, 0.9, 0.6, np.nan, 0.9, 0.8, 0.9])
    table = review(CLUSTERS, confidence=confidence, pairs=pairs)
    assert table["ion"].tolist() == [4, 5, 1, 7]
    assert table["proposed"].tolist() == [0, 3, 3, 0]
    (reason,) = reasons_of(table, 4)
    assert (reason.kind, reason.strength, reason.ion) == (TORN, 1, 0)
    told = reason.text(lambda cluster: f"<{cluster}>", lambda ion: f"m/z 70{ion}")
    assert told == "its 13C partner, m/z 700, is in cluster <0>"
    assert [one.strength for one in reasons_of(table, 7)] == [0.5]  # an adduct; both are equally sure
    assert set(review(CLUSTERS, pairs=pairs[:1])["ion"]) == {0, 4}  # nobody knows which is right


def test_what_others_see_differently() -> None:
    other = np.array([8, 8, 8, 5, 5, 5, 5, 2, 2])
    table = review(CLUSTERS, others={"joint": other, "bands": CLUSTERS})
    assert table["ion"].tolist() == [3]
    assert table["proposed"].tolist() == [1]
    (reason,) = reasons_of(table, 3)
    assert (reason.kind, reason.strength, reason.text()) == (SEEN, 0.5, "joint sees it in cluster 1")


def test_clusters_are_matched_by_their_ions() -> None:
    np.testing.assert_array_equal(
        matched(CLUSTERS, np.array([1, 1, 1, 7, 7, 7, 9, 0, 0])), [0, 0, 0, 1, 1, 1, -1, 3, 3]
    )


def test_more_reasons_are_more_urgent_and_what_is_settled_is_left_out() -> None:
    confidence = np.array([0.4, 0.4, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.1])
    other = CLUSTERS.copy()
    other[1] = 1
    pairs = pd.DataFrame({"i": [1, 1], "j": [4, 5], "kind": ["13C", "H/Na"]})
    settled = np.arange(9) == 8
    table = review(CLUSTERS, confidence=confidence, others={"joint": other}, pairs=pairs, settled=settled)
    assert table["ion"].tolist() == [1, 0]
    assert table["urgency"].tolist() == pytest.approx([(0.6 + 1 + 1) / 3, 0.6 / 3])
    assert [one.kind for one in reasons_of(table, 1)] == [UNSURE, TORN, TORN, SEEN]


def test_nothing_to_ask_about() -> None:
    table = review(CLUSTERS, confidence=np.full(9, np.nan), nearest=np.zeros((9, 0), int), pairs=pd.DataFrame())
    assert table.empty
    assert table.dtypes.astype(str).to_dict()["proposed"] == "int64"
