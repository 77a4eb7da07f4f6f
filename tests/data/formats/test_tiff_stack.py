"""Ion images in one TIFF file, as other programs write them."""

import numpy as np
import pytest
import tifffile

from msiss.data.axis import NUMBER
from msiss.data.findings import DataStop, HealthRow
from msiss.data.formats import read
from msiss.data.formats.pictures import load
from msiss.data.ion_images import IonImages
from msiss.data.recipe import ReadConfig
from msiss.errors import DataError, MsissWarning

CUBE = np.arange(1, 25, dtype=np.uint16).reshape(2, 3, 4) * 1000
MZ = [100.05, 200.1, 300.15, 450.22, 600.3]
IMAGES = np.random.default_rng(0).random((5, 6, 7), dtype=np.float32)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float64", "int32"])
def test_tiff_pages_named_by_mz(tmp_path, dtype):
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        for mz, image in zip((300.25, 20.5), CUBE // 256, strict=True):
            file.write(image.astype(dtype), description=f"m/z {mz}", metadata=None)
    images = read(tmp_path / "a.tif")
    assert images.mz.tolist() == [300.25, 20.5]
    np.testing.assert_array_equal(images.images, CUBE // 256)


def test_ome_channels_and_pixel_size(tmp_path):
    about = {"axes": "CYX", "Channel": {"Name": ["300.25", "20.5"]}, "PhysicalSizeX": 10, "PhysicalSizeY": 0.02}
    about |= {"PhysicalSizeYUnit": "mm"}
    tifffile.imwrite(tmp_path / "a.ome.tif", CUBE, metadata=about, photometric="minisblack")
    images = read(tmp_path / "a.ome.tif")
    assert images.mz.tolist() == [300.25, 20.5]
    assert images.pixel_size == (20, 10)


def test_without_mz_the_pages_are_numbered(tmp_path):
    cube = CUBE.astype(np.float32)
    cube[:, 0, 0] = np.nan
    tifffile.imwrite(tmp_path / "a.tif", cube, photometric="minisblack", compression="zlib")
    with pytest.warns(MsissWarning, match="does not say which m/z"):
        images = read(tmp_path / "a.tif")
    assert images.axis == NUMBER
    assert images.mz.tolist() == [1, 2]
    assert not images.mask[0, 0]
    assert images.mask.sum() == 11


def test_a_colour_tiff_is_refused(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((3, 4, 3), np.uint8), photometric="rgb")
    with pytest.raises(DataError, match="colour picture"):
        read(tmp_path / "a.tif")


def loaded(path, **config: object) -> tuple[IonImages, dict[str, HealthRow]]:
    images, rows = load(path, config=ReadConfig.model_validate(config))
    return images, {row.check: row for row in rows}


def grey(path, array, **options: object):
    tifffile.imwrite(path, array, photometric="minisblack", **options)
    return path


def ome(path, *images):
    """Write one OME Image for each name and array."""
    with tifffile.TiffWriter(path, ome=True) as file:
        for name, image in images:
            about = {"axes": "YXS" if image.ndim == 3 else "YX", "Name": name}
            file.write(image, metadata=about, photometric="rgb" if image.ndim == 3 else "minisblack")
    return path


def ions(pattern: str = "mz {}"):
    return [(pattern.format(mz), image) for mz, image in zip(MZ, IMAGES, strict=True)]


def test_an_ome_file_with_one_image_per_ion_is_read_whole(tmp_path):
    images, rows = loaded(ome(tmp_path / "a.ome.tif", *ions()))
    np.testing.assert_array_equal(images.images, IMAGES)
    assert images.mz.tolist() == MZ
    assert rows["m/z"].options[0] == ("mz 100.05", "100.05")


def test_series_of_another_size_are_named_and_left_out(tmp_path):
    others = [("label", np.zeros((9, 9), np.uint8)), ("overview", np.zeros((4, 4, 3), np.uint8))]
    images, rows = loaded(ome(tmp_path / "a.ome.tif", others[1], *ions(), others[0]))
    np.testing.assert_array_equal(images.images, IMAGES)
    assert rows["series"].level == "warning"
    assert "overview (3 images of 4 x 4 pixels), label (1 image of 9 x 9 pixels)" in rows["series"].found


def test_a_total_ion_image_and_a_mask_among_ions_are_no_ions(tmp_path):
    total = IMAGES.sum(axis=0)
    images, rows = loaded(ome(tmp_path / "a.ome.tif", ("TIC", total), *ions("{} m/z"), ("mask", np.ones_like(total))))
    assert images.mz.tolist() == MZ
    np.testing.assert_array_equal(images.images, IMAGES)
    np.testing.assert_array_equal(images.tic, total)
    assert "such as mask" in rows["m/z"].found


def test_reduced_copies_of_a_pyramid_are_not_read(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.ome.tif", ome=True) as file:
        about = {"axes": "CYX", "Channel": {"Name": [f"{mz} u" for mz in MZ]}}
        file.write(IMAGES, subifds=1, metadata=about, photometric="minisblack")
        file.write(IMAGES[:, ::2, ::2], subfiletype=1, photometric="minisblack")
    images, rows = loaded(tmp_path / "a.ome.tif")
    np.testing.assert_array_equal(images.images, IMAGES)
    assert images.mz.tolist() == MZ
    assert "series" not in rows


@pytest.mark.parametrize("axes", ["ZYX", "TYX", "CYX"])
def test_the_only_long_axis_is_that_of_the_ions(tmp_path, axes):
    images, _ = loaded(grey(tmp_path / "a.ome.tif", IMAGES, metadata={"axes": axes}))
    np.testing.assert_array_equal(images.images, IMAGES)


@pytest.mark.parametrize(("name", "how"), [("a.ome.tif", {"metadata": {"axes": "TCYX"}}), ("a.tif", {"imagej": True})])
def test_two_long_axes_are_not_mixed(tmp_path, name, how):
    with pytest.raises(DataStop, match=r"It holds 2 along . and 3 along ., and it is not clear"):
        loaded(grey(tmp_path / name, np.ones((2, 3, 6, 7), np.float32), **how))


def test_two_sections_in_one_file_are_not_mixed(tmp_path):
    with pytest.raises(DataStop, match=r"Several pages have the m/z 100\.05: 1, 6"):
        loaded(ome(tmp_path / "a.ome.tif", *ions(), *ions()))


@pytest.mark.parametrize("number", [2, 3, 4, 5])
@pytest.mark.parametrize("layout", ["contig", "separate"])
def test_samples_of_a_pixel_are_ions(tmp_path, layout, number):
    array = IMAGES[:number] if layout == "separate" else np.ascontiguousarray(np.moveaxis(IMAGES[:number], 0, -1))
    images, _ = loaded(grey(tmp_path / "a.tif", array, planarconfig=layout))
    np.testing.assert_array_equal(images.images, IMAGES[:number])


def smooth() -> np.ndarray:
    """Return ten images of 30 x 40 pixels with patterns of their own."""
    y, x = np.mgrid[:30, :40] / 10
    phases = np.random.default_rng(1).random((10, 4))
    return np.array([a * 9 * (2 + np.sin(3 * b * x + 6 * c) + np.cos(6 * d + y)) for a, b, c, d in phases], np.float32)


def test_rows_as_pages_are_turned_and_said(tmp_path):
    images, rows = loaded(grey(tmp_path / "a.tif", np.moveaxis(smooth(), 0, -1)))
    np.testing.assert_array_equal(images.images, smooth())
    assert (rows["axes"].level, rows["axes"].setting) == ("note", "axes")
    assert "axes" not in loaded(grey(tmp_path / "a.tif", smooth()))[1]


def test_the_user_chooses_the_axes(tmp_path):
    images, _ = loaded(grey(tmp_path / "a.tif", np.moveaxis(IMAGES, 0, -1)), axes="rows columns mz")
    np.testing.assert_array_equal(images.images, IMAGES)


def test_axes_that_the_file_names_are_used(tmp_path):
    images, _ = loaded(grey(tmp_path / "a.tif", np.moveaxis(IMAGES, 0, -1), metadata={"axes": "YXC"}))
    np.testing.assert_array_equal(images.images, IMAGES)


def test_the_user_gives_the_mz_of_pages_without_names(tmp_path):
    given = [{"file": str(page + 1), "mz": mz} for page, mz in enumerate(MZ)]
    images, _ = loaded(grey(tmp_path / "a.tif", IMAGES), picture_mz=given)
    assert images.mz.tolist() == MZ


def test_a_file_of_one_image_is_named_by_its_mz(tmp_path):
    assert loaded(grey(tmp_path / "brain_700.5.tif", IMAGES[0]))[0].mz.tolist() == [700.5]
