"""Regions far apart: moved together without anything being lost, and only where they are regions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msiss.data.formats.imzml.regions import CLOSED_GAP, WIDEST_GAP, in_micrometres, place_regions, spacing

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


SECTION = block(1, 1, 7, 6)
JITTER = np.random.default_rng(0).integers(-1, 2, (42, 2))


@pytest.mark.parametrize(
    ("coordinates", "step"),
    [
        (SECTION * 50, (50, 50)),
        (SECTION * 50 - 1000, (50, 50)),
        (SECTION * [50, 100], (100, 50)),
        (SECTION * 2, (2, 2)),
        (SECTION * [2, 1], (1, 2)),
        (SECTION * [1, 2], (2, 1)),
        (SECTION * 50 + JITTER, (50, 50)),
        (np.rint(SECTION * 12.5).astype(int), (12.5, 12.5)),
    ],
)
def test_one_pixel_per_step(coordinates, step) -> None:
    placement = place_regions(coordinates)
    np.testing.assert_array_equal(placement.positions, SECTION - 1)
    np.testing.assert_allclose(placement.step, step, rtol=0.01)


@pytest.mark.parametrize("missing", [[0, 8, 16], [3, 10, 17, 24, 31, 38], range(14, 21)])
def test_pixels_that_were_not_measured_leave_their_gap(missing) -> None:
    section = np.delete(SECTION, missing, axis=0)
    np.testing.assert_array_equal(place_regions(section * 25).positions, section - section.min(axis=0))


@pytest.mark.parametrize(("rows", "apart"), [([1], 50), ([1, 2], 50), ([1, 4], 50)])
def test_few_rows_have_the_step_of_the_columns(rows, apart) -> None:
    section = SECTION[np.isin(SECTION[:, 1], rows)]
    placement = place_regions(section * apart)
    np.testing.assert_array_equal(placement.positions, section - section.min(axis=0))
    assert placement.step == (50, 50)


def test_what_is_no_step_is_left_alone() -> None:
    rng = np.random.default_rng(0)
    sparse = np.unique(rng.integers(0, 100, (300, 2)), axis=0)
    hexagonal = SECTION * [2, 1] + (SECTION[:, 1:] % 2) * [1, 0]
    chess = SECTION[SECTION.sum(axis=1) % 2 == 0]
    stray = np.append(SECTION * 50, [[137, 150]], axis=0)
    few = np.array([[1, 1], [3, 5], [7, 3]])
    for coordinates in (sparse, hexagonal, chess, stray, few):
        placement = place_regions(coordinates)
        assert placement.step == (1, 1)
        np.testing.assert_array_equal(placement.positions, coordinates - coordinates.min(axis=0))


def test_regions_of_one_step_and_other_origins_are_closed_and_moved_together() -> None:
    placement = place_regions(np.concatenate([SECTION * 50, SECTION * 50 + [3013, 20]]))
    assert placement.names == ("Region 1", "Region 2")
    np.testing.assert_array_equal(placement.positions[:42], SECTION - 1)
    moved = placement.positions[42:] - SECTION
    assert (moved == moved[0]).all()


@pytest.mark.parametrize(
    ("step", "declared", "expected"),
    [
        ((1.0, 1.0), (50.0, 20.0), (50.0, 20.0)),
        ((50.0, 50.0), (50.0, 50.0), (50.0, 50.0)),
        ((49.96, 50.1), (50.0, 50.0), (50.0, 50.0)),
        ((100.0, 50.0), (50.0, 50.0), (100.0, 50.0)),
        ((2.0, 1.0), (50.0, 50.0), (100.0, 50.0)),
        ((10.0, 1.0), (50.0, 50.0), (500.0, 50.0)),
        ((25.0, 25.0), (50.0, 50.0), (50.0, 50.0)),
        ((2.0, 2.0), None, None),
    ],
)
def test_the_size_of_a_pixel_follows_what_was_skipped(step, declared, expected) -> None:
    assert spacing(step, declared) == expected
    assert in_micrometres(step, declared) == (declared is not None and min(step) > 40)
