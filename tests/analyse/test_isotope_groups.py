"""Isotope groups are kept or split by clusters."""

import numpy as np
import pandas as pd
import pytest

from msiss.analyse.isotope_groups import IsotopeGroup, isotope_groups, recall
from msiss.analyse.isotopes import expected_pairs
from msiss.analyse.masses import CARBON_13

MZ = np.array([700.5 + 2 * CARBON_13, 500.0, 700.5, 700.5 + CARBON_13, 600.0, 500.0 + CARBON_13])


def test_linked_ions_are_one_group_by_mz():
    pairs = expected_pairs(MZ)
    clusters = np.array([1, 0, 1, 1, 2, 2])
    assert isotope_groups(pairs, clusters, MZ) == [
        IsotopeGroup(ions=(1, 5), kinds=("13C",), clusters=(0, 2)),
        IsotopeGroup(ions=(2, 3, 0), kinds=("13C",), clusters=(1, 1, 1)),
    ]
    assert [group.kept for group in isotope_groups(pairs, clusters, MZ)] == [False, True]


def test_recall_is_told_by_kind_with_its_chance():
    pairs = pd.DataFrame({"i": [0, 1, 2], "j": [3, 4, 5], "kind": ["13C", "13C", "H/Na"]})
    clusters = np.array([0, 0, 1, 0, 1, 1])
    table = recall(pairs, clusters)
    assert table["n"].to_dict() == {"13C": 2, "H/Na": 1, "all": 3}
    assert table["together"].to_dict() == pytest.approx({"13C": 0.5, "H/Na": 1.0, "all": 2 / 3})
    same = [a == b for i, a in enumerate(clusters) for j, b in enumerate(clusters) if i != j]
    assert table["chance"].to_numpy() == pytest.approx(np.mean(same))


def test_without_pairs_there_is_nothing_to_tell():
    none = expected_pairs(MZ[:1])
    assert isotope_groups(none, np.zeros(1, dtype=int), MZ[:1]) == []
    assert len(recall(none, np.zeros(1, dtype=int))) == 0
