"""Workbooks, read as another program reads them."""

import openpyxl
import pytest

from msiss.runs.decisions import Named, Noted
from msiss.runs.grouping import decide, grouping
from msiss.runs.store import Run
from msiss.share.material import gather
from msiss.share.xlsx import write


@pytest.fixture
def book(finished_run: Run, tmp_path):
    decide(grouping(finished_run), Named(cluster=0, name='=HYPERLINK("http://example.org")', who="@me"))
    decide(grouping(finished_run), Noted(cluster=0, note="http://example.org 12"))
    write(gather(finished_run), tmp_path / "clusters.xlsx")
    return openpyxl.load_workbook(tmp_path / "clusters.xlsx")


def rows(sheet) -> list[dict]:
    names, *values = sheet.values
    return [dict(zip(names, row, strict=True)) for row in values]


def test_every_sheet_has_what_the_tables_have(book, finished_run: Run) -> None:
    assert book.sheetnames == ["Ions", "Clusters", "Settings", "Decisions", "Data"]
    table = gather(finished_run).table
    ions = rows(book["Ions"])
    assert [row["cluster"] for row in ions] == table["cluster"].tolist()
    assert [row["mz"] for row in ions] == pytest.approx(table["mz"].tolist(), rel=1e-15)
    assert [row["by_hand"] for row in ions] == [False] * 12
    assert [row["ions"] for row in rows(book["Clusters"])] == [5, 4, 3]
    told = {row["setting"]: row["value"] for row in rows(book["Settings"])}
    assert told["config.contrastive.epochs"] == finished_run.config.contrastive.epochs
    assert told["dataset"] == "small"
    assert [row["what"] for row in rows(book["Decisions"])] == ["name", "note"]


def test_no_text_is_a_formula_a_link_or_a_number(book) -> None:
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "b"}
    assert all(cell.hyperlink is None for cell in cells)
    first = rows(book["Clusters"])[0]
    assert first["name"] == '\'=HYPERLINK("http://example.org")'
    assert first["note"] == "http://example.org 12"
    assert rows(book["Decisions"])[0]["who"] == "'@me"


def test_unknown_numbers_are_empty_cells(finished_run: Run, tmp_path) -> None:
    write(gather(finished_run, "bands", 2, ions=[4, 1]), tmp_path / "few.xlsx")
    ions = rows(openpyxl.load_workbook(tmp_path / "few.xlsx")["Ions"])
    assert [row["ion"] for row in ions] == [4, 1]
    assert [row["confidence"] for row in ions] == [None, None]


def test_equal_content_gives_equal_bytes(finished_run: Run, tmp_path) -> None:
    for name in "ab":
        write(gather(finished_run), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
