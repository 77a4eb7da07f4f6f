"""Pictures of the tissue: any common kind, of a size for the screen."""

import numpy as np
import pytest
from PIL import Image

from msiss.data.picture import LONGEST_SIDE, read_picture
from msiss.errors import DataError


@pytest.mark.parametrize("ending", ["png", "tif", "bmp"])
def test_pixels_are_as_in_the_file(tmp_path, ending) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / f"a.{ending}")
    np.testing.assert_array_equal(read_picture(tmp_path / f"a.{ending}"), pixels)


def test_transparent_parts_are_white_and_grey_is_grey(tmp_path) -> None:
    Image.new("RGBA", (2, 2), (10, 20, 30, 0)).save(tmp_path / "clear.png")
    assert (read_picture(tmp_path / "clear.png") == 255).all()
    Image.new("L", (2, 2), 100).save(tmp_path / "grey.png")
    assert (read_picture(tmp_path / "grey.png") == 100).all()


def test_a_large_one_is_scaled_down(tmp_path) -> None:
    Image.new("RGB", (3 * LONGEST_SIDE, LONGEST_SIDE), (1, 2, 3)).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png").shape == (667, LONGEST_SIDE, 3)


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(50)])
def test_what_is_no_picture_is_refused_in_words(tmp_path, content) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.png cannot be read as a picture\. Save it as PNG"):
        read_picture(tmp_path / "a.png")
