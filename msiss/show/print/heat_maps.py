"""Similarities of all pairs of ions by several representations, side by side on one colour scale."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from msiss.show.palette import ION_COLOURS, colour_table
from msiss.show.print.groups import Groups
from msiss.show.print.numbers import short
from msiss.show.print.page import DPI, Box, Light, Page, legend_height
from msiss.show.print.style import DOUBLE, LINE, MM, SMALL, TEXT, TITLE, drawing, text_width, wrapped

GAP = 5.0  # mm between matrices
STRIP = 1.6  # mm, the colours of the groups along the sides
MOST_NAMES = 30  # ions; more names do not fit beside a matrix
MOST_NUMBERS = 8  # ions; more numbers do not fit into the cells


def heat_maps(
    matrices: Mapping[str, np.ndarray],
    names: Sequence[str],
    groups: Groups,
    *,
    heading: str = "",
    label: str = "Cosine similarity",
    colours: str = ION_COLOURS,
) -> Figure:
    """Draw matrices of pairwise similarities with the same order of the ions.

    Parameters
    ----------
    matrices : mapping of str to ndarray of shape (n, n)
        By title; up to three fit beside each other.
    names : sequence of n str
        Written for up to 30 ions.
    groups : Groups
        Of the n ions, as strips of colour along the sides.
    heading, label : str
        Text above, and that of the colour bar.
    colours : str
        One of `palette.COLOUR_MAPS`.

    Returns
    -------
    Figure
        One colour bar for all matrices, from the least of all values, or 0 if that is lower, to 1.
    """
    with drawing():
        named = len(names) <= MOST_NAMES
        room = max((text_width(name, SMALL) for name in names), default=0) + 1.5 if named else 0.0
        number = len(matrices)
        side = (DOUBLE - room - number * (STRIP + 0.6) - (number - 1) * GAP) / number
        side = min(side, 84.0)
        titles = [wrapped(title, side, TEXT) for title in matrices]
        lines = max(map(len, titles))
        first = LINE * TITLE + 1.5 if heading else 0.0
        entries = groups.legend()
        top = first + lines * LINE * TEXT + 0.8 + STRIP + 0.6
        below = top + side + (room if named else 0) + 2
        page = Page(DOUBLE, below + LINE * SMALL + 4.5 + legend_height(entries, DOUBLE))
        if heading:
            page.text(0, 0, heading, size=TITLE, bold=True, width=DOUBLE)
        least = min(0.0, *(float(matrix.min()) for matrix in matrices.values()))
        strip = groups.pixels(np.arange(len(names)))
        for place, (said, matrix) in enumerate(zip(titles, matrices.values(), strict=True)):
            left = room + place * (side + GAP + STRIP + 0.6) + STRIP + 0.6
            box = Box(left, top, side, side)
            for line, text in enumerate(said):
                page.text(left, first + line * LINE * TEXT, text, bold=len(said) == 1)
            page.picture(_colours(matrix, least, side, colours), box)
            page.frame(box)
            page.picture(strip[:, None], Box(left - STRIP - 0.6, top, STRIP, side))
            page.picture(strip[None], Box(left, top - STRIP - 0.6, side, STRIP))
            if named:
                _write_names(page, names, box, rows=place == 0)
            if len(names) <= MOST_NUMBERS:
                _write_numbers(page, matrix, box, least)
        bar = Box(DOUBLE - 50, below, 50, 2.2)
        ticks = {0.0: short(least), 1.0: "1"}
        if least < 0:
            ticks[-least / (1 - least)] = "0"
        page.colour_bar(bar, Light(colours), {place: text for place, text in ticks.items() if _is_clear(place)})
        page.text(bar.left - 1.5, below - 0.2, label, size=SMALL, align="right")
        page.legend(0, below + LINE * SMALL + 4, DOUBLE, entries)
        return page.figure


def _is_clear(place: float) -> bool:
    """Return whether a tick is at an end of the colour bar or away from both."""
    return place in (0.0, 1.0) or 0.2 < place < 0.9


def _colours(matrix: np.ndarray, least: float, side: float, colours: str) -> np.ndarray:
    """Return a matrix as colours, averaged in blocks if it has more cells than can be printed."""
    block = max(1, int(len(matrix) / (side * MM * DPI)))
    if block > 1:
        number = len(matrix)
        starts = np.arange(0, number, block)
        sizes = np.diff(np.append(starts, number))
        matrix = np.add.reduceat(np.add.reduceat(matrix, starts, axis=0), starts, axis=1) / np.outer(sizes, sizes)
    levels = np.clip((matrix - least) / (1 - least), 0, 1) * 255
    return colour_table(colours)[levels.round().astype(np.uint8)]


def _write_names(page: Page, names: Sequence[str], box: Box, *, rows: bool) -> None:
    cell = box.width / len(names)
    for place, name in enumerate(names):
        middle = (place + 0.5) * cell
        if rows:
            page.text(box.left - STRIP - 1.4, box.top + middle, name, size=SMALL, align="right", vertical="center")
        page.text(box.left + middle, box.bottom + 0.8, name, size=SMALL, align="right", vertical="center", rotation=90)


def _write_numbers(page: Page, matrix: np.ndarray, box: Box, least: float) -> None:
    cell = box.width / len(matrix)
    for (row, column), value in np.ndenumerate(matrix):
        bright = (value - least) / (1 - least) > 0.6
        page.text(
            box.left + (column + 0.5) * cell,
            box.top + (row + 0.5) * cell,
            f"{value:.2f}",
            size=SMALL,
            colour="black" if bright else "white",
            align="center",
            vertical="center",
        )
