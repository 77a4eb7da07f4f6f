"""Plotly figures that compare clusterings of the same ions."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from msiss.show.layout import finish
from msiss.show.markup import literal
from msiss.show.palette import ION_COLOURS, cluster_colour

CELL_PIXELS, MOST_PIXELS = 26, 620
MOST_NUMBERS = 30  # rows or columns; in more the numbers would not fit into the cells
LONGEST_TITLE = 24  # letters beside a row


def shared_figure(
    table: np.ndarray, rows: Sequence[str], columns: Sequence[str], *, row_title: str, column_title: str
) -> go.Figure:
    """Draw how many ions the groups of two groupings share.

    Parameters
    ----------
    table : ndarray of shape (K, L), int
        Number of ions, such as from `msiss.analyse.matching.match`.
    rows, columns : sequence of str
        Titles of the groups.
    row_title, column_title : str
        Titles of the axes.

    Returns
    -------
    Figure
        A cell is coloured by its share of its row; the number of ions is written into it.
    """
    places = [list(range(len(names))) for names in (rows, columns)]
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    few = max(table.shape) <= MOST_NUMBERS
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=places[1],
            y=places[0],
            zmin=0,
            zmax=1,
            colorscale=ION_COLOURS,
            colorbar={"title": {"text": "Share of the row", "side": "right"}},
            text=[[str(number) if number else "" for number in row] for row in table.tolist()],
            texttemplate="%{text}" if few else None,
            customdata=[
                [f"{row_title} {literal(row)}, {column_title} {literal(column)}: {number}" for column, number in cells]
                for row, cells in zip(
                    rows, ([*zip(columns, line, strict=True)] for line in table.tolist()), strict=True
                )
            ],
            hovertemplate="%{customdata} ions<extra></extra>",
        )
    )
    figure.update_xaxes(
        title_text=column_title, tickvals=places[1], ticktext=[_short(one) for one in columns], showgrid=False
    )
    figure.update_yaxes(
        title_text=row_title,
        tickvals=places[0],
        ticktext=[_short(one) for one in rows],
        autorange="reversed",
        showgrid=False,
        automargin=True,
    )
    return finish(figure, min(140 + CELL_PIXELS * len(rows), MOST_PIXELS))


def company_figure(company: np.ndarray) -> go.Figure:
    """Draw how many ions keep how much of their company over several trainings.

    Parameters
    ----------
    company : ndarray of shape (N,)
        From 0 to 1, see `msiss.analyse.matching.kept_company`.
    """
    figure = go.Figure(
        go.Histogram(
            x=100 * company,
            xbins={"start": 0, "end": 100.001, "size": 5},
            marker_color=cluster_colour(0),
            hovertemplate="%{x}%: %{y} ions<extra></extra>",
        )
    )
    figure.update_xaxes(title_text="Company kept from training to training (%)", range=[0, 100])
    figure.update_yaxes(title_text="Ions")
    return finish(figure, 260, bargap=0.05)


def value_map_figure(points: np.ndarray, values: np.ndarray, names: Sequence[str], *, title: str) -> go.Figure:
    """Draw a map of ions, coloured by a value from 0 to 1.

    Parameters
    ----------
    points : ndarray of shape (N, 2)
        Positions of the ions on a map.
    values : ndarray of shape (N,)
    names : sequence of N str
        Hover text of each ion.
    title : str
        Of the colour bar.
    """
    figure = go.Figure(
        go.Scatter(
            x=points[:, 0],
            y=points[:, 1],
            mode="markers",
            text=[literal(name) for name in names],
            marker={
                "color": values.tolist(),
                "cmin": 0,
                "cmax": 1,
                "colorscale": ION_COLOURS,
                "size": 8,
                "colorbar": {"title": {"text": title, "side": "right"}},
            },
            hovertemplate="%{text}<br>%{marker.color:.2f}<extra></extra>",
        )
    )
    for update in (figure.update_xaxes, figure.update_yaxes):
        update(showticklabels=False, zeroline=False, title_text="no unit")
    return finish(figure, 360)


def _short(title: str) -> str:
    return literal(title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…")
