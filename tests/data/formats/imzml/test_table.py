"""Spectra as columns, added one by one or many at once."""

import numpy as np
import pytest

from msiss.data.formats.imzml.table import SpectrumRow, SpectrumTable

ROWS = [
    SpectrumRow((1, 2, 3), 0, {"isolated": 5.5}, [(0, 16, 4, 32), (1, 48, 4, -1)]),
    SpectrumRow((4, 5, 6), 1, {}, []),
    SpectrumRow((7, 8, 9), 0, {"voltage": -2.0}, [(1, 64, 2, 8), (0, 80, 0, 0)]),
]


@pytest.fixture
def table() -> SpectrumTable:
    made = SpectrumTable()
    for row in ROWS:
        made.append(row)
    return made


def test_what_is_missing_is_not_a_number(table) -> None:
    np.testing.assert_array_equal(table.coordinates, [[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    np.testing.assert_array_equal(table.described, [0, 1, 0])
    np.testing.assert_array_equal(table.numbers("isolated"), [5.5, np.nan, np.nan])
    np.testing.assert_array_equal(table.numbers("voltage"), [np.nan, np.nan, -2])
    np.testing.assert_array_equal(table.numbers("mobility"), [np.nan] * 3)


def test_arrays_are_found_by_their_kind_and_empty_ones_do_not_count(table) -> None:
    offsets, lengths, encoded, several = table.arrays({0})
    np.testing.assert_array_equal(
        [offsets, lengths, encoded, several], [[16, 0, 0], [4, 0, 0], [32, -1, -1], [1, 0, 0]]
    )
    assert table.arrays({0, 1})[3].tolist() == [2, 0, 1]
    assert (table.filled(), table.first_of({1}), table.first_of({0})) == ({0, 1}, 0, 0)


def test_many_at_once_are_the_same_as_one_by_one(table) -> None:
    made = SpectrumTable()
    made.append(ROWS[0])
    made.extend(
        np.array([row.place for row in ROWS[1:]]),
        np.array([1, 0]),
        {"voltage": np.array([np.nan, -2.0])},
        np.array([(1, *one) for one in ROWS[2].arrays]),
    )
    assert made.columns().keys() == table.columns().keys()
    for name, column in table.columns().items():
        np.testing.assert_array_equal(made.columns()[name], column)


def test_offsets_that_began_anew_are_mended_between_empty_spectra() -> None:
    table = SpectrumTable()
    true = [16, 2**31 + 8, 2**31 + 99, 2**32 + 8]
    for value in true:
        table.append(SpectrumRow((1, 1, 1), 0, {}, [(0, (value + 2**31) % 2**32 - 2**31, 5, -1)]))
        table.append(SpectrumRow((1, 1, 1), 0, {}, [(0, 0, 0, -1)]))
    np.testing.assert_array_equal(table.arrays({0})[0][::2], true)
