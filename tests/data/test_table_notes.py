"""Notes below tables."""

import pytest

from msiss.data.table_layout import lay_out
from msiss.data.table_notes import told_apart, without_notes


@pytest.mark.parametrize(
    ("cells", "note"),
    [
        (["Source: our lab, 2024", "", ""], True),
        (["* putative"], True),
        (["PC 34:1", ""], True),
        (["Total", "2"], False),
        (["", "a"], False),
        (["NA", ""], False),
        (["760.585x", ""], False),
        (["x760.585", ""], False),  # a damaged number
    ],
)
def test_notes_are_text_in_the_first_cell(cells, note) -> None:
    assert [found for _, found in told_apart([(3, cells)], 3, after=2)] == [note]


@pytest.mark.parametrize(
    ("line", "cells", "note"),
    [
        (5, ["Measured in Basel", "2024"], True),
        (4, ["Measured in Basel", "2024"], False),  # not below an empty line
        (5, ["PC 34:1", "760.585"], False),
        (5, ["PC 34:1", "760", "a"], False),  # as many cells as columns
    ],
)
def test_notes_below_an_empty_line_may_hold_the_separator(line, cells, note) -> None:
    assert [found for _, found in told_apart([(3, ["1"]), (line, cells)], 3, after=2)] == [False, note]


def test_a_table_of_one_column_has_no_notes() -> None:
    assert [note for _, note in told_apart([(5, ["abc"])], 1, after=2)] == [False]


def test_only_what_is_below_the_last_row_is_a_note(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x,y,700.5\n1,1,1\nbetween\n2,1,1\n\nbelow\nand below\n", encoding="utf-8")
    assert without_notes(lay_out(path, path.read_bytes())).rows == 3
