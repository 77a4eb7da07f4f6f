"""Text in the cells of tables that are taken away, and may come back.

A spreadsheet takes a cell that begins with certain signs for a formula, which can send what is in the table elsewhere
(OWASP, "CSV Injection"), and names of ions come from files that anybody may have written. An apostrophe before them
makes them text. Adducts such as "+H" begin so, too, so msiss takes it off again where it reads a table.
"""

import re

import pandas as pd

# What may stand before such a sign is seen through; full-width signs count as well.
_FORMULA = re.compile(r"[ ']*[=+\-@＝＋－＠\t\r\n]")


def harmless(text: str) -> str:
    """Return a text as no spreadsheet takes it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def as_meant(cell: str) -> str:
    """Return the text that `harmless` has made a cell of; any other cell as it is."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def to_csv(table: pd.DataFrame) -> str:
    """Return a table as CSV with harmless text; numbers stay as they are."""
    safe = table.copy()
    for name in safe.select_dtypes(["object", "string"]):
        safe[name] = [harmless(cell) if isinstance(cell, str) else cell for cell in safe[name]]
    return safe.rename(columns=harmless).to_csv(index=False, lineterminator="\n")
