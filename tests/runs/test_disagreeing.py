"""Pairs on which measures disagree, kept as answers."""

import os

import numpy as np
import pandas as pd
import pytest

from msiss.analyse.disagreement import disagreements
from msiss.home import measures_folder
from msiss.runs import disagreeing


def test_up_to_so_many_pairs_are_found_and_it_says_what_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = np.random.default_rng(0).normal(size=(2, 30, 5))
    said = []
    found = disagreeing.compare(first, second, text="Comparing", progress=lambda *told: said.append(told))
    pd.testing.assert_frame_equal(found, disagreements(first, second, number=disagreeing.PAIRS))
    assert said == [(0, "Comparing")]
    monkeypatch.setattr(disagreeing, "PAIRS", 3)
    assert len(disagreeing.compare(first, second)) == 3


def test_answers_are_kept_the_newest_of_them(msiss_home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disagreeing, "KEPT", 2)
    pairs = disagreements(*np.random.default_rng(0).normal(size=(2, 30, 5)))
    for number, name in enumerate("abc"):
        disagreeing.keep(name, pairs)
        file = measures_folder() / "disagreements" / f"{name}.parquet"
        os.utime(file, (number, number))
    disagreeing.keep("d", pairs)
    assert [disagreeing.kept(name) is None for name in "abcd"] == [True, True, False, False]
    pd.testing.assert_frame_equal(disagreeing.kept("d"), pairs)
    (measures_folder() / "disagreements" / "d.parquet").write_bytes(b"damaged")
    assert disagreeing.kept("d") is None
