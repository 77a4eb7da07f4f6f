"""Pixels with coordinates of any kind, laid out as an image."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msiss.data.findings import DataStop
from msiss.data.formats.budget import Budget
from msiss.data.formats.scatter import Canvas, Places, find_places, one_plane

Y, X = (part.ravel().astype(np.float64) for part in np.mgrid[:30, :40])
JITTER = np.random.default_rng(0).uniform(-8, 8, (2, len(X)))


def check(places: Places, row: np.ndarray = Y, column: np.ndarray = X) -> None:
    np.testing.assert_array_equal(places.row, row)
    np.testing.assert_array_equal(places.column, column)
    assert places.shape == (row.max() + 1, column.max() + 1)


@pytest.mark.parametrize(
    ("change", "pitch"),
    [
        (lambda v, _: v, 1),
        (lambda v, _: v - 7, 1),
        (lambda v, _: v + 12_345, 1),
        (lambda v, _: v * 50, 50),
        (lambda v, _: v * 33.3333 + 0.1, 33.3333),
        (lambda v, _: np.round(v * 33.3333, 1), 33.3333),
        (lambda v, _: (v * 12.1).astype(np.float32).astype(np.float64), 12.1),
        (lambda v, _: -v[::-1] * 0.05, 0.05),
        (lambda v, jitter: v * 50 + jitter, 50),
        (lambda v, jitter: np.round(v * 50 + jitter), 50),
        (lambda v, jitter: np.round(v * 50 + jitter, 2), 50),
    ],
)
def test_pixels_and_lengths(change, pitch) -> None:
    places = find_places(change(X, JITTER[0]), change(Y, JITTER[1]), "a.csv")
    check(places)
    assert places.pitch == pytest.approx((pitch, pitch), rel=1e-3)
    assert {row.level for row in places.rows} <= {"pass"}


@settings(deadline=None)
@given(
    height=st.integers(4, 20),
    width=st.integers(4, 20),
    pitch=st.sampled_from([1, 2, 0.5, 10, 35.7, 100, 1e-3]),
    origin=st.sampled_from([0, 1, -1000, 54321.5]),
    missing=st.floats(0, 0.4),
    seed=st.integers(0, 1000),
)
def test_any_order_with_missing_pixels(height, width, pitch, origin, missing, seed) -> None:
    rng = np.random.default_rng(seed)
    row, column = (part.ravel() for part in np.mgrid[:height, :width])
    edge = (row == 0) | (column == 0)  # so that every row and column is there
    kept = rng.permutation(np.flatnonzero(edge | (rng.random(len(row)) > missing)))
    places = find_places(column[kept] * pitch + origin, row[kept] * pitch + origin, "a.csv")
    check(places, row[kept], column[kept])


def test_pixels_without_coordinates_are_left_out() -> None:
    x = X.copy()
    x[3], x[5] = np.nan, np.inf
    places = find_places(x, Y, "a.csv")
    assert np.flatnonzero(places.row < 0).tolist() == [3, 5]
    assert [row.found for row in places.rows] == ["2 pixels without coordinates."]


@pytest.mark.parametrize("far", [1e6, 1e9, -1e12])
def test_far_off_pixels_move_closer(far) -> None:
    x = X.copy()
    x[-1] = far
    places = find_places(x, Y, "a.csv")
    assert places.shape == (30, 46)
    moved = 6 if far < 0 else 0
    np.testing.assert_array_equal(places.column[:-1], X[:-1] + moved)
    assert places.rows[0].level == "warning"
    assert "closed" in places.rows[0].text


def test_the_coordinates_are_kept_where_they_are_whole() -> None:
    x = X * 50 - 100
    x[3] = np.nan
    (name, positions), *more = find_places(x, Y * 2, "a.csv").in_file(x, Y * 2).items()
    assert (name, positions.shape, positions.dtype, more) == ("positions", (30, 40, 2), np.int64, [])
    assert positions[2, 5].tolist() == [150, 4]
    assert positions[0, 3].tolist() == [0, 0]


def test_coordinates_that_are_no_whole_numbers_are_those_on_the_stage() -> None:
    x = X * 12.5 - 100
    x[3] = np.nan
    (name, stage), *more = find_places(x, Y * 0.5, "a.csv").in_file(x, Y * 0.5).items()
    assert (name, stage.shape, more) == ("stage", (30, 40, 2), [])
    assert stage[3, 5].tolist() == [-37.5, 1.5]
    assert np.isnan(stage[0, 3]).all()


def test_regions_far_apart_move_together() -> None:
    places = find_places(np.r_[X, X + 20_000], np.r_[Y, Y + 7_777], "a.csv")
    assert places.shape == (65, 85)
    np.testing.assert_array_equal(places.row[: len(Y)], Y)
    np.testing.assert_array_equal(places.column[len(X) :], X + 45)


@pytest.mark.parametrize("scale", [1, 1e6])
def test_positions_without_a_grid_are_refused(scale) -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(DataStop, match=r"^a\.csv: .* Give each pixel whole numbers x and y"):
        find_places(rng.normal(0, scale, 2000), rng.normal(0, scale, 2000), "a.csv")


def test_a_diagonal_of_far_apart_pixels_is_no_image() -> None:
    diagonal = np.arange(100_000.0) * 100 + np.arange(100_000) % 2
    with pytest.raises(DataStop, match="spread over"):
        find_places(diagonal, diagonal, "a.csv")


def test_no_coordinates() -> None:
    with pytest.raises(DataStop, match="No pixel has coordinates"):
        find_places(np.full(3, np.nan), np.zeros(3), "a.csv")


def test_planes() -> None:
    x, y = np.array([1.0, 2, 1, 1]), np.array([1.0, 1, 2, 1])
    one_plane(x, y, np.array([2.0, 2.0, np.nan, 2.0]), "a.csv")
    one_plane(x, y, np.array([0.0, 3.0, 7.5, 0.0]), "a.csv")  # heights of the stage
    with pytest.raises(DataStop, match=r"2 planes \(z = 0, 3\)"):
        one_plane(x, y, np.array([3.0, 0.0, 3.0, 0.0]), "a.csv")


@given(pieces=st.integers(1, 5), seed=st.integers(0, 1000))
def test_canvas_averages_pixels_at_one_place(pieces, seed) -> None:
    rng = np.random.default_rng(seed)
    row, column = rng.integers(0, 4, (2, 30))
    row[0] = column[0] = 0
    row[1] = column[1] = 3
    places = Places(row, column, (4, 4), (1.0, 1.0), [])
    values = rng.random((30, 2)).astype(np.float32)
    canvas = Canvas(places, 2, Budget("a.csv"))
    for part in np.array_split(np.arange(30), pieces):
        canvas.add(slice(part[0], part[-1] + 1), slice(None), values[part])
    cube = canvas.finish()
    for r in range(4):
        for c in range(4):
            here = values[(row == r) & (column == c)]
            expected = here.mean(axis=0) if len(here) else np.full(2, np.nan)
            np.testing.assert_allclose(cube[:, r, c], expected, rtol=1e-6)


def test_canvas_refuses_what_does_not_fit() -> None:
    places = Places(np.array([0]), np.array([0]), (10**6, 10**6), (1.0, 1.0), [])
    with pytest.raises(DataStop, match=r"10 x 1,000,000 x 1,000,000 numbers would take 40,000\.0 GB"):
        Canvas(places, 10, Budget("a.csv"))


def test_pixels_spread_over_more_places_than_can_be_counted_are_refused() -> None:
    x, y = np.random.default_rng(0).integers(0, 10**12, (2, 100_000)).astype(float)
    with pytest.raises(DataStop, match="100,000 pixels are spread over"):
        find_places(x, y, "a.csv")
