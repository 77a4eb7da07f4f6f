"""The encoding of text tables, and what other files are that people take for tables."""

import codecs
from pathlib import Path

from msiss.data.table_rows import refusal

_OTHER_KINDS = {
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook (.xls), or one with a password", "Save it as .xlsx or CSV."),
    b"%PDF": ("a PDF file", "Copy the table into a spreadsheet and save it as CSV."),
    b"{\\rtf": ("a text document (RTF)", "Save the table as CSV."),
    b"<": ("a web page or an XML file", "Open it in a spreadsheet and save it as .xlsx or CSV."),
}


def encoding_of(path: Path, head: bytes) -> str:
    """Return the name of the encoding of a text file for Python, from its content or the beginning of it.

    Raises
    ------
    DataStop
        If it is not text; the message names the kind of the file where it is known.
    """
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    for start, (kind, action) in _OTHER_KINDS.items():
        if head[:200].removeprefix(codecs.BOM_UTF8).lstrip().startswith(start):
            raise refusal(path, f"This is {kind}, not a text file.", action)
    half = max(1, len(head[:2000]) // 2)
    for place, encoding in enumerate(("utf-16-be", "utf-16-le")):  # without a mark: many of every other byte are 0
        if head[place:2000:2].count(0) > 0.3 * half and head[1 - place : 2000 : 2].count(0) == 0:
            return encoding
    if b"\0" in head:
        raise refusal(path, "This is not a text file.", "Save the table as CSV.")
    try:
        codecs.getincrementaldecoder("utf-8-sig")().decode(head)
    except UnicodeDecodeError:  # of older spreadsheet programs
        return "mac-roman" if b"\r" in head and b"\n" not in head else "cp1252"
    return "utf-8-sig"
