"""The layout of all figures: margins and a transparent background."""

from typing import Any

import plotly.graph_objects as go

TRANSPARENT = "rgba(0, 0, 0, 0)"


def finish(figure: go.Figure, height: int, *, title: str = "", **layout: Any) -> go.Figure:
    """Set the common layout, with a transparent background that fits the light and the dark theme of a page.

    Parameters
    ----------
    figure : Figure
        Modified and returned.
    height : int
        In screen pixels.
    title : str
        Lines are separated by ``<br>``; the margin grows with their number.
    **layout
        Other settings of Plotly's layout, such as margins.
    """
    top = 40 + 20 * title.count("<br>") if title else 30
    return figure.update_layout(
        {"margin": {"l": 10, "r": 10, "t": top, "b": 10}} | layout,
        title_text=title,
        height=height,
        paper_bgcolor=TRANSPARENT,
        plot_bgcolor=TRANSPARENT,
    )
