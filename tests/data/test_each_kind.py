"""Which data sets an import makes of files with several kinds of spectra."""

import pytest
from imzml_of_kinds import NEGATIVE, POSITIVE, write_kinds

from msiss.data import each_kind as module
from msiss.data.each_kind import each_kind
from msiss.data.recipe import ReadConfig, Recipe
from msiss.errors import DataError

pytestmark = pytest.mark.usefixtures("no_children")
EACH = Recipe(read=ReadConfig(spectra="all", ppm=5))


def written(path, *texts):
    return write_kinds(path, [(x, 1, [200.0], [1.0], text) for x in (1, 2, 3) for text in texts])


def test_one_data_set_unless_each_kind_is_asked_for(tmp_path) -> None:
    path = written(tmp_path / "a.imzML", POSITIVE, NEGATIVE)
    assert each_kind([path], Recipe(), "a") == [("a", Recipe())]


def test_each_kind_has_its_name_and_its_recipe(tmp_path) -> None:
    path = written(tmp_path / "a.imzML", POSITIVE, NEGATIVE)
    found = each_kind([path], EACH, "section 1")
    assert [name for name, _ in found] == ["section 1 positive MS1", "section 1 negative MS1"]
    assert [(one.read.spectra, one.read.ppm) for _, one in found] == [("positive MS1", 5), ("negative MS1", 5)]


def test_a_single_kind_keeps_the_name(tmp_path) -> None:
    path = written(tmp_path / "a.imzML", POSITIVE)
    assert each_kind([path], EACH, "a") == [("a", EACH.with_settings("read", {"spectra": ""}))]


def test_other_files_have_no_kinds(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x,y,200.0\n1,1,1\n2,1,1\n")
    assert [name for name, _ in each_kind([path], EACH, "a")] == ["a"]


def test_too_many_are_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST", 1)
    with pytest.raises(DataError, match="2 kinds of spectra are too many for a data set each"):
        each_kind([written(tmp_path / "a.imzML", POSITIVE, NEGATIVE)], EACH, "a")
