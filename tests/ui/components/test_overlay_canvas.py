"""What is sent to the canvas can be unpacked to the image, and what it tells is checked."""

import base64
import zlib

import numpy as np
import pytest

from msiss.data.placement import Placement
from msiss.ui.components.overlay_canvas import packed, placement_of


def test_an_image_is_packed_in_16_bits():
    image = np.random.default_rng(0).uniform(0, 3e5, (7, 9)).astype(np.float32)
    text, most = packed(image)
    levels = np.frombuffer(zlib.decompress(base64.b64decode(text)), "<u2").reshape(7, 9)
    assert most == image.max()
    np.testing.assert_allclose(levels / 65535 * most, image, atol=most / 65535)
    assert packed(np.zeros((2, 2)))[1] == 0


@pytest.mark.parametrize("wrong", [{}, {"column": "x"}, {"scale": 0}, {"column": float("nan")}, {"angle": 1e9}])
def test_only_possible_places_are_taken(wrong):
    good = {"column": 3, "row": 4.5, "scale": 0.1, "angle": -20, "flipped": True}
    assert placement_of(good) == Placement(**good)
    assert placement_of({} if not wrong else good | wrong) is None
