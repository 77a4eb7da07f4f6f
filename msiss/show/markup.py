"""HTML for notebooks: small tables and rows of images, with all texts escaped."""

import unicodedata
from collections.abc import Iterable, Sequence
from html import escape

STYLE = "display:inline-block;margin:0 8px 8px 0;vertical-align:top;text-align:center;font-size:85%"


def literal(text: object) -> str:
    """Return HTML that shows a text verbatim, in one line.

    Plotly interprets texts as HTML, including links, so all texts from files must be escaped. Control characters, among
    them those that change the writing direction, become spaces.
    """
    return escape(one_line(text))


def one_line(text: object) -> str:
    """Return a text with spaces instead of control characters and line breaks."""
    return "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in str(text))


def table(rows: Iterable[Sequence[object]], *, head: Sequence[object] = ()) -> str:
    """Return an HTML table of texts.

    Parameters
    ----------
    rows : iterable of sequences
        The cells of each row.
    head : sequence, optional
        The titles of the columns.
    """
    titles = f"<thead><tr>{_cells(head, 'th')}</tr></thead>" if head else ""
    body = "".join(f"<tr>{_cells(row, 'td')}</tr>" for row in rows)
    return f"<table>{titles}<tbody>{body}</tbody></table>"


def pictures(addresses: Sequence[str], captions: Sequence[Sequence[str]], *, width: int) -> str:
    """Return a row of images.

    Parameters
    ----------
    addresses : sequence of str
        Addresses of the images, such as from `msiss.show.thumbnails.data_uri`.
    captions : sequence of sequences of str
        The lines of the caption of each image.
    width : int
        Width of an image in screen pixels.
    """
    shown = []
    for address, lines in zip(addresses, captions, strict=True):
        about = "<br>".join(map(literal, lines))
        shown.append(
            f'<figure style="{STYLE};max-width:{width}px"><img src="{escape(address)}" width="{width}" '
            f'alt="{literal(" ".join(lines))}"><figcaption>{about}</figcaption></figure>'
        )
    return f"<div>{''.join(shown)}</div>"


def paragraph(text: object, *, bold: bool = False) -> str:
    """Return a text as a paragraph."""
    shown = literal(text)
    return f"<p><b>{shown}</b></p>" if bold else f"<p>{shown}</p>"


def _cells(texts: Sequence[object], tag: str) -> str:
    return "".join(f'<{tag} style="text-align:left">{literal(text)}</{tag}>' for text in texts)
