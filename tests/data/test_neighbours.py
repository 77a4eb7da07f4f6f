"""Neighbours on a raster: the nearest two directions, or enough pairs of scattered pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msiss.data.neighbours import REACH, count_pairs, neighbours

ROWS, COLUMNS = np.mgrid[:20, :30]


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        (ROWS >= 0, [[0, 1], [1, 0]]),
        ((ROWS - 10) ** 2 + (COLUMNS - 15) ** 2 < 80, [[0, 1], [1, 0]]),
        ((ROWS + COLUMNS) % 2 == 0, [[1, -1], [1, 1]]),
        (ROWS % 2 == 0, [[0, 1], [2, 0]]),
        (COLUMNS % 4 == 1, [[1, 0], [0, 4]]),
        ((ROWS % 2 == 0) & (COLUMNS % 3 == 0), [[2, 0], [0, 3]]),
        (ROWS == 3, [[0, 1]]),
        ((ROWS % 6 == 0) & (COLUMNS % 6 == 0), []),
    ],
)
def test_the_shortest_distances_in_two_directions(mask, expected) -> None:
    assert neighbours(mask).tolist() == expected


@given(st.integers(0, 1000), st.floats(0.01, 0.2))
def test_scattered_pixels_have_pairs_of_all_short_distances(seed, share) -> None:
    mask = np.random.default_rng(seed).random((40, 40)) < share
    found = neighbours(mask)
    assert (np.hypot(*found.T) <= REACH).all()
    if len(found) > 2:
        assert count_pairs(mask, found) > 0
        shorter = np.hypot(*found.T) < np.hypot(*found.T).max()
        assert count_pairs(mask, found[shorter]) < np.count_nonzero(mask)


@given(st.integers(0, 1000), st.integers(0, 9), st.integers(-9, 9))
def test_pairs_are_counted_as_defined(seed, rows, columns) -> None:
    mask = np.random.default_rng(seed).random((6, 7)) < 0.6
    places = {tuple(place) for place in np.argwhere(mask).tolist()}
    expected = sum((row + rows, column + columns) in places for row, column in places)
    assert count_pairs(mask, np.array([[rows, columns]])) == expected
