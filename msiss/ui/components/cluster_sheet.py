"""The component of all clusters on one screen: a picture per cluster, which opens it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from msiss.ui.components.assets import asset
from msiss.ui.components.events import Event, handled


@dataclass(frozen=True)
class Sheet:
    """One cluster on the sheet.

    Attributes
    ----------
    number : int
    title : str
        Number and name.
    colour : str
        Such as "#1e78d7".
    src : str
        Address of its mean image.
    about : str
        What stands below the title, such as the number of its ions.
    tissue : bool
        False fades it.
    """

    number: int
    title: str
    colour: str
    src: str
    about: str
    tissue: bool = True


def cluster_sheet(
    clusters: Sequence[Sheet], *, key: str, width: int, on_open: Callable[[int], None], shown: int | None = None
) -> None:
    """Draw the sheet.

    Parameters
    ----------
    clusters : sequence of Sheet
    key : str
    width : int
        Least width of a picture in screen pixels.
    on_open : callable
        Called with the number of the cluster that was clicked.
    shown : int, optional
        The cluster that is marked as open.
    """
    data = {"clusters": [asdict(cluster) for cluster in clusters], "width": width, "shown": shown}
    numbers = {cluster.number for cluster in clusters}

    def handle(event: Event) -> None:
        if (number := event.number("open")) in numbers:
            on_open(int(number or 0))

    mount = st.components.v2.component(
        "msiss_cluster_sheet",
        html='<div class="frame"></div>',
        css=asset("cluster_sheet.css"),
        js=asset("cluster_sheet.js"),
    )
    mount(key=key, data=data, on_event_change=handled(key, handle))
