"""The one reader of tables: the same file gives the same values, whatever it is read for."""

from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msiss.data.cells import to_csv
from msiss.data.formats.tables import load
from msiss.data.known import read_labels, read_pairs
from msiss.data.mz_list import read_mz_list
from msiss.data.table import read_table
from msiss.errors import DataError, MsissWarning

MZ = np.array([400.125, 500.25, 600.0])
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1"]
ABOVE = {
    "nothing": "",
    "METASPACE": "# Generated at 2025-11-26. For help see https://example.org\n# URL: https://example.org?db=a,b,c\n",
    "SCiLS": "# Exported by SCiLS Lab; Säule 3\n#\n\n",
    "Excel": "sep={}\n",
    "a title": "Table S1. Säuren, in mg/l\n\n",
}
VARIANTS = [
    pytest.param(delimiter, decimal, encoding, above, end, id=f"{name}{decimal} {encoding} {title} {len(end)}")
    for (name, delimiter), decimal, encoding, (title, above), end in product(
        DELIMITERS.items(), ".,", ENCODINGS, ABOVE.items(), ["\n", "\r\n"]
    )
    if not (delimiter == "," and decimal == ",") and (end == "\n" or title == "SCiLS")
]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes rows as a variant of a table."""

    def written(rows: list[list[object]], delimiter: str, decimal: str, encoding: str, above: str, end: str) -> Path:
        lines = [
            delimiter.join(str(cell).replace(".", decimal) if isinstance(cell, float) else str(cell) for cell in row)
            for row in rows
        ]
        path = tmp_path / "table.csv"
        path.write_bytes((above.format(delimiter) + "\n".join(lines) + "\n").replace("\n", end).encode(encoding))
        return path

    return written


@pytest.mark.parametrize(("delimiter", "decimal", "encoding", "above", "end"), VARIANTS)
def test_every_variant_gives_the_same_values_to_all_readers(write, delimiter, decimal, encoding, above, end) -> None:
    how = (delimiter, decimal, encoding, above, end)
    ions = write([["m/z", "lipid class", "Name"], [400.125, "Säure", "PC 34:1"], [500.25, "Öl", ""]], *how)
    assert [(ion.mz, ion.class_, ion.name) for ion in read_mz_list(ions)] == [
        (400.125, "Säure", "PC 34:1"),
        (500.25, "Öl", ""),
    ]
    assert read_labels(ions, MZ).tolist() == [0, 1, -1]
    pairs = write([["mz_i", "mz_j", "kind"], [400.125, 600.0, "Säure"], [500.25, 400.125, ""]], *how)
    assert read_pairs(pairs, MZ).to_dict("list") == {"i": [0, 1], "j": [2, 0], "kind": ["Säure", "pair"]}
    pixels = write([["x", "y", "Ä", "400.125", "mz_500.25"], [1, 1, "ö", 1.5, 0], [2, 1, "ü", 2.5, 3.25]], *how)
    images, _ = load(pixels)
    assert images.images.tolist() == [[[1.5, 2.5]], [[0, 3.25]]]
    assert images.mz.tolist() == [400.125, 500.25]


@pytest.mark.parametrize("mz", ["mz", "m/z", "M/Z", "Mass", "m_z", "MoverZ", "m/z [Th]", "mass (Da)", "mz_calc"])
@pytest.mark.parametrize("kind", ["class", "Lipid Class", "lipid_class", "label", "Main class", "Category"])
def test_every_spelling_of_the_header_is_understood_by_all(tmp_path, mz, kind) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f"{kind},{mz}\nPC,500.25\nTG,400.125\n", encoding="utf-8")
    assert [ion.mz for ion in read_mz_list(path)] == [500.25, 400.125]
    assert read_labels(path, MZ).tolist() == [1, 0, -1]


def test_the_annotations_of_metaspace(tmp_path) -> None:
    path = tmp_path / "annotations.csv"
    header = '"group","datasetName","datasetId","formula","adduct","ion","mz","msm","moleculeNames","moleculeIds"\n'
    row = '"","s","1","C6H12O6","M+Na","C6H12O6+Na+","400.125","0.9","Glucose, Fructose","HMDB1, HMDB2"\n'
    path.write_text(ABOVE["METASPACE"] + header + row, encoding="utf-8")
    (ion,) = read_mz_list(path)
    assert (ion.mz, ion.name, ion.formula, ion.adduct) == (400.125, "Glucose (+1)", "C6H12O6", "M+Na")


@given(
    st.lists(
        st.tuples(
            st.floats(1, 5000),
            *[st.text(st.sampled_from(",;\t|\"'#=+-@ aé1.\n"), max_size=6).map(str.strip)] * 2,
        ),
        min_size=1,
    )
)
def test_what_msiss_writes_comes_back(tmp_path_factory, rows) -> None:
    path = tmp_path_factory.mktemp("table") / "table.csv"
    path.write_bytes(to_csv(pd.DataFrame(rows, columns=["mz", "name", "class"])).encode())
    table = read_table(path)
    places = table.places("mz", "class", "name")
    assert table.numbers(places["mz"]).tolist() == [row[0] for row in rows]
    assert table.texts(places["name"]) == [row[1] for row in rows]
    assert table.texts(places["class"]) == [row[2] for row in rows]


CELLS = {
    "mz;name\n1,5;PC(16:0,18:1)\n": [["1,5", "PC(16:0,18:1)"]],  # the separator is what the header has
    "1,5;PC(16:0,18:1)\n2,5;PC(16:1,18:1)\n": [["1,5", "PC(16:0,18:1)"], ["2,5", "PC(16:1,18:1)"]],
    "1.5,PC; PE\n2.5,PC\n": [["1.5", "PC; PE"], ["2.5", "PC"]],  # a semicolon in the first line only
    "mz,name\n# left out\n1.5,a\n#2.5,b\n": [["1.5", "a"]],
    'name,mz\n"#1",1.5\n': [["#1", "1.5"]],
    'mz,name\n1.5,"a\n# b"\n': [["1.5", "a\n# b"]],
    "mz,name\n1.5,a,\n2.5\n": [["1.5", "a"], ["2.5", ""]],
    "mz;name\n1;1,5;a\n2;2,5;b\n": [["1", "1,5", "a"], ["2", "2,5", "b"]],  # R names the rows
    'mz, name\n1.5, "a, b"\n\n , \n': [["1.5", "a, b"]],
    "mz,name\n1.5,NA\n": [["1.5", "NA"]],
    'sep=;\nmz,x;name\n"1,5";a\n': [["1,5", "a"]],
    "mz,name\n1.5,a\nmz,name\n2.5,b\n": [["1.5", "a"], ["2.5", "b"]],  # two files, one below the other
    "PC,1.5\nPE,2.5\n": [["PC", "1.5"], ["PE", "2.5"]],  # without names of columns
}


@pytest.mark.parametrize("text", CELLS)
def test_cells(tmp_path, text) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    assert [cells for _, cells in read_table(path).rows] == CELLS[text]


def test_lines_are_counted_as_an_editor_counts_them(tmp_path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b'# a\r\n\r\nmz,name\r\n1.5,"a\r\nb"\r\n#\r\n\r\n2.5,c\r\n')
    assert [line for line, _ in read_table(path).rows] == [5, 8]  # a row ends where its last line does
    path.write_bytes(b"# a\n1.5,b\n\n2.5,c\n")
    assert [line for line, _ in read_table(path).rows] == [2, 4]


def test_missing_cells_are_empty_text(tmp_path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("mz,class\n1,NA\n2,NaN\n3,Na\n4,None\n5,\n", encoding="utf-8")
    assert read_table(path).texts(1) == ["", "", "Na", "", ""]


REFUSED = {
    "": r"The table is empty\.",
    "# only\n\n": r"The table is empty\.",
    "mz,class\n1,a\n\n2,b,c\n": r"names 2 columns, but in line 4 a row has 3 cells\. If the decimal sign is a comma",
    "mz;class\n1;a\n2;b;c\n": r"names 2 columns, but in line 3 a row has 3 cells\. Put text that holds",
    "mz,class\n1,a\x00\n": r"not a text file\. Save the table as CSV\.",
    "mz,class\n1," + "a" * 140_000: r"This is not a table: field larger",
    "a," * 20_000 + "\n": "more than 20,000 columns",
}


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
def test_what_is_wrong_is_said(tmp_path, text) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode())
    for reader in (read_mz_list, lambda path: read_labels(path, MZ), lambda path: read_pairs(path, MZ)):
        with pytest.raises(DataError, match=rf"^table\.csv: .*{REFUSED[text]}"):
            reader(path)


def test_a_cell_that_is_no_number_is_named_with_its_line(tmp_path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("# a\nm/z;class\n1,5;a\n12.34,5;b\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"table\.csv, line 4: m/z is not a number \(12\.34,5\)\. Correct"):
        read_labels(path, MZ)
    path.write_text("m/z;class\n1.2345;a\n782,567;b\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"line 3: m/z is not a number \(782,567\)\. It can be read in two ways"):
        read_labels(path, MZ)


@pytest.mark.parametrize(
    ("text", "rows", "notes"),
    [
        ("mz;name\n1,5;a\n\nMeasured in Basel\n* putative;\n", [["1,5", "a"]], "2 lines .*; line 4 is .Measured in"),
        ("name,mz\nLipids,\na,1.5\n", [["a", "1.5"]], "1 line .*; line 2 is .Lipids"),
    ],
)
def test_notes_and_headings_are_left_out_with_a_warning(tmp_path, text, rows, notes) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.warns(MsissWarning, match=rf"table\.csv: {notes}"):
        table = read_table(path)
    assert [cells for _, cells in table.rows] == rows
