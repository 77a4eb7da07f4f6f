"""Figures of spectra."""

import numpy as np
import plotly.graph_objects as go

from msiss.show.layout import finish

SPECTRUM_COLOUR, PEAK_COLOUR, LEVEL_COLOUR = "#5b8db8", "#d1495b", "#808080"


def spectrum_figure(
    mz: np.ndarray,
    intensity: np.ndarray,
    peaks: tuple[np.ndarray, np.ndarray],
    threshold: np.ndarray | None = None,
    *,
    title: str = "",
) -> go.Figure:
    """Draw a mean spectrum with its peaks.

    Parameters
    ----------
    mz, intensity : ndarray of shape (P,)
        Points of the spectrum, m/z in Th ascending.
    peaks : tuple of two ndarray of shape (M,)
        m/z and intensity of the peaks.
    threshold : ndarray of shape (P,), optional
        Least intensity of a peak. Given for profile spectra, which are drawn as lines; others are drawn as sticks.
    title : str
    """
    figure = go.Figure()
    if threshold is None:
        x, y = np.repeat(mz, 3), np.zeros(3 * len(mz))
        x[2::3], y[2::3], y[1::3] = np.nan, np.nan, intensity
        figure.add_scattergl(x=x, y=y, mode="lines", name="mean spectrum", line={"color": SPECTRUM_COLOUR, "width": 1})
    else:
        line = {"color": SPECTRUM_COLOUR, "width": 1}
        figure.add_scattergl(x=mz, y=intensity, mode="lines", name="mean spectrum", line=line)
        level = {"color": LEVEL_COLOUR, "width": 1, "dash": "dot"}
        figure.add_scattergl(x=mz, y=threshold, mode="lines", name="signal to noise", line=level)
    figure.add_scattergl(
        x=peaks[0],
        y=peaks[1],
        mode="markers",
        name="peaks",
        marker={"color": PEAK_COLOUR, "size": 5, "symbol": "triangle-down"},
        hovertemplate="m/z %{x:.4f}<br>%{y:.4g}<extra></extra>",
    )
    figure.update_xaxes(title="m/z (Th)", showgrid=False)
    figure.update_yaxes(title="Mean intensity", rangemode="tozero")
    return finish(
        figure,
        340,
        title=title,
        margin={"l": 60, "r": 10, "t": 40 if title else 10, "b": 50},
        legend={"orientation": "h", "y": 1.12},
        dragmode="zoom",
    )
