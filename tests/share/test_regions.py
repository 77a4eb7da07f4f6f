"""Regions are compared by name, and make tables."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from msiss.analyse.regions import intensity_in, rank, shares
from msiss.data.areas import Area, AreaFile
from msiss.errors import SettingError
from msiss.share.regions import cluster_table, compare, regions_of, regions_table


@pytest.fixture
def upper(small_images):
    """Return the upper rows, where the ions 0 to 4 of `small_images` live."""
    return (np.mgrid[:16, :20][0] < 7) & small_images.mask


def test_a_table_has_the_ions_that_live_there_first(small_images, upper):
    contrast = rank(small_images.images, upper, small_images.mask & ~upper)
    images = replace(small_images, annotations={"formula": tuple(f"C{ion}" for ion in range(12))})
    table = regions_table(images, contrast, small_images.labels)
    assert list(table) == ["ion", "mz", "name", "formula", "cluster", "auc", "log2_fold_change", "mean_a", "mean_b"]
    assert set(table["ion"][:5]) == {0, 1, 2, 3, 4}
    assert set(table["cluster"][:5]) == {0}
    assert table["auc"].is_monotonic_decreasing
    for row in table.itertuples():
        image = small_images.images[row.ion]
        assert row.mean_a == pytest.approx(image[upper].mean(dtype=np.float64))
        assert (row.mz, row.formula) == (small_images.mz[row.ion], f"C{row.ion}")
    assert regions_table(images, contrast, high_in="b")["ion"].tolist() == table["ion"].tolist()[::-1]


def test_regions_are_those_of_the_data_set_and_its_folder_or_of_a_file(small_images, upper, tmp_path):
    images = replace(small_images, regions=np.where(upper, 1, 0).astype(np.int16), region_names=("upper",))
    AreaFile(tmp_path).add([Area(name="left", polygons=((((-1, -1), (-1, 9.5), (16, 9.5), (16, -1)),),))])
    found = regions_of(images, tmp_path)
    assert list(found) == ["upper", "left"]
    assert list(regions_of(images)) == ["upper"]
    np.testing.assert_array_equal(found["left"], (np.mgrid[:16, :20][1] < 10) & images.mask)
    Image.fromarray(np.where(upper, 3, 7).astype(np.uint8)).save(tmp_path / "labels.png")
    assert list(regions_of(images, tmp_path, tmp_path / "labels.png")) == ["labels 3", "labels 7"]


def test_regions_are_compared_by_name(small_images, upper):
    regions = {"upper": upper}
    rest = small_images.mask & ~upper
    expected = rank(small_images.images, upper, rest)
    np.testing.assert_array_equal(compare(small_images, regions).auc, expected.auc)
    regions["rest"] = rest
    np.testing.assert_allclose(compare(small_images, regions, "rest", "upper").auc, 1 - expected.auc, atol=1e-12)
    total = small_images.images.sum(axis=0, dtype=np.float64)
    by_tic = compare(small_images, regions, "upper", by_tic=True)
    share = np.divide(small_images.images, total, out=np.zeros(small_images.images.shape), where=total > 0)
    expected = rank(share.astype(np.float32), upper, rest)
    np.testing.assert_allclose(by_tic.auc, expected.auc, atol=1e-3)
    np.testing.assert_allclose(by_tic.log2_fold_change, expected.log2_fold_change, atol=1e-5)


def test_a_region_that_does_not_exist_is_told(small_images, upper):
    with pytest.raises(SettingError, match="Which region\\? There are: a, b"):
        compare(small_images, {"a": upper, "b": upper})
    with pytest.raises(SettingError, match="no region “c”\\. There are: a"):
        compare(small_images, {"a": upper}, "c")
    with pytest.raises(SettingError, match="no region “c”\\. There are: a"):
        compare(small_images, {"a": upper}, "a", "c")
    with pytest.raises(SettingError, match="Which region\\? There are: none"):
        compare(small_images, {})


def test_a_table_says_where_each_cluster_lives(small_images, upper):
    means = np.stack([small_images.images[small_images.labels == label].mean(axis=0) for label in range(3)])
    intensities = intensity_in(means, np.stack([upper, small_images.mask & ~upper]))
    table = cluster_table(intensities, shares(intensities), {0: "0 roof", 1: "1", 2: "2"}, ["A", "B"])
    assert table["lives_in"][[0, 2]].tolist() == ["A", "B"]
    assert 0.4 < table["share in A"][1] < 0.6  # on the right of both
    assert table["name"].tolist() == ["0 roof", "1", "2"]
    np.testing.assert_allclose(table["share in A"] + table["share in B"], 1)
    np.testing.assert_allclose(table["mean in B"], intensities[:, 1])
