"""The order of the axes of a cube that does not name them."""

import numpy as np
import pytest

from msiss.data.findings import DataStop
from msiss.data.formats.axes import FIRST, LAST, MIDDLE, order_of, three_axes

TO_FILE = {FIRST: (0, 1, 2), LAST: (1, 2, 0), MIDDLE: (1, 0, 2)}  # from (m/z, rows, columns)
SPOTS = [(2, 3), (11, 5), (6, 12), (9, 9), (3, 10)]


def section(*, ions: int = 12, noise: float = 0.1, seed: int = 0) -> np.ndarray:
    """Return smooth images (ions, 14, 17) of spots, whose intensities span three orders of magnitude."""
    rng = np.random.default_rng(seed)
    row, column = np.mgrid[:14, :17]
    spots = [np.exp(-((row - y) ** 2 + (column - x) ** 2) / 20) for y, x in SPOTS]
    mixed = np.tensordot(rng.gamma(0.5, 1, (ions, len(spots))), spots, axes=1) + 0.05
    return mixed * rng.lognormal(0, noise, mixed.shape) * 10 ** rng.uniform(0, 3, (ions, 1, 1))


@pytest.mark.parametrize("order", [FIRST, LAST, MIDDLE])
@pytest.mark.parametrize("noise", [0.0, 0.3])
@pytest.mark.parametrize("missing", ["none", "zero", "nan", "tissue"])
def test_the_data_show_the_order(order, noise, missing) -> None:
    images = section(noise=noise)
    rng = np.random.default_rng(1)
    if missing == "tissue":
        images[:, :5] = images[:, :, 12:] = 0
    elif missing != "none":
        images[:, rng.random(images.shape[1:]) < 0.3] = 0 if missing == "zero" else np.nan
    cube = images.transpose(TO_FILE[order])
    found, (row,) = order_of(cube, "", "a.npy")
    np.testing.assert_array_equal(cube.transpose(found), images)
    assert (row.level, row.setting, row.options[0][0]) == ("note", "axes", order)
    assert "12 ion images of 14 rows x 17 columns" in row.meaning


@pytest.mark.parametrize("order", [FIRST, LAST, MIDDLE])
def test_the_data_of_real_sections_show_the_order(test_data, order) -> None:
    for name in ("real/barley101", "real/cerebellum", "real/mob", "bladder/bladder79"):
        with np.load(test_data / f"{name}.npz") as file:
            images = file["images" if "images" in file else "cube"]
        found, (row,) = order_of(images.transpose(TO_FILE[order]), "", name)
        assert images.transpose(TO_FILE[order]).transpose(found).shape == images.shape, name
        assert row.options[0][0] == order


@pytest.mark.parametrize("shape", [(8, 6, 7), (10, 10, 10), (3, 20, 20)])
def test_noise_shows_no_order(shape) -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        found, (row,) = order_of(rng.gamma(1, 1, shape), "", "a.npy")
        assert found == (0, 1, 2)
        assert row.level == "warning"
        assert [option for option, _ in row.options][:3] == [FIRST, LAST, MIDDLE]


def test_lengths_decide_without_a_word() -> None:
    cube = np.random.default_rng(0).gamma(1, 1, (6, 7, 8))
    assert order_of(cube, "", "a", ions=8) == ((2, 0, 1), [])
    assert order_of(cube, "", "a", ions=6) == ((0, 1, 2), [])
    assert order_of(cube, "", "a", mask=(6, 7)) == ((2, 0, 1), [])
    assert order_of(cube, "", "a", ions=5) == ((0, 1, 2), [])  # refused by the reader


def test_lengths_that_several_axes_have_leave_it_to_the_data() -> None:
    images = section(ions=14)
    found, (row,) = order_of(images.transpose(1, 2, 0), "", "a", ions=14)
    assert found == (2, 0, 1)
    assert row.level == "note"


def test_the_m_z_are_on_the_middle_axis_only_if_the_data_show_it() -> None:
    noise = np.random.default_rng(0).gamma(1, 1, (6, 9, 7))
    assert order_of(noise, "", "a", ions=9) == ((0, 1, 2), [])


def test_the_setting_decides() -> None:
    cube = section()
    assert order_of(cube, "columns rows mz", "a") == ((2, 1, 0), [])
    with pytest.raises(DataStop, match="shape 12 x 14 x 17, which is not rows, columns, m/z with 12 m/z"):
        order_of(cube, LAST, "a", ions=12)


def test_axes_of_length_1() -> None:
    cube = np.zeros((1, 5, 1, 6, 7))
    assert three_axes(cube).shape == (5, 6, 7)
    assert three_axes(np.zeros((1, 1, 6, 7))).shape == (1, 6, 7)
    assert three_axes(np.zeros((2, 5, 6, 7))).shape == (2, 5, 6, 7)
    assert three_axes(np.zeros((1, 6, 7))).shape == (1, 6, 7)
