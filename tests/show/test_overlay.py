"""Channels are laid over each other by formulas that can be checked by hand."""

import itertools

import numpy as np
import pytest
from colours import DEUTERANOPIA, PROTANOPIA, oklab, seen

from msiss.show.overlay import CHANNEL_COLOURS, MOST_CHANNELS, Layer, blend, limits, place, rgb, strength


@pytest.mark.parametrize("matrix", [np.eye(3), PROTANOPIA, DEUTERANOPIA])
def test_channels_can_be_told_apart_by_any_eyes(matrix):
    assert len(CHANNEL_COLOURS) == MOST_CHANNELS
    colours = oklab(seen(np.array([rgb(colour) for colour in CHANNEL_COLOURS]) / 255, matrix))
    for one, other in itertools.combinations(colours, 2):
        assert np.linalg.norm(one - other) > 0.17  # eight times what one just notices, 0.02
    assert np.linalg.norm(colours[0] - colours[1]) > 0.25


def test_limits_are_quantiles_of_the_measured_pixels():
    image = np.arange(12.0).reshape(3, 4)
    mask = image < 11
    assert limits(image, mask, 0.1, 0.9) == (1.0, 9.0)
    spot = np.zeros((3, 4))
    spot[0, 0] = 7
    assert limits(spot, mask) == (0.0, pytest.approx(7 * 0.99, rel=1e-3))
    assert limits(spot, mask, 0, 0.5) == (0.0, 7.0)
    assert limits(np.zeros((3, 4)), mask) == (0.0, 0.0)


def test_strength_is_a_clipped_line_and_a_power():
    image = np.array([[0, 10, 15, 20, 99]], np.float32)
    assert strength(image, 10, 20).tolist() == [[0, 0, 0.5, 1, 1]]
    assert strength(image, 10, 20, 0.5)[0, 2] == pytest.approx(0.5**0.5)
    assert strength(image, 10, 10).tolist() == [[0, 0, 0, 0, 0]]


RED = Layer(np.array([[1.0, 0.5, 0.0]]), "#ff0000")
GREEN = Layer(np.array([[1.0, 1.0, 0.0]]), "#00ff80", 0.5)


@pytest.mark.parametrize(
    ("how", "dark", "expected"),
    [
        ("light", True, [[255, 128, 64], [128, 128, 64], [0, 0, 0]]),
        ("light", False, [[128, 0, 0], [128, 128, 96], [255, 255, 255]]),
        ("paint", True, [[128, 128, 64], [64, 128, 64], [0, 0, 0]]),
        ("paint", False, [[128, 128, 64], [128, 191, 128], [255, 255, 255]]),
    ],
)
def test_colours_mix(how, dark, expected):
    found = blend([RED, GREEN], (1, 3), how=how, dark=dark).astype(int)
    assert np.abs(found[0] - expected).max() <= 1


@pytest.mark.parametrize("how", ["light", "paint"])
@pytest.mark.parametrize("dark", [True, False])
def test_every_pixel_is_that_of_a_slow_blend(how, dark):
    rng = np.random.default_rng(1)
    opacities = {"#00aaff": 1, "#ff9900": 0.4, "#aa1188": 0.7}
    layers = [Layer(rng.uniform(size=(4, 5)), colour, opacity) for colour, opacity in opacities.items()]
    under = rng.integers(0, 256, (4, 5, 3), dtype=np.uint8)
    found = blend(layers, (4, 5), how=how, dark=dark, under=under, under_opacity=0.8)
    for row, column, part in np.ndindex(4, 5, 3):
        ground = 0 if dark else 255
        value = (0.8 * float(under[row, column, part]) + 0.2 * ground) / 255
        for layer in layers:
            weight, colour = layer.opacity * layer.values[row, column], rgb(layer.colour)[part] / 255
            if how == "paint":
                value = (1 - weight) * value + weight * colour
            elif dark:
                value = 1 - (1 - value) * (1 - weight * colour)
            else:
                value = value * (1 - weight + weight * colour)
        assert found[row, column, part] == round(255 * value)


def test_the_order_of_light_does_not_matter():
    np.testing.assert_array_equal(blend([RED, GREEN], (1, 3)), blend([GREEN, RED], (1, 3)))


def test_a_picture_is_placed_pixel_by_pixel():
    picture = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
    same = np.array([[1.0, 0, 0], [0, 1, 0]])
    np.testing.assert_array_equal(place(picture, same, (2, 3)), picture)
    moved = np.array([[1.0, 0, 1], [0, 1, 2]])
    expected = np.full((4, 5, 3), 255, np.uint8)
    expected[2:, 1:4] = picture
    np.testing.assert_array_equal(place(picture, moved, (4, 5)), expected)
    flipped = np.array([[-1.0, 0, 2], [0, 1, 0]])
    np.testing.assert_array_equal(place(picture, flipped, (2, 3)), picture[:, ::-1])
    turned = np.array([[0.0, -1, 1], [1, 0, 0]])  # a quarter clockwise: the left column becomes the upper row
    np.testing.assert_array_equal(place(picture, turned, (3, 2)), np.rot90(picture, -1))


def test_a_picture_of_twice_the_resolution_fits_a_result_of_twice_the_size():
    picture = np.random.default_rng(0).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    half = np.array([[0.5, 0, -0.25], [0, 0.5, -0.25]])  # its first pixel lies a quarter before the centre of the first
    np.testing.assert_array_equal(place(picture, half, (3, 4), zoom=(2, 2)), picture)
    assert place(picture, half, (3, 4), ground=7, zoom=(1, 3)).shape == (3, 12, 3)
