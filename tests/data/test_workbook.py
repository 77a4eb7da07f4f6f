"""Lists and tables in workbooks of Excel."""

import io
import zipfile
from datetime import datetime
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import xlsxwriter

from msiss.data.findings import DataStop
from msiss.data.formats.tables import load
from msiss.data.known import read_labels
from msiss.data.mz_list import read_mz_list
from msiss.data.workbook import is_workbook, lay_out_sheet
from msiss.errors import DataError, MsissWarning


@pytest.fixture
def save(tmp_path):
    """Return a function that writes sheets, each a list of rows, as a workbook."""

    def saved(name="list.xlsx", **sheets):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title.removeprefix("hidden_"))
            sheet.sheet_state = "hidden" if title.startswith("hidden_") else "visible"
            for row in rows:
                sheet.append(row)
        book.save(tmp_path / name)
        return tmp_path / name

    return saved


LIST = [["#", "m/z", "Name", "Class"], [1, 760.585, "PC 34:1", "PC"], [2, "782,5670", "a\nb", None]]


def test_a_list(save) -> None:
    path = save(Peaks=LIST)
    assert [(ion.mz, ion.name, ion.class_) for ion in read_mz_list(path)] == [
        (760.585, "PC 34:1", "PC"),
        (782.567, "a b", ""),
    ]
    assert read_labels(path, np.array([760.585, 782.567])).tolist() == [0, -1]


def test_every_digit_of_a_number_is_kept(save) -> None:
    values = [760.5850123456789, 1 / 3, 1e-7, 100, 2**53]
    assert [ion.mz for ion in read_mz_list(save(a=[["mz"], *[[value] for value in values]]))] == values


def test_titles_and_other_sheets_are_passed_over(save) -> None:
    notes = [["Notes"], ["Nothing here"]]
    path = save(Notes=notes, hidden_Old=[["mz"], [1.5]], Peaks=[["Table S1: lipids"], [], *LIST])
    assert [ion.mz for ion in read_mz_list(path)] == [760.585, 782.567]


def test_of_several_sheets_with_tables_the_first_is_read_with_a_warning(save) -> None:
    with pytest.warns(MsissWarning, match=r"list\.xlsx: The sheet positive is read, not negative\."):
        assert len(read_mz_list(save(positive=LIST, negative=LIST))) == 2


def test_a_table_of_pixels(save) -> None:
    images, rows = load(save(Pixels=[["x", "y", 700.5, "mz 800.5"], [1, 1, 3.25, 5], [2, 1, None, 6]]))
    assert images.mz.tolist() == [700.5, 800.5]
    assert images.images.tolist() == [[[3.25, 0]], [[5, 6]]]
    assert "sheet" not in {row.check for row in rows}
    wide = [["x", "y", 700.5], [1, 1, 3], [2, 1, 4]]
    _, rows = load(save(a=wide, b=wide))
    assert [(row.level, row.found) for row in rows if row.check == "sheet"] == [
        ("warning", "The sheet a is read, not b.")
    ]


def test_dates_are_no_numbers(save) -> None:
    with pytest.raises(DataError, match=r'Line 2 of list\.xlsx: "date 2026-12-07 00:00:00" is not an m/z'):
        read_mz_list(save(a=[["mz", "name"], [datetime(2026, 12, 7), "a"]]))


def test_the_last_value_of_a_formula_is_read(tmp_path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write("A1", "mz")
        sheet.write_formula("A2", "=700+60.585", None, 760.585)
    assert [ion.mz for ion in read_mz_list(tmp_path / "a.xlsx")] == [760.585]


def test_the_content_decides_not_the_name(save, tmp_path) -> None:
    assert len(read_mz_list(save("list.csv", a=LIST))) == 2
    text = tmp_path / "text.xlsx"
    text.write_text("mz,name\n1.5,a\n", encoding="utf-8")
    assert not is_workbook(text)
    assert [ion.mz for ion in read_mz_list(text)] == [1.5]


def repacked(path: Path, **parts: bytes) -> None:
    """Replace the parts of a workbook whose names end so."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, parts.get(Path(name).stem, data))


SHEET = b"""<?xml version="1.0"?>%s<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
%s</sheetData></worksheet>"""


def test_entities_are_refused(save) -> None:
    path = save(a=LIST)
    cell = b'<row r="1"><c r="A1" t="inlineStr"><is><t>&a;</t></is></c></row>'
    repacked(path, sheet1=SHEET % (b'<!DOCTYPE x [<!ENTITY a "mz">]>', cell))
    with pytest.raises(DataStop, match="The workbook is damaged"):
        read_mz_list(path)


def test_rows_that_no_sheet_has_are_refused(save) -> None:
    path = save(a=LIST)
    repacked(path, sheet1=SHEET % (b"", b'<row r="99999999999"><c r="A1"><v>1</v></c></row>'))
    with pytest.raises(DataStop, match="more rows than Excel allows"):
        read_mz_list(path)


def test_what_unpacks_to_too_much_is_refused(save, monkeypatch) -> None:
    path = save(a=[["mz", "name"], *[[value + 0.5, "a" * 1000] for value in range(500)]])  # one text, 500 times
    monkeypatch.setattr("msiss.data.workbook._MOST", 100_000)
    with pytest.raises(DataStop, match="holds more than 0 MB"):
        lay_out_sheet(path)
    repacked(path, theme1=b" " * 200_000)
    with pytest.raises(DataStop, match="holds more than 0 MB"):
        lay_out_sheet(path)


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        (["content.xml"], r"OpenDocument spreadsheet \(\.ods\)"),
        (["xl/workbook.bin"], r"binary Excel workbook \(\.xlsb\)"),
        (["a.png"], "a zip archive"),
        (["xl/workbook.xml"], "damaged or made by an unusual program"),
    ],
)
def test_other_archives_are_named(tmp_path, parts, kind) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for part in parts:
            archive.writestr(part, b"x")
    (tmp_path / "a.xlsx").write_bytes(data.getvalue())
    with pytest.raises(DataStop, match=rf"a\.xlsx: .*{kind}"):
        lay_out_sheet(tmp_path / "a.xlsx")


def test_a_damaged_workbook_never_ends_in_a_traceback(save) -> None:
    path = save(a=LIST)
    whole = path.read_bytes()
    for place in range(4, len(whole), 61):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :])
        try:
            lay_out_sheet(path)
        except DataError:
            continue
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataStop, match="nor a whole workbook"):
        lay_out_sheet(path)
