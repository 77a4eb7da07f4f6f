"""Tables with the m/z of pictures."""

import pytest

from msiss.data import foreign
from msiss.data.picture_list import read_picture_mz
from msiss.errors import DataError

TABLES = {
    "names of columns": "file,mz\na.png,700.5\nb.png,20.25\n",
    "other order": "m/z;Filename\n700,5;a.png\n20,25;b.png\n",
    "no names": "a.png,700.5\nb.png,20.25\n",
    "as read": "file,mz\na.png,700.5\nc.png,\nb.png,20.25\n",
}


@pytest.mark.filterwarnings("ignore:a.csv. 1 line without numbers")
@pytest.mark.parametrize("case", TABLES)
def test_the_mz_of_each_picture(tmp_path, case):
    path = tmp_path / "a.csv"
    path.write_text(TABLES[case])
    assert [(one.file, one.mz) for one in read_picture_mz(path)] == [("a.png", 700.5), ("b.png", 20.25)]


REFUSED = {
    "no m/z": ("file,size\na.png,7\n", "needs the columns file and mz; its columns are file, size"),
    "no number": (
        "file,mz\na.png,7\nb.png,x\n",
        'Line 3 of a.csv is not the name of .* and its m/z: "b.png", "x"',
    ),
    "negative": ("file,mz\na.png,-7\n", "Line 2"),
    "nothing": ("file,mz\na.png,\n", "holds no m/z"),
}


@pytest.mark.filterwarnings("ignore:a.csv. 1 line without numbers")
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_such_table_is_refused(tmp_path, case):
    text, message = REFUSED[case]
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read_picture_mz(path)


def test_it_is_read_in_a_child(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(TABLES["names of columns"])
    assert foreign.read_picture_mz(path) == read_picture_mz(path)
