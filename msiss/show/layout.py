"""What all figures share: their margins, and the page that shows through."""

from typing import Any

import plotly.graph_objects as go

TRANSPARENT = "rgba(0, 0, 0, 0)"


def finish(figure: go.Figure, height: int, *, title: str = "", **layout: Any) -> go.Figure:
    """Leave the background to the page, so that the figure fits its light and its dark theme.

    Parameters
    ----------
    figure : Figure
        Is changed and returned.
    height : int
        In screen pixels.
    title : str
        Lines are parted by ``<br>``; the margin grows with them.
    **layout
        More of Plotly's layout, such as other margins.
    """
    top = 40 + 20 * title.count("<br>") if title else 30
    return figure.update_layout(
        {"margin": {"l": 10, "r": 10, "t": top, "b": 10}} | layout,
        title_text=title,
        height=height,
        paper_bgcolor=TRANSPARENT,
        plot_bgcolor=TRANSPARENT,
    )
