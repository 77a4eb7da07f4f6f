"""The PNG of an overlay has its pixels, a scale bar of the right length and all colours of the legend."""

import io

import numpy as np
import pytest
from PIL import Image

from msiss.show.overlay_sheet import Entry, overlay_sheet, zoom_for


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize(("pixel_width", "pixels"), [(10.0, 20), (None, 20), (7.0, 50 / 7 * 2)])
def test_what_is_on_the_sheet(dark, pixel_width, pixels):
    shape, zoom = (30, 100), (3, 4)
    picture = np.random.default_rng(0).integers(0, 255, (90, 400, 3), dtype=np.uint8)
    entries = [Entry("#00aaff", "m/z 741.5307", "100 to 2000"), Entry("#ff9900", "m/z 760.5851")]
    png = overlay_sheet(picture, entries, zoom=zoom, pixel_width=pixel_width, dark=dark, footer="bladder")
    sheet = np.asarray(Image.open(io.BytesIO(png)))
    np.testing.assert_array_equal(sheet[24 : 24 + 90, 24 : 24 + 400], picture)
    ink = 255 if dark else 0
    bar = sheet[90 + 48 + 12, 24:, 0] == ink
    expected = {10.0: 200 / 10, None: 20, 7.0: 100 / 7}[pixel_width] * zoom[1]
    assert bar.argmin() == round(expected)
    for colour in ([0, 170, 255], [255, 153, 0]):
        assert (sheet[120:] == colour).all(axis=-1).any()
    assert (sheet[-40:] == ink).all(axis=-1).any()  # the footer
    assert shape == (30, 100)


def test_pixels_are_enlarged_by_whole_numbers():
    assert zoom_for((134, 260)) == (6, 6)
    assert zoom_for((20, 10), 2.0) == (80, 40)
    assert zoom_for((4000, 3000)) == (1, 1)
