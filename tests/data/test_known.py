"""Tables of known classes and pairs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from msiss.data.known import read_corrections, read_labels, read_pairs
from msiss.errors import DataError, MsissWarning

MZ = np.array([400.0, 500.0, 600.0, 700.0])


def write(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_labels_by_name(tmp_path: Path) -> None:
    path = write(tmp_path, "class,mz\nmuscle,600.001\nblood,400\nmuscle,500\n")
    np.testing.assert_array_equal(read_labels(path, MZ), [0, 1, 1, -1])


@pytest.mark.parametrize("nothing", ["", "-1", " "])
def test_labels_may_be_missing(tmp_path: Path, nothing: str) -> None:
    path = write(tmp_path, f"mz,class\n400,7\n500,{nothing}\n600,3\n")
    np.testing.assert_array_equal(read_labels(path, MZ), [1, -1, 0, -1])


def test_of_two_labels_for_one_ion_the_nearer_counts(tmp_path: Path) -> None:
    path = write(tmp_path, "mz,class\n500.0001,near\n500.004,far\n400,far\n")
    np.testing.assert_array_equal(read_labels(path, MZ), [0, 1, -1, -1])


def test_tables_as_german_spreadsheets_write_them(tmp_path: Path) -> None:
    path = write(tmp_path, "\ufeffm/z;Class\n400,001;A\n500,002;B\n")
    np.testing.assert_array_equal(read_labels(path, MZ), [0, 1, -1, -1])


def test_labels_that_are_not_in_the_run(tmp_path: Path) -> None:
    with pytest.warns(MsissWarning, match="1 of the 2 m/z values in table.csv are not in this run within 10 ppm"):
        labels = read_labels(write(tmp_path, "mz,class\n400,a\n450,b\n"), MZ)
    np.testing.assert_array_equal(labels, [0, -1, -1, -1])
    with pytest.raises(DataError, match="None of the 1 m/z values"):
        read_labels(write(tmp_path, "mz,class\n450,b\n"), MZ)


def test_corrections_are_the_texts_of_the_table(tmp_path: Path) -> None:
    path = write(tmp_path, "m/z;Cluster\n700,003;white matter\n400;3\n500;\n700,001;7\n")
    assert read_corrections(path, MZ) == {0: "3", 3: "7"}
    with pytest.raises(DataError, match="needs the columns mz and cluster; it has mz, class"):
        read_corrections(write(tmp_path, "mz,class\n400,a\n"), MZ)
    with pytest.warns(MsissWarning, match="1 of the 2 m/z values"):
        assert read_corrections(write(tmp_path, "mz,cluster\n400,a\n450,b\n"), MZ) == {0: "a"}


def test_pairs_by_mz_come_before_indices(tmp_path: Path) -> None:
    path = write(tmp_path, "kind,i,j,mz_i,mz_j\n13C,0,1,600,700\n")
    assert read_pairs(path, MZ).to_dict("list") == {"i": [2], "j": [3], "kind": ["13C"]}


def test_pairs_by_index(tmp_path: Path) -> None:
    with pytest.warns(MsissWarning, match="3 of the 4 pairs"):  # no ion 4, no ion 1.5, and 2 is no pair with itself
        pairs = read_pairs(write(tmp_path, "i,j\n0,3\n0,4\n1.5,2\n2,2\n"), MZ)
    assert pairs.to_dict("list") == {"i": [0], "j": [3], "kind": ["pair"]}


def test_pairs_that_are_not_in_the_run(tmp_path: Path) -> None:
    with pytest.warns(MsissWarning, match="1 of the 2 pairs"):
        pairs = read_pairs(write(tmp_path, "mz_i,mz_j\n400,500\n400,550\n"), MZ)
    assert len(pairs) == 1
    with pytest.raises(DataError, match="file of another data set"):
        read_pairs(write(tmp_path, "mz_i,mz_j\n400,550\n"), MZ)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The table is empty"),
        ("mz,class\n400,a\n1,2,3\n", "names 2 columns, but in line 3 a row has 3 cells"),
        ("error,class\n400,a\n", "needs the columns mz and class; it has error, class"),
        ("400,a\n", "needs the columns mz and class; it has no line with the names of the columns"),
        ("mz,class\n400,a\nmany,b\n", "line 3: mz is not a number \\(many\\)"),
        ("mz,class\n", "None of the 0"),
    ],
)
def test_labels_that_cannot_be_read(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_labels(write(tmp_path, text), MZ)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.csv cannot be opened"):
        read_pairs(tmp_path / "none.csv", MZ)


def test_pairs_of_the_bladder_keep_their_indices(test_data: Path) -> None:
    path = test_data / "bladder" / "pairs_bladder79.csv"
    mz = np.load(test_data / "bladder" / "bladder79.npz")["mz"]
    pairs = read_pairs(path, mz)
    expected = pd.read_csv(path)
    np.testing.assert_array_equal(pairs[["i", "j"]], expected[["i", "j"]])
    assert list(pairs["kind"]) == list(expected["kind"])
    # The same pairs are found where the run has its ions in another order.
    turned = read_pairs(path, mz[::-1])
    np.testing.assert_array_equal(78 - turned[["i", "j"]], expected[["i", "j"]])


def test_a_table_of_many_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("mz,class" + ",a" * 100_000 + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="more than 20,000 columns"):
        read_labels(path, np.array([100.0]))
