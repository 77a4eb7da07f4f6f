"""Pictures of ion images: every pixel where it belongs, nothing outside the tissue."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from msiss.show.palette import colour_table
from msiss.show.thumbnails import data_uri, montage, thumbnail


def pixels(png: bytes) -> np.ndarray:
    picture = Image.open(io.BytesIO(png))
    assert picture.format == "PNG"
    return np.asarray(picture.convert("RGBA"))


def test_every_pixel_becomes_a_block_of_its_colour() -> None:
    image = np.array([[0.0, 1.0, 2.0], [4.0, 3.0, 0.0]])
    mask = np.ones((2, 3), dtype=bool)
    mask[1, 2] = False
    found = pixels(thumbnail(image, mask, side=12, quantile=1))
    assert found.shape == (8, 12, 4)
    blocks = found.reshape(2, 4, 3, 4, 4)
    assert (blocks == blocks[:, :1, :, :1]).all()
    table = colour_table()
    for row, column in np.argwhere(mask):
        red, green, blue, alpha = blocks[row, 0, column, 0].tolist()
        expected = table[round(image[row, column] / 4 * 255)]
        assert alpha == 255
        assert np.abs(expected.astype(int) - [red, green, blue]).max() <= 2
    assert blocks[1, 0, 2, 0, 3] == 0  # not measured: transparent


def test_a_hot_spot_does_not_hide_the_rest() -> None:
    image = np.full((40, 40), 1.0)
    image[0, 0] = 1000
    mask = np.ones((40, 40), dtype=bool)
    found = pixels(thumbnail(image, mask, side=40, quantile=0.99))
    np.testing.assert_array_equal(found[20, 20, :3], colour_table()[-1])
    hidden = pixels(thumbnail(image, mask, side=40, quantile=1))
    np.testing.assert_array_equal(hidden[20, 20, :3], colour_table()[0])


def test_a_fixed_brightest_intensity_makes_images_comparable() -> None:
    mask = np.ones((4, 4), dtype=bool)
    dim = pixels(thumbnail(np.full((4, 4), 0.5), mask, brightest=1.0))
    np.testing.assert_allclose(dim[0, 0, :3].astype(int), colour_table()[127], atol=3)


@pytest.mark.parametrize("image", [np.zeros((5, 5)), np.eye(5)[:1].T @ np.eye(5)[:1]], ids=["empty", "one pixel"])
def test_images_with_hardly_any_signal(image: np.ndarray) -> None:
    found = pixels(thumbnail(image, np.ones((5, 5), dtype=bool), side=5, quantile=0.5))
    np.testing.assert_array_equal(found[4, 4, :3], colour_table()[0])
    np.testing.assert_array_equal(found[0, 0, :3], colour_table()[-1 if image.any() else 0])


def test_the_shape_of_the_pixels_is_kept() -> None:
    picture = pixels(thumbnail(np.ones((30, 20)), np.ones((30, 20), dtype=bool), side=60, pixel_size=(10.0, 25.0)))
    assert picture.shape[:2] == (60, 100)


def test_large_images_are_averaged_over_what_was_measured() -> None:
    image = np.zeros((41, 80))
    image[:, ::2] = 2.0
    mask = np.ones((41, 80), dtype=bool)
    mask[:2, :2] = False  # one whole block
    mask[3, 3] = False  # a pixel of intensity 0, so the mean of its block is 4/3
    found = pixels(thumbnail(image * mask, mask, side=40, brightest=2.0))
    assert found.shape[:2] == (21, 40)
    assert found[0, 0, 3] == 0
    np.testing.assert_allclose(found[10, 10, :3].astype(int), colour_table()[127], atol=3)
    np.testing.assert_allclose(found[1, 1, :3].astype(int), colour_table()[170], atol=3)
    np.testing.assert_allclose(found[20, 10, :3].astype(int), colour_table()[127], atol=3)  # the odd row at the end


def test_montage_puts_images_side_by_side() -> None:
    images = np.stack([np.full((4, 4), value) for value in (1.0, 0.0, 1.0)])
    mask = np.ones((4, 4), dtype=bool)
    sheet = pixels(montage(images, mask, columns=2, gap=3, side=8))
    assert sheet.shape[:2] == (8 + 3 + 8, 8 + 3 + 8)
    single = pixels(thumbnail(images[0], mask, side=8))
    np.testing.assert_array_equal(sheet[:8, :8], single)
    np.testing.assert_array_equal(sheet[11:, :8], single)
    assert not sheet[:8, 8:11, 3].any()
    assert not sheet[11:, 11:].any()
    np.testing.assert_array_equal(sheet[0, 11, :3], colour_table()[0])


def test_montage_writes_captions_no_wider_than_the_image() -> None:
    images = np.ones((2, 4, 4))
    mask = np.ones((4, 4), dtype=bool)
    with_text = pixels(montage(images, mask, captions=["m/z 760.5851 and a long name", ""], side=80, gap=10))
    without = pixels(montage(images, mask, captions=["", ""], side=80, gap=10))
    head = with_text.shape[0] - 80
    written = np.argwhere((with_text != without).any(axis=-1))
    assert len(written)
    assert written[:, 0].max() < head
    assert written[:, 1].max() < 80


def test_data_uri_holds_the_file() -> None:
    png = thumbnail(np.ones((2, 2)), np.ones((2, 2), dtype=bool))
    kind, content = data_uri(png).split(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(content) == png
