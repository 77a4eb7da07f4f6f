"""Regions far apart: moved together without anything being lost, and only where they are regions."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from msiss.data.formats.imzml.regions import CLOSED_GAP, WIDEST_GAP, place_regions

POSITION = st.one_of(st.integers(-5, 60), st.integers(-(2**60), 2**60))
COORDINATES = st.lists(st.tuples(POSITION, POSITION), min_size=1, max_size=60)


def block(left: int, top: int, width: int = 6, height: int = 5) -> np.ndarray:
    return np.array([(left + x, top + y) for y in range(height) for x in range(width)])


@given(COORDINATES)
def test_no_two_places_become_one_and_the_order_is_kept(coordinates) -> None:
    coordinates = np.array(coordinates)
    placement = place_regions(coordinates)
    different = len(np.unique(coordinates, axis=0))
    assert len(np.unique(placement.positions, axis=0)) == different
    for axis in range(2):
        order = np.argsort(coordinates[:, axis], kind="stable")
        assert (np.diff(placement.positions[order, axis]) >= 0).all()
    assert (placement.positions.min(axis=0) == 0).all()


@given(st.integers(0, 20), st.integers(0, 20))
def test_an_ordinary_section_is_only_counted_from_0(left, top) -> None:
    section = np.delete(block(left, top, 30, 20), slice(100, 250), axis=0)  # five rows are missing
    placement = place_regions(section)
    np.testing.assert_array_equal(placement.positions, section - section.min(axis=0))
    assert placement.names == ()
    assert not placement.regions.any()


def test_regions_are_numbered_in_reading_order_and_the_gap_closed() -> None:
    corners = [(10, 10), (500, 10), (10, 900)]
    placement = place_regions(np.concatenate([block(*corner) for corner in corners]))
    assert placement.names == ("Region 1", "Region 2", "Region 3")
    np.testing.assert_array_equal(placement.regions, np.repeat([1, 2, 3], 30))
    np.testing.assert_array_equal(placement.positions[[0, 30, 60]], [[0, 0], [6 + CLOSED_GAP, 0], [0, 5 + CLOSED_GAP]])


def test_a_narrow_gap_stays() -> None:
    two = np.concatenate([block(0, 0), block(6 + WIDEST_GAP, 0)])
    assert place_regions(two).names == ()
    two[30:, 0] += 1
    assert len(place_regions(two).names) == 2


def test_one_stray_position_is_no_region() -> None:
    placement = place_regions(np.concatenate([block(0, 0, 30, 20), [[100_000, 3]]]))
    assert placement.names == ()
    assert placement.positions[-1, 0] == 100_000
