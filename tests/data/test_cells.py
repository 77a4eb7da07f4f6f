"""No cell of a table that is taken away is a formula, and what is read back is what was meant."""

import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msiss.data.cells import escaped, to_csv, unescaped
from msiss.data.known import read_labels
from msiss.data.mz_list import read_mz_list

FORMULAS = ['=HYPERLINK("https://example.org")', "+H", "-H", "@SUM(1)", "\tx", "\rx", " =1", "'=1", "＝1"]
HARMLESS = ["[M+H]+", "PC(34:1)", "C6H12O6", "'quoted'", "", "1-hexanol"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_becomes_text(text: str) -> None:
    assert escaped(text) == f"'{text}"
    assert unescaped(escaped(text)) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert escaped(text) == text
    assert unescaped(text) == text


@given(st.text(st.sampled_from("=+-@\t\r\n' ab1"), max_size=6))
def test_every_text_comes_back(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert not escaped(text).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))


def test_numbers_stay_numbers() -> None:
    table = pd.DataFrame({"mz": [1.5, -2.0], "adduct": ["-H", None], "=name": ["=1", "b"], "n": [-1, 2]})
    (header, first, second) = csv.reader(io.StringIO(to_csv(table)))
    assert header == ["mz", "adduct", "'=name", "n"]
    assert first == ["1.5", "'-H", "'=1", "-1"]
    assert second == ["-2.0", "", "b", "2"]


def test_msiss_reads_what_it_wrote(tmp_path) -> None:
    path = tmp_path / "list.csv"
    ions = {"mz": [500.1, 600.2], "name": ["=1+1", "PC"], "adduct": ["+H", "-H"], "class": ["@one", "two"]}
    path.write_text(to_csv(pd.DataFrame(ions)), encoding="utf-8")
    assert [(ion.name, ion.adduct, ion.class_) for ion in read_mz_list(path)] == [
        ("=1+1", "+H", "@one"),
        ("PC", "-H", "two"),
    ]
    labels = read_labels(path, np.array([500.1, 600.2]))
    path.write_text("mz,class\n500.1,@one\n600.2,two\n")
    assert labels.tolist() == read_labels(path, np.array([500.1, 600.2])).tolist() == [0, 1]
