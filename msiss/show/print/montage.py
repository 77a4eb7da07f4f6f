"""The ion images of one cluster, a page or several."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

import numpy as np
from matplotlib.figure import Figure

from msiss.show.print.page import Light
from msiss.show.print.panels import Panel, Sheet, panels_figure, rows_that_fit


class Panels(Protocol):
    """Panels that are made when they are drawn, as there may be thousands."""

    @property
    def most_notes(self) -> int:
        """Largest number of notes of a panel."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> list[Panel]:
        """Return some of them."""


def montage_pages(
    panels: Panels,
    mask: np.ndarray,
    sheet: Sheet,
    *,
    pixel_size: tuple[float, float] | None = None,
    light: Light | None = None,
    whole: bool = False,
) -> Iterator[Figure]:
    """Draw ion images on one page, or all of them on as many pages as they need.

    Parameters
    ----------
    panels : Panels
    mask, sheet, pixel_size, light
        As for `panels_figure`; the heading gets the number of images that are shown.
    whole : bool
        Draw all images; otherwise only as many as fit on one page.

    Yields
    ------
    Figure
        One per page.
    """
    size = sheet.columns * rows_that_fit(mask, sheet, panels.most_notes, pixel_size=pixel_size)
    pages = -(-len(panels) // size)
    for page in range(pages if whole else 1):
        shown = panels[page * size : (page + 1) * size]
        part = "" if len(shown) == len(panels) else f", {page * size + 1} to {page * size + len(shown)} shown here"
        titled = replace(sheet, heading=f"{sheet.heading}{part}")
        yield panels_figure(shown, mask, titled, pixel_size=pixel_size, light=light)
