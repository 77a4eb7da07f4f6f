"""Workbooks of Excel as text tables, so that whatever reads those reads workbooks.

Numbers are those that Excel computed last, with all digits. Neither macros nor links to other files are followed, and
XML entities are refused.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from msiss.data.findings import DataStop
from msiss.data.table_layout import Layout, lay_out_text
from msiss.data.table_rows import refusal

_SIGNATURE = b"PK\x03\x04"  # of a zip archive
_MOST_ROWS = 1_048_576  # of a sheet in Excel
# Bytes that are unpacked, and characters of the text that is made of them; cells share texts, which may be repeated.
_MOST = 512 * 10**6
_WORKBOOK = "xl/workbook.xml"
_OTHER_KINDS = {
    "content.xml": "an OpenDocument spreadsheet (.ods)",
    "xl/workbook.bin": "a binary Excel workbook (.xlsb)",
    "Index/Document.iwa": "a spreadsheet of Numbers",
}
_SAVE_AS = "Open it in a spreadsheet and save it as .xlsx or CSV."


def is_workbook(path: Path) -> bool:
    """Return whether a file may be a workbook, which is a zip archive, whatever its name is."""
    with path.open("rb") as file:
        return file.read(len(_SIGNATURE)) == _SIGNATURE


def lay_out_sheet(path: Path) -> Layout:
    """Return the layout of the first visible sheet with a table whose columns have known names, else the first table.

    Raises
    ------
    DataStop
        If the file is no workbook, is damaged, is too large, or has no table.
    """
    found, stops = dict[str, Layout](), list[DataStop]()
    for title, text in _sheets(path):
        try:
            found[title] = replace(lay_out_text(path, text), text=text)
        except DataStop as stop:
            stops.append(stop)
    if not found:
        raise stops[0] if stops else refusal(path, "The workbook has no visible sheet.", "Show the sheet of the table.")
    used, *others = [title for title, layout in found.items() if layout.is_named] or list(found)
    sheet = f"The sheet {used} is read, not {', '.join(others)[:200]}." if others else ""
    return replace(found[used], sheet=sheet)


def _sheets(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the title of each visible sheet and its cells as text, one line per row, separated by tabs.

    Raises
    ------
    DataStop
        If the file is no workbook, is damaged, or is too large.
    """
    import openpyxl  # slow
    from openpyxl.xml import DEFUSEDXML

    if not DEFUSEDXML:
        raise RuntimeError("openpyxl expands XML entities without defusedxml")
    try:
        _check(path)
        with path.open("rb") as file:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            left = _MOST
            for sheet in book.worksheets:
                if sheet.sheet_state == "visible":
                    text = _text(path, sheet, left)
                    left -= len(text)
                    yield sheet.title, text
    except zipfile.BadZipFile as error:
        raise refusal(path, "This is not a text file, nor a whole workbook.", "Copy or save it again.") from error
    except Exception as error:  # openpyxl and zipfile raise whatever their parsers meet in damaged files
        if isinstance(error, DataStop | MemoryError) or (isinstance(error, OSError) and error.errno):
            raise
        raise refusal(path, "The workbook is damaged or made by an unusual program.", _SAVE_AS) from error


def _check(path: Path) -> None:
    """Refuse what is no workbook, and what would unpack to more than `_MOST`."""
    with zipfile.ZipFile(path) as archive:
        sizes = {part.filename: part.file_size for part in archive.infolist()}
    if _WORKBOOK not in sizes:
        known = (kind for name, kind in _OTHER_KINDS.items() if name in sizes)
        raise refusal(path, f"This is {next(known, 'a zip archive')}, not a text file.", _SAVE_AS)
    if sum(sizes.values()) > _MOST:
        raise _too_large(path)


def _too_large(path: Path) -> DataStop:
    return refusal(path, f"The workbook holds more than {_MOST // 10**6} MB.", "Save the sheet with the table as CSV.")


def _text(path: Path, sheet: Any, most: int) -> str:
    """Return the cells of a sheet as text of at most about `most` characters."""
    sheet.reset_dimensions()  # some programs write wrong ones
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_ALL)
    for line, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        if line > _MOST_ROWS:
            raise refusal(path, f"The sheet {sheet.title} has more rows than Excel allows.", _SAVE_AS)
        cells = [_cell(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        writer.writerow(cells)
        if text.tell() > most:
            raise _too_large(path)
    return text.getvalue()


def _cell(value: object) -> str:
    """Return a cell as text on one line."""
    if value is None:
        return ""
    if isinstance(value, datetime | date | time | timedelta):
        return f"date {value}"  # no number: a spreadsheet makes dates of numbers such as 7.12
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        text = repr(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
        return f"{text}0" if text[-4:-3] == "." else text  # with three digits, the point might group thousands
    return " ".join(str(value).split())
