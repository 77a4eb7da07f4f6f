"""Which column of a list holds the m/z."""

import re
import warnings

import pytest

from msiss.data.mz_columns import find_mz
from msiss.data.table import read_table
from msiss.errors import DataError


@pytest.fixture
def find(tmp_path):
    """Return a function that writes a list and returns its columns of m/z, their adduct, and what is warned."""

    def found(text):
        path = tmp_path / "list.csv"
        path.write_text(text, encoding="utf-8")
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            columns = find_mz(read_table(path))
        return columns.places, columns.adduct, " ".join(str(one.message) for one in warned)

    return found


# Text -> columns, adduct, and part of the warning.
FOUND = {
    "name,mz,mass\na,1.5,0.5\n": ((1,), "", ""),
    "M+H,mz\n2.5,1.5\n": ((1,), "", ""),
    "obs. m/z,m/z +/- ppm\n1.5,3\n": ((0,), "", ""),
    "m/z measured,m/z theoretical\n760.585,760.586\n": ((1,), "", "m/z theoretical, not from m/z measured"),
    "mz,mz_calc\n760.585,700\n": ((0,), "", ""),  # a person named it
    "name,exact mass,[M+H]+\na,1.5,2.5\n": ((2,), "[M+H]+", r"\[M\+H\]\+, and exact mass holds masses of neutral"),
    "name,M+H,M+Na\na,1.5,\n": ((1,), "M+H", "from the column M"),  # the other is empty
    "m/z min,m/z max\n1.5,2.5\n": ((0, 1), "", ""),
    "mz_start,name,mz_end\n1.5,a,2.5\n": ((0, 2), "", ""),
    "mass,name\n1.5,a\n": ((0,), "", ""),
    "mass,formula\n1.5,C\n": ((0,), "", "is taken as m/z of the ions. If it holds masses of neutral"),
    "mz_lockmass,name\n1.5,a\n": ((0,), "", ""),
    "Name\tSelected m/z\na\t1.5\n": ((1,), "", ""),
    "1.5\n2.5\n": ((0,), "", ""),
    "1;760.5;PC\n2;782.5;PE\n": ((1,), "", ""),  # the rows are numbered
    "1;760.5\n": ((1,), "", ""),
    "PC,760.5\nPE,782.5\n": ((1,), "", ""),
}  # fmt: skip


@pytest.mark.parametrize("text", FOUND)
def test_what_is_found(find, text) -> None:
    places, adduct, warned = find(text)
    assert (places, adduct) == FOUND[text][:2]
    assert re.search(FOUND[text][2] or "^$", warned)


REFUSED = {
    "compound,mass,M+H,[M+Na]+\na,399.1,400.125,422.1\n": (
        r"m/z for each adduct: M\+H, \[M\+Na\]\+, and mass holds masses of neutral molecules\. Name the column"
    ),
    "name,mass,adduct\na,1.5,M+H\n": "the column mass, and the column adduct beside but no m/z.*Add a column mz",
    "name,Exact Mass\na,1.5\n": "the column Exact Mass but no m/z, so it holds masses of neutral molecules",
    "Verbindung;Monoisotopenmasse\na;1,5\n": "the column Monoisotopenmasse but no m/z",
    "measured mass,calculated mass\n1.5,2.5\n": "several columns of masses: measured mass, calculated mass",
    "m/z measured,m/z calculated\n760.5,700.5\n": "several columns of m/z: m/z measured, m/z calculated. Name",
    "mz_error,name\n1.5,a\n": "no column of m/z; its columns are mz_error, name. Name that column mz",
    "Formula;Adduct\nC42H82NO8P;[M+H]+\nC42H82NO8P;[M+Na]+\n": (
        "lists formulas but no m/z; its columns are Formula, Adduct. Add a column mz with the m/z of the ions"
    ),
    "name,formula\nPC,C42H82NO8P\n": "lists formulas but no m/z; its columns are name, formula. Add a column mz",
    "PC,760.5,12000\nPE,782.5,13000\n": "2 columns of numbers and no line with their names",
    "123,45\n678,9\n": "decimal comma or two columns",
    "760.585, 782.567, 600.3": "is one line of 3 numbers. Write each m/z on a line of its own",
    "760,585; 782,567": "is one line of 2 numbers",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_only_the_user_can_decide(find, text) -> None:
    with pytest.raises(DataError, match=rf"list\.csv .*{REFUSED[text]}"):
        find(text)
