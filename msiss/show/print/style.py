"""The sizes and the font of figures for print, and texts that fit into them."""

import threading
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.textpath import text_to_path

from msiss.show.markup import one_line

MM = 1 / 25.4  # inches
MARGIN = 1.0  # mm around a figure
# mm, the width of one and of two columns of most journals, without the margins
SINGLE, DOUBLE = 84.0 - 2 * MARGIN, 174.0 - 2 * MARGIN
TALLEST = 230.0  # mm, of what a page with a caption can hold
TITLE, TEXT, SMALL = 8.0, 7.0, 6.0  # points; journals ask for at least 5 to 6
LINE = 1.25 / 72 * 25.4  # mm per point, from one line to the next
GREY = "#555555"
FONT = "DejaVu Sans"  # comes with matplotlib, so that a figure is the same on every machine
UNKNOWN = "\N{REPLACEMENT CHARACTER}"  # for letters that the font lacks
STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": [FONT],
    "font.size": TEXT,
    "text.parse_math": False,  # names from files may hold a dollar sign
    "text.hinting": "none",  # letters as wide in a PNG file as `text_width` says
    "axes.unicode_minus": True,
    "axes.linewidth": 0.5,
    "axes.labelsize": TEXT,
    "axes.labelpad": 2.0,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "xtick.major.size": 2.0,
    "ytick.major.size": 2.0,
    "xtick.major.pad": 2.0,
    "ytick.major.pad": 2.0,
    "image.composite_image": False,  # each ion image can be taken out in a drawing program
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "pdf.fonttype": 42,  # TrueType: text can be selected, and edited in a drawing program
    "svg.fonttype": "none",  # text, not outlines
    "svg.hashsalt": "msiss",  # the same file each time
}
_lock = threading.RLock()


@contextmanager
def drawing() -> Iterator[None]:
    """Draw or save in the style of print.

    Matplotlib has one set of settings per process, so that only one thread draws at a time; the settings of the caller
    are back afterwards.
    """
    with _lock, mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


def printable(text: object) -> str:
    """Return a text in one line, with a sign for each letter that the font lacks."""
    known = _letters()
    return "".join(letter if ord(letter) in known else UNKNOWN for letter in one_line(text))


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a text in mm.

    Parameters
    ----------
    text : str
        From `printable`.
    size : float
        In points.
    bold : bool
    """
    width, _, _ = text_to_path.get_text_width_height_descent(text, _font(size, bold), ismath=False)
    return float(width) / 72 * 25.4


def shortened(text: object, width: float, size: float, *, bold: bool = False) -> str:
    """Return a text as `printable`, cut with an ellipsis to at most `width` mm."""
    whole = printable(text)
    if text_width(whole, size, bold=bold) <= width:
        return whole
    lengths = range(1, len(whole))
    # Of the widths, which grow with the number of letters, the first that is too much.
    fits = bisect_right(lengths, width, key=lambda letters: text_width(f"{whole[:letters]}…", size, bold=bold))
    return f"{whole[:fits].rstrip()}…"


def wrapped(text: object, width: float, size: float, *, bold: bool = False, most: int | None = None) -> list[str]:
    """Return a text as lines of at most `width` mm, broken at spaces; what does not fit into `most` lines is cut."""
    lines: list[str] = []
    for word in printable(text).split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold=bold) <= width:
            lines[-1] = longer
        elif len(lines) == most:
            return [*lines[:-1], shortened(longer, width, size, bold=bold)]
        else:
            lines.append(shortened(word, width, size, bold=bold))
    return lines


def _font(size: float, bold: bool) -> font_manager.FontProperties:
    return font_manager.FontProperties(family=FONT, size=size, weight="bold" if bold else "normal")


@cache
def _letters() -> frozenset[int]:
    """Return the code points of the letters of the font."""
    font = font_manager.get_font(font_manager.findfont(FONT))
    return frozenset(font.get_charmap())
