"""Escaping of text in the cells of exported tables, against formulas in spreadsheets.

A spreadsheet interprets a cell that begins with certain characters as a formula, which may send the content of the
table elsewhere (OWASP, "CSV Injection"), and names of ions come from untrusted files. A leading apostrophe makes such
cells text. Adducts such as "+H" begin in this way, too, so msiss removes the apostrophe when it reads a table.
"""

import re

import pandas as pd

# Also after leading characters that spreadsheets ignore, and for full-width characters.
_FORMULA = re.compile(r"[ ']*[=+\-@＝＋－＠\t\r\n]")


def escaped(text: str) -> str:
    """Return a text in a form that no spreadsheet interprets as a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescaped(cell: str) -> str:
    """Return the text of a cell that `escaped` returned; other cells are unchanged."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def to_csv(table: pd.DataFrame) -> str:
    """Return a table as CSV with escaped text; numbers are unchanged."""
    safe = table.copy()
    for name in safe.select_dtypes(["object", "string"]):
        safe[name] = [escaped(cell) if isinstance(cell, str) else cell for cell in safe[name]]
    return safe.rename(columns=escaped).to_csv(index=False, lineterminator="\n")
