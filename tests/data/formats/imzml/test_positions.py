"""Positions that are lengths, and heights: each spectrum gets its pixel, and the way back to the instrument stays."""

import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from helpers import read_ions

from msiss.data.formats.imzml.reader import open_imzml, read_imzml
from msiss.data.formats.imzml.writer import write_imzml
from msiss.data.health import check
from msiss.data.ion_images import IonImages
from msiss.data.recipe import ReadConfig
from msiss.errors import DataError, MsissWarning

MZ = 200.0
ROWS, COLUMNS = 5, 7
X, Y = (axis.ravel() for axis in np.meshgrid(np.arange(COLUMNS), np.arange(ROWS)))
EXPECTED = 1.0 + X.reshape(ROWS, COLUMNS) + 10 * Y.reshape(ROWS, COLUMNS)


def write(path: Path, x, y, z=None) -> Path:
    """Write a file of spectra whose intensity tells column and row, with these texts as positions."""
    write_imzml(path, [(x + 1, y + 1, [MZ], [value]) for x, y, value in zip(X, Y, EXPECTED.ravel(), strict=True)])
    places = zip(x, y, [""] * len(X) if z is None else z, strict=True)

    def placed(match: re.Match) -> str:
        return "".join(
            f'<cvParam cvRef="IMS" accession="IMS:100005{axis}" name="position {"xyz"[axis]}" value="{value}"/>'
            for axis, value in enumerate(next(places))
            if value != ""
        )

    path.write_text(re.sub(r'(<cvParam [^>]*name="position [xy]"[^>]*/>){2}', placed, path.read_text()))
    return path


# Positions of the columns and rows, with the step.
LENGTHS = {
    "half are whole": (lambda i: 12.5 * i, "12.5"),
    "none is whole": (lambda i: -100.25 + 20 * i, "20"),
    "millimetres": (lambda i: f"{2 + 0.05 * i:.3f}", "0.05"),
    "exponents": (lambda i: f"{1e-3 * (i + 0.5):.3e}", "0.001"),
}


@pytest.mark.parametrize("kind", LENGTHS)
def test_decimal_positions_become_columns_and_rows_by_their_step(tmp_path, kind) -> None:
    place, step = LENGTHS[kind]
    path = write(tmp_path / "a.imzML", [place(i) for i in X], [place(i) for i in Y])
    with pytest.warns(MsissWarning, match=f"a column every {step} and a row every {step}") as warned:
        images = read_ions(path, mz=np.array([MZ]))
    assert len(warned) == 1
    np.testing.assert_array_equal(images.images[0], EXPECTED)
    np.testing.assert_array_equal(images.stage[..., 0].ravel(), [float(place(i)) for i in X])
    np.testing.assert_array_equal(images.stage[..., 1].ravel(), [float(place(i)) for i in Y])
    np.testing.assert_array_equal(images.positions.reshape(-1, 2), np.stack([X, Y], axis=1) + 1)
    images.save(tmp_path / "kept")
    np.testing.assert_array_equal(IonImages.load(tmp_path / "kept").stage, images.stage)
    assert images.is_saved_in(tmp_path / "kept")


def test_a_stage_is_not_exact(tmp_path) -> None:
    off = np.random.default_rng(0).uniform(-2, 2, (2, len(X)))
    path = write(tmp_path / "a.imzML", 50.0 * X + off[0], 50.0 * Y + off[1])
    with pytest.warns(MsissWarning, match="a column every 50 and a row every 49.9"):
        np.testing.assert_array_equal(read_ions(path, mz=np.array([MZ])).images[0], EXPECTED)


def test_one_axis_may_count_and_the_other_be_a_length(tmp_path) -> None:
    path = write(tmp_path / "a.imzML", X + 1, 0.1 * Y)
    with pytest.warns(MsissWarning, match=r"a column every 1 and a row every 0\.1"):
        images = read_ions(path, mz=np.array([MZ]))
    np.testing.assert_array_equal(images.images[0], EXPECTED)
    np.testing.assert_allclose(images.stage[3, 2], [3, 0.3])


def test_a_stray_decimal_is_named_as_its_pixel_is_unknown(tmp_path) -> None:
    x = (X + 1).astype(float)
    x[9] = 2.5
    path = write(tmp_path / "a.imzML", x, Y + 1)
    with pytest.raises(DataError, match=r"Spectrum 10 has the position x=2\.5, which is no whole number as the others"):
        open_imzml(path)
    assert not check(path).usable


def test_decimals_without_a_step_are_refused(tmp_path) -> None:
    x, y = np.random.default_rng(1).uniform(0, 1000, (2, len(X)))
    path = write(tmp_path / "a.imzML", x, y)
    with pytest.raises(DataError, match=rf"without a regular step, such as x={x[0]:g}, y={y[0]:g}\."):
        open_imzml(path)


@pytest.mark.parametrize("text", ["nan", "inf", "1,5", "five"])
def test_what_is_no_number_is_refused(tmp_path, text) -> None:
    path = write(tmp_path / "a.imzML", [*X[:-1], text], Y)
    with pytest.raises(DataError, match=f'Spectrum 35 has the position x="{text}", which is not a usable number'):
        open_imzml(path)


@pytest.mark.parametrize("heights", [100 + X % 3, 100 + Y, np.arange(len(X)), 0.25 * X + 3.5])
def test_a_height_that_differs_from_pixel_to_pixel_makes_no_planes(tmp_path, heights) -> None:
    path = write(tmp_path / "a.imzML", X + 1, Y + 1, heights)
    (row,) = [row for row in check(path).rows if row.check == "planes"]
    assert row.level == "note"
    assert row.found.endswith("but no pixel lies on two of them.")
    assert dict(row.options)[""] == "all as one picture"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        images = read_ions(path, mz=np.array([MZ]))
    remarks = [str(one.message) for one in caught]
    assert ["decimal numbers from 3.5 to 5" in remark for remark in remarks] == [True] * (heights.dtype.kind == "f")
    np.testing.assert_array_equal(images.images[0], EXPECTED)


def test_one_height_can_be_chosen(tmp_path) -> None:
    path = write(tmp_path / "a.imzML", X + 1, Y + 1, 100 + X)
    config = ReadConfig.model_validate({"plane": "103", "peaks": "list", "mz_list": [{"mz": MZ}]})
    np.testing.assert_array_equal(read_imzml(path, config).images[0], EXPECTED[:, 3:4])
    assert ReadConfig.model_validate({"plane": ""}) == ReadConfig()


def test_heights_of_pixels_that_were_measured_twice_are_planes(tmp_path) -> None:
    x = X.copy()
    x[1] = 0  # the first two spectra, which then are at the same place
    path = write(tmp_path / "a.imzML", x + 1, Y + 1, np.arange(len(X)))
    with pytest.raises(DataError, match="The file holds 35 planes"):
        read_ions(path, mz=np.array([MZ]))
