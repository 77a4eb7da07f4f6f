"""Tables of m/z as people save them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msiss.data.mz_list import read_mz_list
from msiss.data.recipe import ListedIon
from msiss.errors import DataError, MsissWarning


def write(folder, text, encoding="utf-8"):
    path = folder / "list.csv"
    path.write_bytes(text.encode(encoding))
    return path


# Text of a table -> m/z and names in it.
TABLES = {
    "100.5\n200.25\n": ([100.5, 200.25], None),
    "mz,class\n100.5,1\n200.25,2\n": ([100.5, 200.25], None),
    "\ufeffm/z\tName\n100.5\tPC 34:1\n200.25\t\n": ([100.5, 200.25], ("PC 34:1", "")),
    "Formula;Raw m/z\nC5H9;100,5\nC6H12;200,25\n": ([100.5, 200.25], ("C5H9", "C6H12")),
    'name,mass\n"PC(16:0, 18:1)",100.5\n"a ""b""",200.25\n': ([100.5, 200.25], ("PC(16:0, 18:1)", 'a "b"')),
    "# exported\n\n100.5\r\n\r\n200.25\r\n": ([100.5, 200.25], None),
    "m/z [Th],ppm\n100.5,1\n200.25,2\n": ([100.5, 200.25], None),
    "mass,mz\n1,100.5\n2,200.25\n": ([100.5, 200.25], None),
    "200.25\n100.5": ([200.25, 100.5], None),
    "Verbindung;m/z gemessen;Intensität\nPC;100,5;3\nPE;200,25;4\n": ([100.5, 200.25], ("PC", "PE")),
    "Composé;Formule brute;m/z théorique\nPC;C;100,5\nPE;C;200,25\n": ([100.5, 200.25], ("PC", "PE")),
    "m/z mesuré;Nom du composé\n100,5;PC\n200,25;PE\n": ([100.5, 200.25], ("PC", "PE")),
    "Rapport m/z;Nom\n100,5;PC\n200,25;PE\n": ([100.5, 200.25], ("PC", "PE")),
    "gemessene Masse [m/z];Name der Verbindung\n100,5;PC\n200,25;PE\n": ([100.5, 200.25], ("PC", "PE")),
    "m/z (±5 ppm),Name\n100.5,PC\n200.25,PE\n": ([100.5, 200.25], ("PC", "PE")),
    "m/z misurato;Nome\n100,5;PC\n200,25;PE\n": ([100.5, 200.25], ("PC", "PE")),
    "名称,质荷比\nPC,100.5\nPE,200.25\n": ([100.5, 200.25], ("PC", "PE")),
    '"mz" "name"\n"1" 100.5 "PC(16:0, 18:1)"\n"2" 200.25 "b"\n': ([100.5, 200.25], ("PC(16:0, 18:1)", "b")),
    "# index mz\n1 100.5\n2 200.25\n": ([100.5, 200.25], None),
    "#,m/z,Name\n1,100.5,a\n2,200.25,b\n": ([100.5, 200.25], ("a", "b")),
    "Table S1: lipids, with m/z\n\nName,m/z\na,100.5\nb,200.25\n": ([100.5, 200.25], ("a", "b")),
    'mz,name\n"1,100.5",a\n"1,200.25 ± 0.01",b\n': ([1100.5, 1200.25], ("a", "b")),
}


@pytest.mark.parametrize("text", TABLES)
def test_tables(tmp_path, text) -> None:
    found = read_mz_list(write(tmp_path, text))
    mz, names = TABLES[text]
    assert [ion.mz for ion in found] == mz
    assert tuple(ion.name for ion in found) == (names or ("",) * len(mz))


@given(st.lists(st.floats(1, 5000), min_size=1, unique=True), st.sampled_from(["", "mz\n"]))
def test_every_digit_is_kept(tmp_path_factory, values, header) -> None:
    path = write(tmp_path_factory.mktemp("list"), header + "\n".join(map(repr, values)))
    assert [ion.mz for ion in read_mz_list(path)] == values


