"""Tables of m/z as people save them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msiss.data.mz_list import read_mz_list
from msiss.errors import DataError, MsissWarning


def write(folder, text, encoding="utf-8"):
    path = folder / "list.csv"
    path.write_bytes(text.encode(encoding))
    return path


# Text of a table -> m/z and names in it.
TABLES = {
    "100.5\n200.25\n": ([100.5, 200.25], None),
    "mz,class\n100.5,1\n200.25,2\n": ([100.5, 200.25], None),
    "\ufeffm/z\tName\n100.5\tPC 34:1\n200.25\t\n": ([100.5, 200.25], ("PC 34:1", "200.2500")),
    "Formula;Raw m/z\nC5H9;100,5\nC6H12;200,25\n": ([100.5, 200.25], ("C5H9", "C6H12")),
    'name,mass\n"PC(16:0, 18:1)",100.5\n"a ""b""",200.25\n': ([100.5, 200.25], ("PC(16:0, 18:1)", 'a "b"')),
    "# exported\n\n100.5\r\n\r\n200.25\r\n": ([100.5, 200.25], None),
    "m/z [Th],ppm\n100.5,1\n200.25,2\n": ([100.5, 200.25], None),
    "100.5,peak one\n200.25,peak two\n": ([100.5, 200.25], None),
    "mass,mz\n1,100.5\n2,200.25\n": ([100.5, 200.25], None),
    "200.25\n100.5": ([200.25, 100.5], None),
}


@pytest.mark.parametrize("text", TABLES)
def test_tables(tmp_path, text) -> None:
    found = read_mz_list(write(tmp_path, text))
    assert found.mz.tolist() == TABLES[text][0]
    assert found.names == TABLES[text][1]


@given(st.lists(st.floats(1, 5000), min_size=1, unique=True), st.sampled_from(["", "mz\n"]))
def test_every_digit_is_kept(tmp_path_factory, values, header) -> None:
    path = write(tmp_path_factory.mktemp("list"), header + "\n".join(map(repr, values)))
    np.testing.assert_array_equal(read_mz_list(path).mz, values)


def test_bladder(test_data) -> None:
    found = read_mz_list(test_data / "bladder" / "bladder79_annotations.csv")
    np.testing.assert_allclose(found.mz, np.load(test_data / "bladder" / "bladder79.npz")["mz"])
    assert found.names[1] == "5,7,3',4',5'-Pentahydroxy-3,6,8-trimethoxyflavone"
    assert max(map(len, found.names)) <= 60


def test_old_spreadsheets_write_latin_1(tmp_path) -> None:
    assert read_mz_list(write(tmp_path, "mz;name\n100,5;Säure\n", "latin-1")).names == ("Säure",)


def test_repeated_mz_are_used_once(tmp_path) -> None:
    with pytest.warns(MsissWarning, match="1 m/z are there more than once"):
        found = read_mz_list(write(tmp_path, "mz,name\n100.5,a\n200.25,b\n100.50,c\n"))
    assert found.mz.tolist() == [100.5, 200.25]
    assert found.names == ("a", "b")


REFUSED = {
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
