"""Plotly figures of ion images and maps, with the background and the fonts of the page that shows them."""

import textwrap
from collections.abc import Collection, Sequence

import numpy as np
import plotly.graph_objects as go

from msiss.show.layout import finish
from msiss.show.maps import MAP_TITLES
from msiss.show.markup import literal
from msiss.show.palette import CLUSTER_COLOURS, ION_COLOURS, cluster_colour
from msiss.show.scale_bar import bar_length, length_text

# Beyond forty clusters the colours repeat with another symbol.
SYMBOLS = ("circle", "diamond", "square", "x", "triangle-up")
RING_COLOUR = "#808080"  # visible on white and on black
TITLE_LETTERS = 50  # in a line
IMAGE_WIDTH = 430  # screen pixels, about as wide as an ion image is on a page
SIGNED_COLOURS = "RdBu"  # of ColorBrewer; told apart by any eye
BAR_BELOW = {
    "orientation": "h",
    "thickness": 12,
    "y": 0,
    "yanchor": "top",
    "ypad": 4,
}
MOST_RINGS = 12  # more would cover the colours of the points


def map_figure(
    points: np.ndarray,
    clusters: np.ndarray,
    names: Sequence[str],
    *,
    method: str = "umap",
    selected: Collection[int] = (),
) -> go.Figure:
    """Draw a map of ions, coloured by cluster.

    Parameters
    ----------
    points : ndarray of shape (N, 2)
        Positions of the ions, such as from `analyse.projection.project`.
    clusters : ndarray of shape (N,), int
        Cluster of each ion. One trace per cluster, in the cluster's own colour.
    names : sequence of N str
        Hover text of each ion.
    method : str
        How the map was made, "umap" or "tsne".
    selected : collection of int
        Ions to show as selected: the others fade, and up to `MOST_RINGS` selected ions are marked by rings.

    Returns
    -------
    Figure
        The `customdata` of each point is the ion's index, so that a selection event identifies the selected ions in any
        trace.
    """
    figure = go.Figure()
    hover = np.array([literal(name) for name in names], dtype=object)
    chosen = np.isin(np.arange(len(points)), list(selected))
    for cluster in np.unique(clusters):
        ions = np.flatnonzero(clusters == cluster)
        figure.add_scatter(
            x=points[ions, 0],
            y=points[ions, 1],
            mode="markers",
            name=f"Cluster {cluster}",
            customdata=ions.tolist(),  # plain numbers, which a page reads back unchanged
            text=hover[ions].tolist(),
            hovertemplate=f"%{{text}}<br>cluster {cluster}<extra></extra>",
            marker={
                "color": cluster_colour(int(cluster)),
                "symbol": SYMBOLS[int(cluster) // len(CLUSTER_COLOURS) % len(SYMBOLS)],
                "size": 8,
            },
            selectedpoints=np.flatnonzero(chosen[ions]).tolist() if chosen.any() else None,
            selected={"marker": {"size": 10, "opacity": 1}},
            unselected={"marker": {"opacity": 0.2}},
        )
    if 0 < chosen.sum() <= MOST_RINGS:  # a single point among many faded ones is easily missed
        figure.add_scatter(
            x=points[chosen, 0],
            y=points[chosen, 1],
            mode="markers",
            marker={"symbol": "circle-open", "size": 15, "color": RING_COLOUR, "line": {"width": 1.5}},
            hoverinfo="skip",
            showlegend=False,
        )
    title = MAP_TITLES.get(method, method)
    _axes(figure, f"{title} 1 (no unit)", f"{title} 2 (no unit)")
    figure.update_xaxes(showticklabels=False, zeroline=False)
    figure.update_yaxes(showticklabels=False, zeroline=False)
    return finish(figure, 520, dragmode="lasso")


def image_figure(
    image: np.ndarray,
    mask: np.ndarray,
    *,
    title: str = "",
    unit: str = "a.u.",
    pixel_size: tuple[float, float] | None = None,
    quantile: float = 0.999,
    colours: str = ION_COLOURS,
    scale_bar: bool = False,
    signed: bool = False,
    quantity: str = "Intensity",
) -> go.Figure:
    """Draw one ion image with its colour bar.

    Parameters
    ----------
    image : ndarray of shape (H, W)
        Intensities.
    mask : ndarray of shape (H, W), bool
        True where a spectrum was measured; other pixels are empty.
    title : str
        Such as the m/z.
    unit : str
        Unit of the intensities, shown at the colour bar.
    pixel_size : tuple of two float, optional
        Height and width of a pixel in micrometres. The axes are in micrometres if it is known, else hidden.
    quantile : float
        Intensities above this quantile of the measured pixels get the brightest colour.
    colours : str
        One of `palette.COLOUR_MAPS`.
    scale_bar : bool
        Draw a scale bar below the image in place of the axes, if the pixel size is known, and the colour bar below it.
    signed : bool
        Values below 0 are blue and those above 0 red, whatever the `colours`; the quantile is that of their size.
    quantity : str
        What the colour bar shows.

    Returns
    -------
    Figure
    """
    tall, wide = pixel_size or (1.0, 1.0)
    measured = np.abs(image[mask])
    top = float(np.quantile(measured, quantile) or measured.max() or 1)
    figure = go.Figure(
        go.Heatmap(
            z=np.where(mask, image, np.nan).astype(np.float32),
            x0=wide / 2,
            dx=wide,
            y0=tall / 2,
            dy=tall,
            zmin=-top if signed else 0,
            zmax=top,
            colorscale=SIGNED_COLOURS if signed else colours,
            reversescale=signed,
            colorbar={"title": {"text": f"{quantity} ({unit})", "side": "bottom" if scale_bar else "right"}}
            | (BAR_BELOW if scale_bar else {}),
            hovertemplate="%{z:.4g}<extra></extra>",
        )
    )
    _axes(figure, "x (µm)", "y (µm)")
    with_axes = pixel_size is not None and not scale_bar
    figure.update_xaxes(visible=with_axes, showgrid=False, zeroline=False, constrain="domain")
    figure.update_yaxes(
        visible=with_axes,
        showgrid=False,
        zeroline=False,
        constrain="domain",
        autorange="reversed",  # row 0 on top
        scaleanchor="x",
    )
    if scale_bar and pixel_size is not None:
        _scale_bar(figure, image.shape[0] * tall, image.shape[1] * wide)
    height = IMAGE_WIDTH * (image.shape[0] * tall) / (image.shape[1] * wide)
    lines = textwrap.wrap(title, TITLE_LETTERS)
    layout = {"margin": {"l": 10, "r": 10, "t": 5, "b": 55}} if scale_bar and not lines else {}
    return finish(
        figure,
        round(np.clip(height, 150, 380)) + 60 + 20 * len(lines),
        title="<br>".join(map(literal, lines)),
        **layout,
    )


def _scale_bar(figure: go.Figure, height: float, width: float) -> None:
    """Draw a scale bar below an image of this size in micrometres, in a grey that is seen in both themes."""
    length = bar_length(width)
    below = 0.04 * max(height, width)
    figure.add_shape(
        type="line", x0=0, x1=length, y0=height + below, y1=height + below, line={"color": RING_COLOUR, "width": 4}
    )
    figure.add_annotation(
        x=length,
        y=height + below,
        text=length_text(length),
        showarrow=False,
        xanchor="left",
        yanchor="middle",
        xshift=6,
        font={"color": RING_COLOUR},
    )
    figure.update_yaxes(range=[height + 2 * below, 0], autorange=False)


def _axes(figure: go.Figure, x: str, y: str) -> None:
    figure.update_xaxes(title_text=x)
    figure.update_yaxes(title_text=y)
