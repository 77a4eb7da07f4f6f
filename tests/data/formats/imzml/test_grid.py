"""Planes and far-off positions: which one is meant is said."""

from pathlib import Path

import numpy as np
import pytest

from msiss.data.formats.imzml.file import ArrayLayout, ImzmlFile
from msiss.data.formats.imzml.grid import grid_rows, is_compact, largest_plane, planes_row


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
    grid[3:, 2] = 7
    row = planes_row(header(grid))
    assert largest_plane(header(grid)) == 7
    assert row.level == "warning"
    assert row.found == "The file holds 2 planes (z = 1, 7)."
    assert "most spectra, z = 7" in row.meaning


def test_many_planes_are_not_all_listed(grid) -> None:
    grid[:, 2] = np.arange(len(grid))
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
    assert [row.check for row in rows] == ["dimensions", "spectra", "regions", "pixels", "duplicates"]
