"""Masks are exact to the pixel."""

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from msiss.data.ion_images import IonImages
from msiss.data.masks import apply_mask, encode_mask, load_mask, polygon, reencoded, tissue, total_ion_image
from msiss.data.recipe import MaskConfig, Shape
from msiss.errors import DataError, SettingError

SQUARE = ((4.5, 5.5), (4.5, 12.5), (11.5, 12.5), (11.5, 5.5))  # rows 5 to 11, columns 6 to 12


def square(role: str, name: str = "a") -> Shape:
    return Shape(name=name, role=role, points=SQUARE)


def slow_inside(row: float, column: float, corners) -> bool:
    """Count the edges that a ray to the right crosses."""
    crossed = 0
    for (r1, c1), (r2, c2) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (r1 > row) != (r2 > row):
            crossed += column < c1 + (row - r1) / (r2 - r1) * (c2 - c1)
    return crossed % 2 == 1


@given(st.lists(st.tuples(st.floats(-3, 12), st.floats(-3, 15)), min_size=3, max_size=8))
def test_a_polygon_holds_the_pixels_that_a_ray_says(corners):
    expected = [[slow_inside(row, column, corners) for column in range(12)] for row in range(9)]
    np.testing.assert_array_equal(polygon(tuple(corners), (9, 12)), expected)


def test_roles(small_images):
    inside = np.zeros((16, 20), dtype=bool)
    inside[5:12, 6:13] = True
    measured = small_images.mask
    kept = tissue(small_images, MaskConfig(shapes=(square("keep"),)))
    np.testing.assert_array_equal(kept.mask, measured & inside)
    cut = tissue(small_images, MaskConfig(shapes=(square("cut"),)))
    np.testing.assert_array_equal(cut.mask, measured & ~inside)
    named = tissue(small_images, MaskConfig(shapes=(square("region", "tumour"),)))
    np.testing.assert_array_equal(named.mask, measured)
    np.testing.assert_array_equal(named.regions, inside)
    assert named.region_names == ("tumour",)
    chosen = tissue(small_images, MaskConfig(shapes=(square("region", "tumour"),), regions=("tumour",)))
    np.testing.assert_array_equal(chosen.mask, measured & inside)


def test_of_shapes_that_overlap_what_is_cut_is_off_and_the_last_region_lies_on_top(small_images):
    def row(role: str, first: int, last: int, name: str = "a") -> Shape:
        corners = ((first - 0.5, -0.5), (first - 0.5, 19.5), (last + 0.5, 19.5), (last + 0.5, -0.5))
        return Shape(name=name, role=role, points=corners)

    rows = np.arange(16)[:, None]
    cut = row("cut", 8, 9)
    for shapes in ((row("keep", 6, 8), row("keep", 9, 12), cut), (cut, row("keep", 6, 8), row("keep", 9, 12))):
        found = tissue(small_images, MaskConfig(shapes=shapes))
        np.testing.assert_array_equal(
            found.mask, small_images.mask & (rows >= 6) & (rows <= 12) & (rows != 8) & (rows != 9)
        )
    shapes = (row("region", 5, 8, "a"), row("region", 7, 11, "b"), row("region", 11, 12, "a"))
    found = tissue(small_images, MaskConfig(shapes=shapes))
    assert found.region_names == ("a", "b")
    np.testing.assert_array_equal(found.regions[:, 10], np.array([0] * 5 + [1, 1, 2, 2, 2, 2, 1, 1, 0, 0, 0]))


def test_drawn_regions_lie_over_those_that_were_there(small_images):
    regions = np.ones((16, 20), dtype=np.int16)
    images = replace(small_images, regions=regions, region_names=("left",))
    found = tissue(images, MaskConfig(shapes=(square("region", "tumour"),)))
    assert found.region_names == ("left", "tumour")
    assert found.regions[6, 7] == 2
    assert found.regions[15, 19] == 1
    assert not found.regions[~found.mask].any()


