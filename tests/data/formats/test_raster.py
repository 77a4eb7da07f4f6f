"""The raster of positions: found in any unit, with gaps and jitter, and never where there is none."""

import numpy as np
import pytest

from msiss.data.formats.raster import close_gaps, fill, find_raster

Y, X = (part.ravel().astype(np.float64) for part in np.mgrid[:6, :7])


def found(x: np.ndarray, y: np.ndarray) -> tuple[list[int], list[int], tuple[float, float]]:
    raster = find_raster(x, y)
    assert raster is not None
    return raster.column.tolist(), raster.row.tolist(), raster.pitch


@pytest.mark.parametrize(("width", "height"), [(1, 1), (2, 2), (2, 1), (50, 50), (50, 100), (12.5, 25), (1e-3, 1e-3)])
def test_each_direction_has_a_step_of_its_own(width: float, height: float) -> None:
    column, row, pitch = found(X * width + 7, Y * height - 3)
    assert (column, row) == (X.tolist(), Y.tolist())
    assert pitch == pytest.approx((height, width))


def test_lengths_rounded_to_whole_micrometres() -> None:
    column, row, pitch = found(np.rint(X * 12.5), np.rint(Y * 33.3))
    assert (column, row) == (X.tolist(), Y.tolist())
    assert pitch == pytest.approx((33.3, 12.5), rel=0.01)


def test_a_position_between_is_not_taken_for_a_finer_raster() -> None:
    _, _, pitch = found(np.append(X * 50, 137), np.append(Y * 50, 150))
    assert pitch == (50, 1)


def test_regions_of_other_origins_have_one_raster_together() -> None:
    """Side by side, so that their rows lie between each other's."""
    column, row, pitch = found(np.r_[X * 2, X * 2 + 101], np.r_[Y * 2, Y * 2 + 3])
    assert pitch == (2, 2)
    assert column == [*X, *(X + 50)]
    assert row == [*Y, *(Y + 1)]


def test_rows_shifted_by_half_a_step_keep_their_shift() -> None:
    column, row, pitch = found(X * 2 + Y % 2, Y)
    assert pitch == (1, 1)
    assert (column, row) == ((X * 2 + Y % 2).tolist(), Y.tolist())


def test_a_gap_is_shortened_and_full_images_are_full() -> None:
    assert close_gaps(np.array([0, 1, 90, 91])).tolist() == [0, 1, 7, 8]
    assert fill(Y, X) == 1
