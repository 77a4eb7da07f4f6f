"""Figures for print as files."""

import io
from collections.abc import Iterable

from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from msiss.errors import SettingError
from msiss.show.print.page import DPI
from msiss.show.print.style import FONT, drawing

FORMATS = ("png", "svg", "pdf")
# Other programs lay out the text of an SVG file themselves. Verdana, on Windows and macOS, is as wide as DejaVu Sans.
FALLBACKS = f"'{FONT}', Verdana, sans-serif"
# No dates and no versions, so that the same figure is the same file.
ABOUT: dict[str, dict[str, str | None]] = {
    "png": {"Software": "msiss"},
    "svg": {"Date": None, "Creator": "msiss", "Format": None, "Type": None},
    "pdf": {"CreationDate": None, "Creator": "msiss", "Producer": None},
}


def save(pages: Figure | Iterable[Figure], kind: str, *, dpi: int = DPI) -> bytes:
    """Return a figure as a file.

    Parameters
    ----------
    pages : Figure or iterable of Figure
        PDF files have a page for each, which may be drawn one after the other; PNG and SVG files hold one figure.
    kind : {"png", "svg", "pdf"}
        Text is text in SVG and PDF files, whose fonts are embedded in PDF files.
    dpi : int
        Resolution of PNG files, and of the pixels of ion images in the others.

    Raises
    ------
    SettingError
        If there is no such format, or a figure of several pages is asked for as one PNG or SVG file.
    """
    if kind not in FORMATS:
        raise SettingError(f"A figure cannot be saved as {kind}. Choose one of {', '.join(FORMATS)}.")
    figures = [pages] if isinstance(pages, Figure) else pages
    file = io.BytesIO()
    if kind == "pdf":
        with drawing():  # what the file is like is settled where it is opened
            document = PdfPages(file, metadata=ABOUT["pdf"])
        for figure in figures:
            with drawing():
                document.savefig(figure, dpi=dpi)
        with drawing():
            document.close()
    else:
        only, *more = figures
        if more:
            raise SettingError(f"This figure has {1 + len(more)} pages, which only a PDF file can hold. Choose pdf.")
        with drawing():
            only.savefig(file, format=kind, dpi=dpi, metadata=ABOUT[kind])
    content = file.getvalue()
    return content.replace(f"'{FONT}'".encode(), FALLBACKS.encode()) if kind == "svg" else content