def test_bladder(test_data) -> None:
    found = read_mz_list(test_data / "bladder" / "bladder79_annotations.csv")
    np.testing.assert_allclose([ion.mz for ion in found], np.load(test_data / "bladder" / "bladder79.npz")["mz"])
    assert found[0].name == "Laurenenyne A (+2)"
    assert found[1].name == "5,7,3',4',5'-Pentahydroxy-3,6,8-trimethoxyflavone"
    assert (found[1].formula, found[1].adduct, found[1].class_) == ("C18H16O10", "M+K", "")
    assert max(len(ion.name) for ion in found) <= 70


def test_old_spreadsheets_write_latin_1(tmp_path) -> None:
    assert read_mz_list(write(tmp_path, "mz;name\n100,5;Säure\n", "latin-1"))[0].name == "Säure"


def test_repeated_mz_are_used_once(tmp_path) -> None:
    with pytest.warns(MsissWarning, match="1 m/z are there more than once"):
        found = read_mz_list(write(tmp_path, "mz,name\n100.5,a\n200.25,b\n100.50,c\n"))
    assert [(ion.mz, ion.name) for ion in found] == [(100.5, "a"), (200.25, "b")]


def test_ranges_and_windows_stand_for_their_middle(tmp_path) -> None:
    with pytest.warns(MsissWarning, match=r"of ranges of m/z, such as 760\.58-760\.59, the middle is used"):
        assert [ion.mz for ion in read_mz_list(write(tmp_path, "mz\n760.58-760.59\n"))] == [760.585]
    assert [ion.mz for ion in read_mz_list(write(tmp_path, "m/z min,m/z max\n760.5,761.5\n"))] == [761]


def test_ions_of_one_m_z_differ_in_their_mobility(tmp_path) -> None:
    text = "m/z;Name;1/K0;Interval Width (+/- 1/K0)\n760,5;a;1,5;0,25\n760,5;b;2,5;0,25\n760,5;c;2,5;0,25\n"
    with pytest.warns(MsissWarning, match="1 m/z are there more than once"):
        found = read_mz_list(write(tmp_path, text))
    assert [(ion.name, ion.mobility) for ion in found] == [("a", (1.25, 1.75)), ("b", (2.25, 2.75))]


def test_the_adduct_in_the_name_of_a_column(tmp_path) -> None:
    with pytest.warns(MsissWarning, match=r"taken from the column \[M\+H\]\+, and mass holds masses of neutral"):
        (ion,) = read_mz_list(write(tmp_path, "name,mass,[M+H]+\nPC,759.5777,760.585\n"))
    assert (ion.mz, ion.adduct, ion.name) == (760.585, "[M+H]+", "PC")


METASPACE = "formula,adduct,mz,moleculeNames,moleculeIds\nC1,M+H,760.585,{}\n"


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        ('"Glucose, Fructose, Mannose","a, b, c"', "Glucose (+2)"),
        ('"PC(16:0, 18:1), 1,2-DG","a, b"', "PC(16:0, 18:1) (+1)"),
        ('"Cholestane, 3-oxo",a', "Cholestane, 3-oxo"),
        ("\"['Glucose', 'Fructose']\",\"['a', 'b']\"", "Glucose (+1)"),  # by its client in Python
    ],
)
def test_several_molecules_of_metaspace(tmp_path, cells, name) -> None:
    assert [ion.name for ion in read_mz_list(write(tmp_path, METASPACE.format(cells)))] == [name]


def test_all_that_is_known_is_read(tmp_path) -> None:
    (ion,) = read_mz_list(write(tmp_path, "m/z;Formula;Adduct;Class\n760,5851;C42H82NO8P;[M+H]+;PC\n"))
    assert ion == ListedIon(mz=760.5851, name="C42H82NO8P [M+H]+", formula="C42H82NO8P", adduct="[M+H]+", class_="PC")


