"""Values that cannot be intensities are found, and only those."""

import numpy as np

from msiss.data.intensities import clean, intensity_row


def test_only_impossible_values_become_0() -> None:
    values = np.array([0.0, 5.5, np.nan, np.inf, -np.inf, -1e-9, 2e30, 1e30])
    assert clean(values) == (4, 1)
    np.testing.assert_array_equal(values, [0, 5.5, 0, 0, 0, 0, 0, 1e30])


def test_the_row_names_what_was_found() -> None:
    assert intensity_row(not_numbers=0, negative=0, total=10).level == "pass"
    row = intensity_row(not_numbers=0, negative=2, total=10)
    assert row.level == "warning"
    assert row.found == "2 of 10 intensities are negative."
