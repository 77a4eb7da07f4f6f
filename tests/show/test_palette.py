"""Colours that can be told apart, on white and on black."""

import numpy as np
import pytest
from colours import linear, oklab

from msiss.show.palette import CLUSTER_COLOURS, COLOUR_MAPS, ION_COLOURS, cluster_colour, colour_table


def luminance(colours: np.ndarray) -> np.ndarray:
    return linear(colours) @ [0.2126, 0.7152, 0.0722]


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
