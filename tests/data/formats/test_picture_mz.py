"""The finding about the m/z of pictures."""

import pytest

from msiss.data.findings import DataStop
from msiss.data.formats.picture_mz import mz_of
from msiss.data.recipe import AS_READ, PictureMz, ReadConfig


def given(**mz: float) -> ReadConfig:
    return ReadConfig(picture_mz=tuple(PictureMz(file=file, mz=value) for file, value in mz.items()))


def test_what_is_clear_passes():
    mz, (row,) = mz_of(["a_700.5.png", "a_20.25.png"], AS_READ, file="a", what="picture")
    assert mz == [700.5, 20.25]
    assert (row.level, row.found) == ("pass", "m/z 20.25 to 700.5, as read in the names.")


def test_a_doubt_is_a_warning_until_all_are_given():
    names = ["100.png", "101.png", "102.png"]
    assert [row.level for row in mz_of(names, AS_READ, file="a", what="picture")[1]] == ["warning"]
    some = ReadConfig(picture_mz=tuple(PictureMz(file=name, mz=7 + place) for place, name in enumerate(names)))
    mz, rows = mz_of(names, some, file="a", what="picture")
    assert (mz, [row.level for row in rows]) == ([7, 8, 9], ["pass"])


def test_equal_mz_stop_with_the_names():
    with pytest.raises(DataStop, match=r"Several pages have the m/z 7: 1, b") as stopped:
        mz_of(["", "x_8.25"], given(b=7, **{"1": 7}), file="a", what="page", labels=["1", "b"])
    assert stopped.value.row.options == (("1", "7"), ("b", "7"))


def test_without_any_mz_the_user_can_give_them():
    mz, (row,) = mz_of(["", ""], AS_READ, file="a", what="page", labels=["1", "2"])
    assert mz == [None, None]
    assert (row.level, row.setting, row.options) == ("warning", "picture_mz", (("1", ""), ("2", "")))