# Lists whose columns have no names: what is known of the first ion, and a part of what is said.
NAMELESS = {
    "760.585,PC 34:1\n782.567,PC 36:4\n": ({"name": "PC 34:1"}, "PC 34:1 as name"),
    "PC 34:1;760,585\nPC 36:4;782,567\n": ({"name": "PC 34:1"}, "PC 34:1 as name"),
    '"1" 760.585 "Heme"\n"2" 782.567 "Urea"\n': ({"name": "Heme"}, "Heme as name"),
    "760.585 Heme\n782.567 Urea\n": ({"name": "Heme"}, "Heme as name"),
    "1\t760.585\tPC 34:1\n2\t782.567\t\n": ({"name": "PC 34:1"}, "PC 34:1 as name"),
    "760.585,C42H82NO8P,M+H,PC 34:1\n782.567,C44H80NO8P,M+H,PC 36:4\n": (
        {"name": "PC 34:1", "formula": "C42H82NO8P", "adduct": "M+H"},
        "C42H82NO8P as formula, M\\+H as adduct, PC 34:1 as name",
    ),
    "760.585,C42H82NO8P,+Na\n782.567,C44H80NO8P,+K\n": (
        {"name": "C42H82NO8P +Na", "formula": "C42H82NO8P", "adduct": "+Na"},
        "C42H82NO8P as formula",
    ),
    "My lipids\n760.585\n782.567\n": ({}, 'line 1 is "My lipids"'),
    "My lipids, set 2\n\n760.585\n782.567\n": ({}, 'line 1 is "My lipids set 2"'),
    "My lipids\n760.585,PC 34:1\n782.567,PC 36:4\n": ({"name": "PC 34:1"}, "PC 34:1 as name"),
}


@pytest.mark.parametrize("text", NAMELESS)
def test_columns_without_names_are_known_by_their_content(tmp_path, text) -> None:
    (tmp_path / "list.csv").write_text(text)
    known, said = NAMELESS[text]
    with pytest.warns(MsissWarning, match=said):
        ions = read_mz_list(tmp_path / "list.csv")
    assert [ion.mz for ion in ions] == [760.585, 782.567]
    assert ions[0] == ListedIon(mz=760.585, **known)


def test_a_text_that_repeats_is_no_name(tmp_path) -> None:
    text = "m/z 760.585\nm/z 782.567\nm/z 800.5\n"
    assert [(ion.mz, ion.name) for ion in read_mz_list(write(tmp_path, text))] == [
        (760.585, ""),
        (782.567, ""),
        (800.5, ""),
    ]


REFUSED = {
    "name,monisotopic_molecular_weight\nPC,759.57\n": "holds masses of neutral molecules",
    "": "is empty",
    "\n  \n": "is empty",
    "mz\n": "no m/z below it",
    "a,b\n1.5,2\n": "no column of m/z; its columns are a, b",
    "100.5\nabc\n": 'Line 2 of list.csv: "abc" is not an m/z',
    "mz,name\n100.5,a\n,b\n": 'Line 3 of list.csv: "" is not an m/z',
    "mz\n-5\n": '"-5" is not an m/z',
    "mz\n100.5\nnan\n": '"nan" is not an m/z',
    "mz\n100.5\n1e999\n": '"1e999" is not an m/z',
    "123,45\n678,9\n": "decimal comma or two columns",
    "PK\x03\x04\0\0": "not a text file",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_list_is_refused_with_the_line(tmp_path, text) -> None:
    with pytest.raises(DataError, match=REFUSED[text]):
        read_mz_list(write(tmp_path, text))


def test_a_missing_file(tmp_path) -> None:
    with pytest.raises(DataError, match=r"none\.csv cannot be opened"):
        read_mz_list(tmp_path / "none.csv")
