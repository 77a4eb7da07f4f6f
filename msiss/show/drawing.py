"""The figure of a section on which areas are drawn with the mouse, and the areas of a selection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from msiss.show.layout import TRANSPARENT, finish
from msiss.show.markup import literal
from msiss.show.palette import ION_COLOURS, cluster_colour

MOST_SIDE = 320  # pixels along the longer side of the figure; larger sections are shown as averaged blocks of pixels
MOST_DOTS = 48  # invisible dots along the longer side, without which Plotly reports no selection
MOST_CORNERS = 400  # of one area; finer than drawing by hand
OUTLINE = cluster_colour(7)
OFF = "rgba(128, 128, 128, 0.75)"
ROLE_COLOURS = {"keep": cluster_colour(2), "cut": cluster_colour(1), "region": cluster_colour(6)}


@dataclass(frozen=True, eq=False)
class Marked:
    """Pixels with an outline and a label.

    Attributes
    ----------
    name : str
        Its label.
    pixels : ndarray of shape (H, W), bool
    colour : str
    dash : str
        Of the line, such as "solid" or "dot".
    """

    name: str
    pixels: np.ndarray
    colour: str
    dash: str = "solid"


@dataclass(frozen=True)
class Drawn:
    """An area on a section.

    Attributes
    ----------
    name : str
        Its label.
    role : str
        A key of `ROLE_COLOURS`.
    points : sequence of (row, column)
        Its corners in pixels; (0, 0) is the centre of the first pixel.
    """

    name: str
    role: str
    points: Sequence[tuple[float, float]]


def section_figure(
    image: np.ndarray,
    measured: np.ndarray,
    mask: np.ndarray,
    *,
    areas: Sequence[Drawn] = (),
    marked: Sequence[Marked] = (),
    picture: str = "",
    title: str = "Total ion count",
    colours: str = ION_COLOURS,
    height: int = 520,
    pixel_size: tuple[float, float] | None = None,
    dragmode: str = "lasso",
    unit: str = "a.u.",
    quantile: float = 0.99,
) -> go.Figure:
    """Draw a section with the outline of the tissue and the areas drawn on it.

    Parameters
    ----------
    image : ndarray of shape (H, W)
        Such as the total ion count.
    measured, mask : ndarray of shape (H, W), bool
        True where a spectrum was measured; and where the pixel counts as tissue. Other measured pixels are greyed.
    areas : sequence of Drawn
    marked : sequence of Marked
        Pixels that are outlined.
    picture : str
        Address of a picture of the section, such as a data URI, which hides the image.
    title : str
        What the image shows.
    colours : str
        One of `msiss.show.palette.COLOUR_MAPS`.
    height : int
        Of the figure in screen pixels.
    pixel_size : tuple of two float, optional
        Height and width of a pixel in micrometres; square if unknown.
    dragmode : str
        Mode of the mouse: "lasso" or "select", which selects a box.
    unit : str
        Of the intensities.
    quantile : float
        Intensities above this quantile get the brightest colour.

    Returns
    -------
    Figure
        Its axes are column and row in pixels at any size of the figure, so that selections are in pixels.
    """
    rows, columns = image.shape
    block = max(1, -(-max(rows, columns) // MOST_SIDE))
    seen = _block_mean(measured, block) > 0
    shown = _block_mean(image * measured, block) / np.maximum(_block_mean(measured, block), 1e-9)
    kept = _block_mean(mask, block) >= np.maximum(_block_mean(measured, block), 1e-9) / 2
    grid: dict[str, Any] = {"x0": (block - 1) / 2, "dx": block, "y0": (block - 1) / 2, "dy": block}
    top = float(np.quantile(shown[seen], quantile)) if seen.any() else 1.0
    figure = go.Figure(
        go.Heatmap(
            z=np.where(seen, shown, np.nan).astype(np.float32),
            **grid,
            zmin=0,
            zmax=top or 1.0,
            colorscale=colours,
            colorbar={"title": {"text": f"{literal(title)} ({unit})", "side": "right"}},
            showscale=not picture,
            opacity=0 if picture else 1,
            hovertemplate="column %{x:.0f}, row %{y:.0f}: %{z:.4g}<extra></extra>",
        )
    )
    if (seen & ~kept).any():
        figure.add_heatmap(
            z=np.where(seen & ~kept, 1.0, np.nan).astype(np.float32),
            **grid,
            colorscale=[[0, OFF], [1, OFF]],
            showscale=False,
            hoverinfo="skip",
        )
        figure.add_trace(_outline(kept, block))
    if picture:
        figure.add_layout_image(
            source=picture,
            xref="x",
            yref="y",
            x=-0.5,
            y=-0.5,
            sizex=columns,
            sizey=rows,
            sizing="stretch",
            layer="below",
        )
    for area in areas:
        figure.add_trace(_area(area))
        figure.add_annotation(_label(area.name, *min(area.points), ROLE_COLOURS[area.role]))
    for mark in marked:
        if mark.pixels.any():
            figure.add_trace(_outline(_block_mean(mark.pixels, block) >= 0.5, block, mark.colour, mark.dash))
            row, column = np.argwhere(mark.pixels)[0]  # the uppermost
            figure.add_annotation(_label(mark.name, row, column, mark.colour))
    figure.add_trace(_dots(rows, columns))
    tall, wide = pixel_size or (1.0, 1.0)
    figure.update_xaxes(range=[-0.5, columns - 0.5], visible=False, constrain="domain")
    figure.update_yaxes(
        range=[rows - 0.5, -0.5],  # row 0 on top
        visible=False,
        constrain="domain",
        scaleanchor="x",
        scaleratio=tall / wide,
    )
    return finish(
        figure,
        height,
        dragmode=dragmode,
        showlegend=False,
        newselection={"line": {"color": OUTLINE, "width": 2, "dash": "solid"}},
        modebar_bgcolor=TRANSPARENT,
    )


def outlines(selection: Mapping[str, Any]) -> list[tuple[tuple[float, float], ...]]:
    """Return the areas of a selection event on `section_figure`, each as its corners (row, column) in pixels.

    A box has four corners. Areas with fewer than three different corners, such as clicks, are left out.
    """
    found = []
    for lasso in selection.get("lasso") or ():
        found.append(_corners(lasso["x"], lasso["y"]))
    for box in selection.get("box") or ():
        (left, right), (top, bottom) = sorted(box["x"]), sorted(box["y"])
        found.append(_corners([left, right, right, left], [top, top, bottom, bottom]))
    return [corners for corners in found if len(set(corners)) >= 3]


def _corners(columns: Sequence[float], rows: Sequence[float]) -> tuple[tuple[float, float], ...]:
    step = -(-len(rows) // MOST_CORNERS) or 1
    points = [(round(float(row), 2), round(float(column), 2)) for row, column in zip(rows, columns, strict=True)]
    return tuple(dict.fromkeys(points[::step]))


def _block_mean(array: np.ndarray, block: int) -> np.ndarray:
    """Return the mean of each block of `block` x `block` pixels, padded with 0 at the edges."""
    height, width = array.shape
    rows, columns = -(-height // block), -(-width // block)
    padded = np.zeros((rows * block, columns * block), dtype=np.float64)
    padded[:height, :width] = array
    return padded.reshape(rows, block, columns, block).mean(axis=(1, 3))


def _outline(kept: np.ndarray, block: int, colour: str = OUTLINE, dash: str = "solid") -> go.Contour:
    first = (block - 1) / 2 - block  # padded by one empty block, so that the line also follows the edges
    return go.Contour(
        z=np.pad(kept.astype(np.float32), 1),
        x0=first,
        dx=block,
        y0=first,
        dy=block,
        contours={"coloring": "none", "start": 0.5, "end": 0.5, "size": 1},
        line={"color": colour, "width": 2, "smoothing": 0, "dash": dash},
        showscale=False,
        hoverinfo="skip",
    )


def _area(area: Drawn) -> go.Scatter:
    closed = [*area.points, area.points[0]]
    return go.Scatter(
        x=[column for _, column in closed],
        y=[row for row, _ in closed],
        mode="lines",
        name=literal(area.name),
        line={"color": ROLE_COLOURS[area.role], "width": 2, "dash": "dash"},
        hoverinfo="skip",
    )


def _label(name: str, row: float, column: float, colour: str) -> go.layout.Annotation:
    """Return a label above the uppermost corner of an area."""
    return go.layout.Annotation(
        x=column,
        y=row,
        text=literal(name),
        showarrow=False,
        yanchor="bottom",
        bgcolor="rgba(0, 0, 0, 0.65)",
        font={"color": colour, "size": 13},
    )


def _dots(height: int, width: int) -> go.Scatter:
    step = max(1.0, max(height, width) / MOST_DOTS)
    rows, columns = np.mgrid[0:height:step, 0:width:step]
    nothing = {"marker": {"opacity": 0}}
    return go.Scatter(
        x=columns.ravel(),
        y=rows.ravel(),
        mode="markers",
        marker={"size": 1, "opacity": 0},
        selected=nothing,
        unselected=nothing,
        hoverinfo="skip",
    )
