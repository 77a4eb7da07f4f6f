"""Planes and far-off positions: which one is meant is said."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from msiss.data.formats.imzml.file import ArrayLayout, ImzmlFile
from msiss.data.formats.imzml.grid import grid_rows, is_compact, planes_row, usual_plane


def header(coordinates: np.ndarray) -> ImzmlFile:
    number = len(coordinates)
    arrays = ArrayLayout(
        offsets=np.full(number, 16),
        lengths=np.ones(number, dtype=int),
        encoded=np.full(number, -1),
        dtype=np.dtype("<f4"),
    )
    name = Path("a.imzML")
    return ImzmlFile(
        path=name,
        ibd_path=name.with_suffix(".ibd"),
        coordinates=coordinates,
        mz=arrays,
        intensity=arrays,
    )


@pytest.fixture
def grid() -> np.ndarray:
    """Return the coordinates of 6 x 5 pixels."""
    return np.array([(x, y, 1) for y in range(1, 6) for x in range(1, 7)])


def test_the_largest_plane_is_the_one_that_is_looked_at(grid) -> None:
    grid = np.concatenate([grid[:3], grid + np.array([0, 0, 6])])
    row = planes_row(header(grid))
    assert usual_plane(header(grid)) == 7
    assert row.level == "warning"
    assert row.found == "The file holds 2 planes (z = 1, 7)."
    assert "most spectra, z = 7" in row.meaning


def test_many_planes_are_not_all_listed(grid) -> None:
    grid[:, 2] = np.arange(len(grid))
    grid[1] = [*grid[0, :2], 1]
    assert "(z = 0, 1, 2" in planes_row(header(grid)).found
    assert "18, 19, ...)" in planes_row(header(grid)).found


@pytest.mark.parametrize("far", [2**61, -(2**61), 10**7])
def test_the_farthest_spectrum_is_named_and_no_room_is_made_for_it(grid, far) -> None:
    grid[4, 0] = far
    file = header(grid)
    assert not is_compact(file)
    first = next(grid_rows(file))
    assert first.level == "stop"
    assert f"Farthest from the others is spectrum 5 (pixel x={far}, y=1)" in first.meaning


def test_rows_of_an_ordinary_grid_all_pass(grid) -> None:
    rows = list(grid_rows(header(grid)))
    assert {row.level for row in rows} == {"pass"}
    assert [row.check for row in rows] == ["dimensions", "regions", "pixels", "duplicates"]


@pytest.mark.parametrize(
    ("times", "size", "level", "said"),
    [
        (50, (50.0, 50.0), "note", "steps of 50 (x = 50 to 300, y = 50 to 250)"),
        (50, (50.0, 50.0), "note", "They are micrometres"),
        (2, (50.0, 50.0), "note", "those of the images are 100 x 100 micrometres apart"),
        (50, None, "note", "Enter the pixel size"),
        (25, (50.0, 50.0), "warning", "The step is not the declared pixel size, 50 x 50 micrometres, which is kept"),
    ],
)
def test_steps_are_said_with_what_they_mean_for_the_scale(grid, times, size, level, said) -> None:
    file = replace(header(grid * [times, times, 1]), pixel_size=size, declared={"x": 6, "y": 5})
    rows = {row.check: row for row in grid_rows(file)}
    assert (rows["step"].level, rows["dimensions"].level) == (level, "pass")
    assert said in rows["step"].text
    assert {row.level for check, row in rows.items() if check != "step"} == {"pass"}
    np.testing.assert_array_equal(file.positions, (grid[:, :2] * times).reshape(5, 6, 2))


def test_the_spectrum_between_the_steps_is_named(grid) -> None:
    stray = np.append(grid * [50, 50, 1], [[137, 150, 1]], axis=0)
    row = next(row for row in grid_rows(header(stray)) if row.check == "pixels")
    assert row.level == "warning"
    assert "in steps of 50, but spectrum 31 (pixel x=137, y=150) lies between" in row.meaning
