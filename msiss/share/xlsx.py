"""The clusters as a workbook of Excel, with one sheet each for ions, clusters, settings, decisions and the data."""

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from msiss.data.cells import escaped
from msiss.data.progress import Progress, ignore
from msiss.share.material import Material
from msiss.share.tables import data_table, decisions_table, settings, summary_table

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

LONGEST_CELL = 32_767  # characters, the limit of Excel
WIDTHS = {"name": 34, "cluster_name": 22, "note": 44, "details": 60, "value": 60, "setting": 34, "when": 28, "text": 60}
WIDTH = 14  # of other columns, in characters
# Text stays text: no formula, no link, no number is made of a name.
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}


def write(material: Material, path: Path, *, progress: Progress = ignore) -> None:  # noqa: ARG001
    """Write a workbook with the sheets Ions, Clusters, Settings, Decisions and Data.

    Cells that a spreadsheet might take for a formula begin with an apostrophe as in the CSV files, see
    `msiss.data.cells`, so that they are harmless also after they were saved as CSV.
    """
    from xlsxwriter.workbook import Workbook

    flat = pd.DataFrame(_flat(settings(material)), columns=["setting", "value"])
    with Workbook(str(path), OPTIONS) as book:
        # Equal content gives equal bytes.
        book.set_properties({"created": datetime.datetime.fromtimestamp(0, tz=datetime.UTC).replace(tzinfo=None)})
        _sheet(book, "Ions", material.table)
        _sheet(book, "Clusters", summary_table(material))
        _sheet(book, "Settings", flat)
        _sheet(book, "Decisions", decisions_table(material))
        _sheet(book, "Data", data_table(material))


def _sheet(book: "Workbook", name: str, table: pd.DataFrame) -> None:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True})
    for column, title in enumerate(table):
        sheet.set_column(column, column, WIDTHS.get(str(title), WIDTH))
    _row(sheet, 0, list(table), bold)
    columns = [table[title].tolist() for title in table]
    for number, row in enumerate(zip(*columns, strict=True), start=1):
        _row(sheet, number, row, None)
    sheet.freeze_panes(1, 0)
    if len(table):
        sheet.autofilter(0, 0, len(table), len(columns) - 1)


def _row(sheet: Any, number: int, row: Sequence[Any], form: Any) -> None:
    for column, value in enumerate(row):
        if isinstance(value, bool):
            sheet.write_boolean(number, column, value, form)
        elif isinstance(value, int | float):
            if np.isfinite(value):  # an empty cell otherwise
                sheet.write_number(number, column, value, form)
        elif value is not None:
            sheet.write_string(number, column, escaped(str(value))[:LONGEST_CELL], form)


def _flat(values: Any, name: str = "") -> Iterable[tuple[str, Any]]:
    """Yield dotted names and values of nested settings."""
    if isinstance(values, dict):
        for key, value in values.items():
            yield from _flat(value, f"{name}.{key}".lstrip("."))
    elif isinstance(values, list):
        yield name, ", ".join(map(str, values))
    else:
        yield name, values
