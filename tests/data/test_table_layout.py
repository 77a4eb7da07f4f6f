"""The layout of text tables: titles, names of columns, and signs in numbers."""

from pathlib import Path

import pytest

from msiss.data.findings import DataStop
from msiss.data.table_layout import lay_out, lay_out_text, rows_below

PATH = Path("a.csv")


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        ("x;label;700.5\n1;a, b;3.5\n", "."),  # a comma in words
        ("x;700.5\n" + "1;0\n" * 30 + "1;2,5\n", ","),  # far below an empty margin
        ("x;700.5\n1;-2,5e3\n", ","),
        ("x,700.5\n1,2\n", "."),
    ],
)
def test_the_decimal_sign(text, decimal) -> None:
    assert lay_out(Path("a"), text.encode()).decimal == decimal


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ('x,700.5\n1,"1,234.5"\n', (".", ",")),
        ("x;700,5\n1;1.234,5\n", (",", ".")),
        ("x;700.5\n1;1,234.5\n", (".", ",")),
        ("x;700,5\n1;1,234\n", (",", "")),
        ("x,700.5\n1,2\n", (".", "")),
    ],
)
def test_the_sign_between_thousands(text, signs) -> None:
    layout = lay_out_text(PATH, text)
    assert (layout.decimal, layout.thousands) == signs


# Text -> number of lines above the first row, names of the columns, and the first row.
HEADERS = {
    "mz,name\n1.5,a\n": (1, ["mz", "name"], ["1.5", "a"]),
    "\n\nmz,name\n1.5,a\n": (3, ["mz", "name"], ["1.5", "a"]),
    "Table S1: m/z, and names\n\nmz,name\n1.5,a\n": (3, ["mz", "name"], ["1.5", "a"]),
    "A title;;\n;;\nm/z;Name;\n1,5;a;\n": (3, ["m/z", "Name", ""], ["1,5", "a", ""]),
    "A title\nclass,cluster\na,1\n": (2, ["class", "cluster"], ["a", "1"]),  # names that tell nothing
    "% of MATLAB\nmz,name\n1.5,a\n": (2, ["mz", "name"], ["1.5", "a"]),
    "// by me, now\n! and again\nmz,name\n1.5,a\n": (3, ["mz", "name"], ["1.5", "a"]),
    "# mz,name\n1.5,a\n": (1, ["mz", "name"], ["1.5", "a"]),  # NumPy
    "# a\n# name mz\nb 1.5\n": (2, ["name", "mz"], ["b", "1.5"]),
    "#,mz,name\n1,1.5,a\n": (1, ["", "mz", "name"], ["1", "1.5", "a"]),
    "# by me\n1.5,a\n": (2, ["1.5", "a"], []),
    '"mz" "name"\n"1" 1.5 "a b"\n': (1, ["", "mz", "name"], ["1", "1.5", "a b"]),  # R
    '"mz"\n"1" 1.5\n': (1, ["", "mz"], ["1", "1.5"]),
    "     mz name\n1   1.5    a\n2 12.5   b\n": (1, ["", "mz", "name"], ["1", "1.5", "a"]),
    '"mz","name"\n"17",1.5,"a"\n': (1, ["", "mz", "name"], ["17", "1.5", "a"]),
    "mz,name\n1,5,a\n2,5,b\n": (1, ["mz", "name"], ["1", "5", "a"]),  # decimal commas, refused later
    "mz\n1.5;12000\n": (1, ["mz", ""], ["1.5", "12000"]),  # no names of rows
    "m/z;name\n1,5;a\nnote\n": (1, ["m/z", "name"], ["1,5", "a"]),
    "mz;name\n1;1,5;a\n2;2,5;b\nnote\n": (1, ["", "mz", "name"], ["1", "1,5", "a"]),
    "m/z\tlong name\n1.5\tPC 34:1\n": (1, ["m/z", "long name"], ["1.5", "PC 34:1"]),
}


@pytest.mark.parametrize("text", HEADERS)
def test_the_names_of_the_columns(text) -> None:
    layout = lay_out_text(PATH, text)
    skip, header, row = HEADERS[text]
    assert (layout.skip, layout.header) == (skip, header)
    assert [cells for _, cells in layout.sample[:1]] == ([row] if row else [])


def test_rows_below(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"title\r\nmz,name\r\n1.5,a\r\n\r\n2.5,b\r\n")
    assert list(rows_below(lay_out(path, path.read_bytes()))) == [(3, ["1.5", "a"]), (5, ["2.5", "b"])]


def test_a_part_of_a_line_is_no_table() -> None:
    with pytest.raises(DataStop, match="does not end"):
        lay_out(PATH, b"x,y,700.5", whole=False)