def test_the_threshold_is_a_share_of_the_bright_pixels(small_images):
    np.testing.assert_allclose(total_ion_image(small_images), small_images.images.sum(axis=0), rtol=1e-6)
    total = np.full((10, 11), 1e6, dtype=np.float32)
    total[:, :10] = np.arange(1, 101).reshape(10, 10)
    mask = total < 1e6
    images = IonImages(images=total[None] * mask, mz=np.ones(1), mask=mask, tic=total)
    # The 99 % quantile of 1 to 100 is 99.01; half of it is between 49 and 50.
    np.testing.assert_array_equal(tissue(images, MaskConfig(least_tic=0.5)).mask, mask & (total >= 50))
    np.testing.assert_array_equal(tissue(images, MaskConfig(least_tic=1)).mask, total == 100)


def test_a_pixel_at_the_threshold_stays():
    images = IonImages(
        images=np.array([[[2.0, 1, 4, 4, 4]]], np.float32), mz=np.ones(1), mask=np.ones((1, 5), dtype=bool)
    )
    assert tissue(images, MaskConfig(least_tic=0.5)).mask.tolist() == [[True, False, True, True, True]]


def test_off_the_tissue_everything_is_zero_and_the_box_stays(small_images):
    images = replace(small_images, tic=small_images.images.sum(axis=0))
    masked = apply_mask(images, MaskConfig(shapes=(square("keep"),)))
    assert masked.shape == images.shape
    np.testing.assert_array_equal(masked.images, images.images * masked.mask)
    np.testing.assert_array_equal(masked.tic, images.tic * masked.mask)
    assert apply_mask(images, MaskConfig()) is images


@given(seed=st.integers(0, 1000))
def test_a_mask_goes_through_a_recipe(seed):
    mask = np.random.default_rng(seed).random((5, 7)) > 0.4
    mask[2, 3] = True
    images = IonImages(images=np.ones((1, 5, 7), np.float32), mz=np.ones(1), mask=np.ones((5, 7), dtype=bool))
    np.testing.assert_array_equal(tissue(images, MaskConfig(loaded=encode_mask(mask))).mask, mask)


def test_a_mask_is_read_from_pictures_and_arrays(small_images, tmp_path):
    mask = np.zeros((16, 20), dtype=bool)
    mask[8:, 5:] = True
    Image.fromarray(mask).save(tmp_path / "mask.png")
    Image.fromarray(mask.astype(np.uint8) * 200).save(tmp_path / "mask.tif")
    np.save(tmp_path / "mask.npy", mask)
    for name in ("mask.png", "mask.tif", "mask.npy"):
        loaded = load_mask(tmp_path / name, small_images.shape)
        np.testing.assert_array_equal(tissue(small_images, MaskConfig(loaded=loaded)).mask, mask & small_images.mask)


def test_all_that_is_not_0_in_a_mask_is_tissue(small_images, tmp_path):
    grey = np.zeros((16, 20), dtype=np.uint8)
    grey[8:, 5:], grey[9:, 6:] = 1, 80
    Image.fromarray(grey).save(tmp_path / "mask.png")
    np.save(tmp_path / "mask.npy", (grey / 400).astype(np.float32))
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "PNG")
    written = base64.b64encode(file.getvalue()).decode()
    for text in (
        *(load_mask(tmp_path / name, (16, 20)) for name in ("mask.png", "mask.npy")),
        written,
        reencoded(written),
    ):
        found = tissue(small_images, MaskConfig(loaded=text))
        np.testing.assert_array_equal(found.mask, (grey > 0) & small_images.mask)


def test_wrong_masks_are_refused_in_words(small_images, tmp_path):
    Image.new("L", (4, 3)).save(tmp_path / "small.png")
    with pytest.raises(DataError, match=r"small.png has 3 x 4 pixels .* the ion images have 16 x 20"):
        load_mask(tmp_path / "small.png", (16, 20))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match="cannot be read as a mask"):
        load_mask(tmp_path / "broken.png", (16, 20))
    with pytest.raises(SettingError, match="made for other data"):
        tissue(small_images, MaskConfig(loaded=encode_mask(np.ones((3, 4), dtype=bool))))
    for text in ("%%", "aGVsbG8="):
        with pytest.raises(SettingError, match="damaged"):
            tissue(small_images, MaskConfig(loaded=text))


def test_impossible_choices_are_refused_in_words(small_images):
    with pytest.raises(SettingError, match="No pixel is left"):
        tissue(small_images, MaskConfig(shapes=(Shape(name="a", role="keep", points=((0, 0), (0, 1), (1, 0))),)))
    with pytest.raises(SettingError, match='no region "liver"'):
        tissue(small_images, MaskConfig(regions=("liver",)))
