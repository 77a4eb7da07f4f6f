"""Colours that can be told apart, on white and on black."""

import numpy as np
import pytest

from msiss.show.palette import CLUSTER_COLOURS, COLOUR_MAPS, ION_COLOURS, cluster_colour, colour_table


def linear(colours: np.ndarray) -> np.ndarray:
    """Return linear light of sRGB colours in [0, 1] (IEC 61966-2-1)."""
    return np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)


def luminance(colours: np.ndarray) -> np.ndarray:
    return linear(colours) @ [0.2126, 0.7152, 0.0722]


def oklab(colours: np.ndarray) -> np.ndarray:
    """Return OKLab coordinates (Ottosson 2020)."""
    lms = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return np.cbrt(linear(colours) @ lms.T) @ lab.T


CLUSTERS = np.array([[int(colour[place : place + 2], 16) for place in (1, 3, 5)] for colour in CLUSTER_COLOURS]) / 255


def test_clusters_can_be_told_apart() -> None:
    lab = oklab(CLUSTERS)
    distance = np.linalg.norm(lab[:, None] - lab[None], axis=-1)
    np.fill_diagonal(distance, np.inf)
    assert len(CLUSTER_COLOURS) >= 35
    assert distance.min() > 0.1  # five times what one just notices, 0.02
    assert distance[:10, :10].min() > 0.15


def test_clusters_are_seen_on_white_and_on_dark() -> None:
    dark = luminance(np.array([14, 17, 23]) / 255)  # Streamlit's dark background
    light = luminance(CLUSTERS)
    assert (1.05 / (light + 0.05)).min() > 1.69  # contrast as WCAG 2 defines it
    assert ((light + 0.05) / (dark + 0.05)).min() > 2.39


def test_a_cluster_keeps_its_colour() -> None:
    assert cluster_colour(0) == "#1e78d7"
    assert cluster_colour(40) == cluster_colour(0)
    assert cluster_colour(np.int64(3)) == CLUSTER_COLOURS[3]


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_colour_tables_get_lighter(name: str) -> None:
    table = colour_table(name)
    assert table.shape == (256, 3)
    assert table.dtype == np.uint8
    lightness = oklab(table / 255)[:, 0]
    assert (np.diff(lightness) > -0.004).all()  # one step of 1/255 in a channel may round down
    assert lightness[-1] - lightness[0] > 0.4


def test_the_ends_of_viridis() -> None:
    assert ION_COLOURS == "viridis"
    assert colour_table()[0].tolist() == [0x44, 0x01, 0x54]
    assert colour_table()[-1].tolist() == [0xFD, 0xE7, 0x25]


def test_colour_tables_cannot_be_changed_by_accident() -> None:
    with pytest.raises(ValueError, match="read-only"):
        colour_table()[0] = 0
