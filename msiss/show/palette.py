"""Colours: a fixed one per cluster, and colour maps for ion images."""

from functools import cache

import numpy as np

# Forty colours, each as distant as possible in OKLab (Ottosson 2020) from the previous ones; for the first ten also
# with simulated protanopia and deuteranopia (Machado et al. 2009). All have a contrast of at least 1.7 to white and 2.4
# to the dark background of Streamlit, so that a cluster has the same colour in both themes.
CLUSTER_COLOURS = (
    *("#1e78d7", "#eb7814", "#46dcc8", "#a00064", "#be96ff", "#826400", "#dcc800", "#f53287", "#6437aa", "#008c78"),
    *("#0abe05", "#fab4b4", "#b941d7", "#a07891", "#005a78", "#c82d00", "#96a564", "#00b4ff", "#006400", "#ff64e6"),
    *("#a5c8fa", "#0041d7", "#e682a5", "#7d5aff", "#734650", "#50e16e", "#00b4af", "#009100", "#91509b", "#7d96cd"),
    *("#bec396", "#ffa5fa", "#c80f96", "#fa3c32", "#af7841", "#ffa54b", "#5a7391", "#9600a5", "#c3506e", "#466950"),
)

# Perceptually uniform, readable with any colour vision and in grey, and its darkest colour is visible on black.
ION_COLOURS = "viridis"
COLOUR_MAPS = ("viridis", "cividis", "inferno", "magma", "plasma", "gray")


def cluster_colour(cluster: int) -> str:
    """Return the colour of a cluster, such as "#1e78d7"; they repeat from cluster 40 on."""
    return CLUSTER_COLOURS[cluster % len(CLUSTER_COLOURS)]


@cache
def colour_table(name: str = ION_COLOURS) -> np.ndarray:
    """Return one of `COLOUR_MAPS` as a table of colours, darkest first.

    Returns
    -------
    ndarray of shape (256, 3), uint8
        Red, green and blue. Read-only.
    """
    from plotly import colors  # slow to import, and most callers need only the colours of clusters

    anchors = ["#000000", "#ffffff"] if name == "gray" else getattr(colors.sequential, name.capitalize())
    rgb = np.array([colors.hex_to_rgb(anchor) for anchor in anchors], dtype=np.float64)
    places = np.linspace(0, len(anchors) - 1, 256)
    table = np.stack([np.interp(places, np.arange(len(anchors)), channel) for channel in rgb.T], axis=1)
    table = table.round().astype(np.uint8)
    table.setflags(write=False)
    return table
