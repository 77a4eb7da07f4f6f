"""Regions in a notebook, by their pixels or by name."""

import numpy as np
import pytest

import msiss
from msiss.analyse.regions import rank
from msiss.data.areas import Area, AreaFile
from msiss.errors import SettingError
from msiss.home import datasets_folder


@pytest.fixture
def upper(small_images):
    return np.mgrid[:16, :20][0] < 7


def test_pixels_against_the_rest_and_against_others(finished_run, small_images, upper):
    table = msiss.compare_regions(msiss.Run(finished_run.path), upper)
    assert set(table["cluster"][:5]) == {0}
    expected = rank(small_images.images, upper & small_images.mask, ~upper & small_images.mask)
    np.testing.assert_array_equal(table["auc"], expected.auc[table["ion"]])
    rows = np.mgrid[:16, :20][0]
    table = msiss.compare_regions(small_images, upper.tolist(), rows > 12)
    assert "cluster" not in table
    expected = rank(small_images.images, upper & small_images.mask, rows > 12)
    np.testing.assert_array_equal(table["auc"], expected.auc[table["ion"]])


@pytest.mark.usefixtures("finished_run")
def test_names_of_kept_regions_and_of_a_file(small_images, upper, tmp_path):
    folder = datasets_folder() / "small"
    AreaFile(folder).add([Area(name="up", polygons=((((-1, -1), (-1, 20), (6.5, 20), (6.5, -1)),),))])
    kept = msiss.compare_regions(msiss.read(folder))
    np.save(tmp_path / "up.npy", upper.astype(np.uint8))
    given = msiss.compare_regions(small_images, "up", file=tmp_path / "up.npy")
    assert kept.equals(given)
    assert kept.equals(msiss.compare_regions(small_images, upper))


def test_pixels_of_another_section_are_told(small_images):
    with pytest.raises(SettingError, match=r"Region B has the shape \(3, 3\)"):
        msiss.compare_regions(small_images, small_images.mask, np.ones((3, 3)))
