"""A picture is placed by hand, and its place is kept with the data set."""

import json

import numpy as np
import pytest

from msiss.data.placement import FILE, Placement, fitted, keep_placement, read_placement
from msiss.errors import DataError

PICTURE = (101, 201, 3)


def moved(placement, column, row, aspect=1.0):
    return (placement.matrix(PICTURE, aspect) @ [column, row, 1]).tolist()


def test_corners_of_a_picture_that_is_scaled_flipped_turned_and_moved():
    plain = Placement(column=10, row=20, scale=0.1)
    assert moved(plain, 100, 50) == [10, 20]  # its centre
    assert moved(plain, 0, 0) == pytest.approx([0, 15])
    assert moved(plain, 200, 100, aspect=2.0) == pytest.approx([20, 22.5])  # pixels twice as high as wide
    quarter = Placement(column=10, row=20, scale=0.1, angle=90)
    assert moved(quarter, 200, 50) == pytest.approx([10, 30])  # right goes down
    assert moved(quarter, 200, 50, aspect=2.0) == pytest.approx([10, 25])
    flipped = Placement(column=10, row=20, scale=0.1, flipped=True)
    assert moved(flipped, 0, 0) == pytest.approx([20, 15])
    both = Placement(column=10, row=20, scale=0.1, angle=90, flipped=True)
    assert moved(both, 0, 50) == pytest.approx([10, 30])  # left becomes right, right goes down


def test_a_picture_is_fitted_into_the_section():
    assert fitted((50, 200), (30, 60)) == Placement(column=29.5, row=14.5, scale=0.3)
    assert fitted((500, 200), (30, 60)) == Placement(column=29.5, row=14.5, scale=0.06)
    assert fitted((500, 200), (30, 60), 2.0) == Placement(column=29.5, row=14.5, scale=0.12)


def test_a_placement_is_kept_with_its_matrix(tmp_path):
    assert read_placement(tmp_path) is None
    placement = Placement(column=1.5, row=-2, scale=0.25, angle=-30, flipped=True)
    keep_placement(tmp_path, placement, PICTURE, 1.5)
    assert read_placement(tmp_path) == placement
    written = json.loads((tmp_path / FILE).read_text())
    np.testing.assert_allclose(written["matrix"], placement.matrix(PICTURE, 1.5))
    assert written["picture"] == [101, 201]
    assert "pixels of the section" in written["units"]
    keep_placement(tmp_path, None, PICTURE)
    assert read_placement(tmp_path) is None


@pytest.mark.parametrize("content", ["", "[]", '{"column": 0, "row": 0, "scale": 0}', '{"column": NaN}'])
def test_a_damaged_placement_is_none(tmp_path, content):
    (tmp_path / FILE).write_text(content)
    assert read_placement(tmp_path) is None


def test_a_folder_that_is_gone_is_told(tmp_path):
    with pytest.raises(DataError, match="cannot be kept"):
        keep_placement(tmp_path / "gone", fitted((5, 5), (5, 5)), (5, 5))
