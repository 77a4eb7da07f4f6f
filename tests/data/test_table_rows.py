"""The rows of tables."""

from pathlib import Path

import pytest

from msiss.data.findings import DataStop
from msiss.data.table_rows import SPACES, parsed, rows_of


def test_spaces_separate_but_not_in_quotes() -> None:
    lines = ['  "a b"   1.5  "c ""d"""\n', "\n", "e 2.5\tf\n"]
    assert list(parsed(lines, SPACES)) == [(1, ["a b", "1.5", 'c "d"']), (3, ["e", "2.5", "f"])]


def test_comments() -> None:
    assert list(parsed(["# a,b\n", "1,2\n"], ",", after=3)) == [(5, ["1", "2"])]
    assert list(parsed(["# a,b\n"], ",", comments="")) == [(1, ["# a", "b"])]


def test_what_is_no_table() -> None:
    with pytest.raises(DataStop, match=r"a\.csv: This is not a table: field larger"):
        list(rows_of(Path("a.csv"), ["a" * 140_000], ",", after=0))
