"""Files to ion images, as in a notebook."""

import gc
import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from imzml_of_kinds import NEGATIVE, POSITIVE, write_kinds

import msiss
from msiss.data.findings import HealthRow
from msiss.data.health import HealthReport
from msiss.errors import DataError, SettingError
from msiss.home import datasets_folder
from msiss.notebook.data import folder_of


class Place:
    """Any path-like object."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)


def test_the_ions_of_a_list_are_read(section: Path, images: msiss.IonImages) -> None:
    truth = pd.read_csv(section / "truth.csv")
    np.testing.assert_allclose(images.mz, truth["mz"])
    assert images.shape == (24, 30)
    assert isinstance(images.images, np.memmap)
    assert images.recipe["read"]["peaks"] == "list"


def test_the_progress_of_reading_ends_when_all_is_read(section: Path, capsys: pytest.CaptureFixture[str]) -> None:
    msiss.read(section / "demo.imzML", peaks=4, progress=True)
    first, *_, last = capsys.readouterr().err.splitlines()
    assert int(first[:4].strip("% ")) < 100
    assert last == "100% read"


@pytest.mark.parametrize("kind", [str, Path, Place])
def test_any_path_and_numbers_are_taken(section: Path, images: msiss.IonImages, tmp_path: Path, kind: type) -> None:
    folder = tmp_path / "kept"
    mz = images.mz[[2, 5]].tolist()
    read = msiss.read(kind(section / "demo.imzML"), mz_list=mz, folder=kind(folder))
    np.testing.assert_array_equal(read.mz, mz)
    np.testing.assert_array_equal(read.images, images.images[[2, 5]])
    again = msiss.read(kind(folder))
    assert again.fingerprint == read.fingerprint
    assert os.listdir(tmp_path) == ["kept"]  # noqa: PTH208 - all of it, hidden files as well
    with pytest.raises(DataError, match="exists already"):
        msiss.read(section / "demo.imzML", folder=folder)


def test_settings_go_on_top_of_a_recipe(section: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.json"
    recipe.write_text('{"read": {"number": 9, "ppm": 12}, "measurement": {"pixel_size": [5, 7]}}')
    for given in (recipe, str(recipe), msiss.Recipe.load(str(recipe))):
        read = msiss.read(section / "demo.imzML", recipe=given, peaks=4)
        assert (len(read), read.pixel_size) == (4, (5, 7))
        assert read.recipe["read"] == {"number": 4, "ppm": 12}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ppm": -1}, r"Tolerance \(ppm\): Input should be greater than 0; it is -1"),
        ({"peaks": 0}, "Number of ions: .* greater than or equal to 1"),
        ({"mz_list": [0.0]}, "m/z list: Input should be greater than 0; it is 0.0"),
    ],
)
def test_wrong_settings_are_named(section: Path, given: dict, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        msiss.read(section / "demo.imzML", **given)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none.imzML: There is no such file"):
        msiss.read(str(tmp_path / "none.imzML"))


@pytest.mark.usefixtures("msiss_home")
def test_temporary_images_go_with_their_last_user(section: Path) -> None:
    read = msiss.read(section / "demo.imzML", peaks=3)
    folder = Path(read.images.filename).parent.parent
    renamed = replace(read, names=("a", "b", "c"))
    assert folder_of(read).parent == datasets_folder()  # a run needs a data set that stays
    del read
    gc.collect()
    assert renamed.images.sum() > 0
    assert folder.is_dir()
    del renamed
    gc.collect()
    assert not folder.exists()


@pytest.mark.usefixtures("children")
def test_check_says_what_is_in_a_file(section: Path, tmp_path: Path) -> None:
    report = msiss.check(section / "demo.imzML")
    assert report.usable
    assert repr(report).splitlines()[0].startswith("pass ")
    (tmp_path / "alone.imzML").write_bytes((section / "demo.imzML").read_bytes())
    report = msiss.check([str(tmp_path / "alone.imzML")])
    assert not report.usable
    assert "stop" in repr(report)
    assert "alone.imzML cannot be used" in report._repr_html_()


def test_findings_are_only_text() -> None:
    rows = (HealthRow("<b>", "warning", "<script>", "<i>", "&", file="<a>"), HealthRow("a", "pass", "b", file="c"))
    html = HealthReport("<u>", rows)._repr_html_()
    assert not {"<b>&", "<script>", "<i>", "<a>", "<u>"} & {part for part in html.split("td") if part}
    for text in ("&lt;script&gt;", "&lt;b&gt;", "&lt;i&gt;", "&amp;", "&lt;a&gt;", "&lt;u&gt;"):
        assert text in html
    assert "<script" not in html


@pytest.mark.usefixtures("msiss_home")
def test_images_that_are_saved_are_not_saved_again(tmp_path: Path, small_images) -> None:
    small_images.save(tmp_path / "mine")
    assert folder_of(msiss.IonImages.load(tmp_path / "mine")) == tmp_path / "mine"
    first = folder_of(small_images)
    assert first == datasets_folder() / "small"
    assert folder_of(small_images) == first
    renamed = replace(small_images, names=tuple("abcdefghijkl"))
    assert folder_of(renamed) == datasets_folder() / "small (2)"
    regions = replace(small_images, regions=small_images.mask.astype(np.int16), region_names=("a",))
    other = replace(regions, regions=np.zeros_like(regions.regions))
    assert folder_of(regions) == datasets_folder() / "small (3)"
    assert folder_of(other) == datasets_folder() / "small (4)"
    assert folder_of(regions) == datasets_folder() / "small (3)"


def test_a_missing_file_is_said_with_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=re.escape(f"nowhere.imzML: There is no such file in {tmp_path}.")):
        msiss.read("nowhere.imzML")


def test_the_kind_of_spectra_is_chosen(tmp_path: Path) -> None:
    spectra = [(x, 1, [200.0], [value], text) for x in (1, 2) for value, text in ((2.0, POSITIVE), (9.0, NEGATIVE))]
    path = write_kinds(tmp_path / "a.imzML", spectra)
    images = msiss.read(path, spectra="negative MS1")
    assert (images.polarity, images.images.max()) == ("negative", 9)
    with pytest.raises(SettingError, match="Name one of them: positive MS1, negative MS1"):
        msiss.read(path, spectra="all")
