"""Pictures of ion images."""

import io
from dataclasses import replace

from PIL import Image

from msiss.ui.widgets.gallery import ion_png


def shape(png):
    return Image.open(io.BytesIO(png)).size


def test_a_picture_follows_a_change_of_the_pixel_size(small_images):
    width, height = shape(ion_png(small_images, 3))
    tall = replace(small_images, pixel_size=(30.0, 10.0))
    tall.__dict__["fingerprint"] = small_images.fingerprint  # as of data sets that were saved with such pixels before
    assert shape(ion_png(tall, 3)) == (width, 3 * height)
