"""Data sets are kept whole, by name, in one folder."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from msiss.data.library import DataLibrary, clean_name
from msiss.data.recipe import MeasurementConfig
from msiss.errors import DataError, MsissWarning


def test_add_load_delete(tmp_path, small_images) -> None:
    library = DataLibrary(tmp_path / "datasets")
    assert library.names() == []

    for name in ("mouse bladder", "a"):
        assert library.add(small_images, name) == library.path(name)
    assert library.names() == ["a", "mouse bladder"]
    assert library.load("mouse bladder").fingerprint == small_images.fingerprint

    library.delete("a")
    assert library.names() == ["mouse bladder"]
    assert [path.name for path in library.folder.iterdir()] == ["mouse bladder"]


def test_a_name_is_given_once(tmp_path, small_images) -> None:
    library = DataLibrary(tmp_path)
    library.add(small_images, "a")
    with pytest.raises(DataError, match="exists already"):
        library.add(small_images, "a")


def test_a_free_name_is_as_close_as_can_be(tmp_path, small_images) -> None:
    library = DataLibrary(tmp_path / "datasets")
    assert library.free_name("a/b") == "a_b"
    for expected in ("a_b", "a_b (2)", "a_b (3)"):
        name = library.free_name("a/b")
        assert name == expected
        library.add(small_images, name)
    long = "x" * 80
    library.add(small_images, long)
    assert library.free_name(long) == "x" * 76 + " (2)"


def test_a_saved_data_set_is_moved_in_under_a_free_name(tmp_path, small_images) -> None:
    library = DataLibrary(tmp_path / "datasets")
    library.add(small_images.subset([0]), "a")
    small_images.save(tmp_path / "saved")
    assert library.move_in(tmp_path / "saved", "a", origin="import 1") == library.path("a (2)")
    assert not (tmp_path / "saved").exists()
    assert [len(library.load(name)) for name in library.names()] == [1, 12]
    assert library.made_by("import 1") == "a (2)"
    assert library.made_by("import 2") is None


def test_what_cannot_be_moved_in_is_said(tmp_path) -> None:
    with pytest.raises(DataError, match="cannot be saved: there is no such file"):
        DataLibrary(tmp_path).move_in(tmp_path / "missing", "a", origin="b")


@pytest.mark.parametrize("name", ["b", "", ".", "..", "../secret", "/etc", ".hidden"])
def test_only_data_sets_can_be_loaded_and_deleted(tmp_path, small_images, name) -> None:
    small_images.save(tmp_path / "secret")
    library = DataLibrary(tmp_path / "datasets")
    library.add(small_images, "a")
    for act in (library.load, library.delete):
        with pytest.raises(DataError):
            act(name)
    assert (tmp_path / "secret").is_dir()
    assert library.names() == ["a"]


def test_a_folder_that_was_put_there_by_hand_can_be_used_by_its_name(tmp_path, small_images) -> None:
    library = DataLibrary(tmp_path)
    small_images.save(tmp_path / "Probe #3")
    assert library.newest_first() == ["Probe #3"]
    assert len(library.load("Probe #3")) == 12
    library.delete("Probe #3")
    assert list(tmp_path.iterdir()) == []


def test_damaged_data_sets_are_listed_so_that_they_can_be_deleted(tmp_path, small_images) -> None:
    library = DataLibrary(tmp_path)
    for name in ("empty", "gone"):
        library.add(small_images, name)
    (tmp_path / "empty" / "meta.json").write_text("")
    (tmp_path / "gone" / "meta.json").unlink()
    assert library.names() == ["empty", "gone"]
    for name in library.names():
        with pytest.raises(DataError, match=r"damaged: meta\.json"):
            library.load(name)
        library.delete(name)
    assert list(tmp_path.iterdir()) == []


def test_a_data_set_of_somebody_else_is_listed_and_said(tmp_path, small_images, monkeypatch) -> None:
    library = DataLibrary(tmp_path)
    for name in ("mine", "theirs"):
        library.add(small_images, name)
    look = Path.stat

    def refuse(path: Path, **more: bool) -> os.stat_result:
        if path.parent.name == "theirs":  # rights do not bind an administrator, who may run this test
            raise PermissionError(13, "Permission denied")
        return look(path, **more)

    monkeypatch.setattr(Path, "stat", refuse)
    (tmp_path / "theirs" / "meta.json").unlink()
    assert library.newest_first() == ["mine", "theirs"]
    with pytest.raises(DataError, match=r"meta\.json cannot be read"):
        library.load("theirs")


def test_pixel_size_and_polarity_are_changed_and_nothing_else(tmp_path, small_images) -> None:
    library = DataLibrary(tmp_path)
    library.add(replace(small_images, recipe={"ions": {"least_share": 0.1}}), "a")
    meta = tmp_path / "a" / "meta.json"
    of_a_later_version = json.loads(meta.read_text()) | {"instrument": "new"}
    meta.write_text(json.dumps(of_a_later_version))
    told = MeasurementConfig(pixel_size=(25, 25), polarity="negative")
    with pytest.warns(MsissWarning, match="instrument"):
        library.set_measurement("a", told)
    with pytest.warns(MsissWarning, match="instrument"):
        loaded = library.load("a")
    assert (loaded.pixel_size, loaded.polarity) == ((25, 25), "negative")
    assert loaded.fingerprint == small_images.fingerprint  # its trainings stay its own
    assert loaded.recipe == {
        "ions": {"least_share": 0.1},
        "measurement": {"pixel_size": [25, 25], "polarity": "negative"},
    }
    np.testing.assert_array_equal(loaded.images, small_images.images)
    changed = ("pixel_size", "polarity", "recipe")
    after = json.loads(meta.read_text())
    assert {name: after[name] for name in after if name not in changed} == {
        name: of_a_later_version[name] for name in of_a_later_version if name not in changed
    }


def test_pixels_of_another_shape_are_other_data_for_a_training(tmp_path, small_images) -> None:
    library = DataLibrary(tmp_path)
    library.add(small_images, "a")
    for size in ((20, 10), (40, 20)):
        library.set_measurement("a", MeasurementConfig(pixel_size=size))
        assert library.load("a").fingerprint == replace(small_images, pixel_size=(2, 1)).fingerprint
    assert library.load("a").fingerprint != small_images.fingerprint
    library.set_measurement("a", MeasurementConfig(pixel_size=(5, 5)))
    assert library.load("a").fingerprint == small_images.fingerprint


def test_unfinished_and_foreign_folders_are_not_listed(tmp_path, small_images) -> None:
    library = DataLibrary(tmp_path)
    small_images.save(tmp_path / ".a.1234")
    (tmp_path / "notes").mkdir()
    (tmp_path / "file.txt").write_text("x")
    assert library.names() == []


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("Bladder 10 µm", "Bladder 10 µm"),
        ("a/b\\c:d", "a_b_c_d"),
        ("../../etc/passwd", "etc_passwd"),
        ("", "data"),
        ("...", "data"),
        ("x" * 200, "x" * 80),
    ],
)
def test_names_are_safe_on_any_system(name, cleaned) -> None:
    assert clean_name(name) == cleaned
    assert clean_name(cleaned) == cleaned


def test_a_picture_is_set_and_replaced_and_changes_no_result(small_images, tmp_path):
    library = DataLibrary(tmp_path / "datasets")
    library.add(small_images, "small")
    for grey in (10, 200):
        picture = np.full((6, 7, 3), grey, np.uint8)
        library.set_picture("small", picture)
        loaded = library.load("small")
        np.testing.assert_array_equal(loaded.picture, picture)
        assert loaded.fingerprint == small_images.fingerprint
    with pytest.raises(DataError, match="no data set"):
        library.set_picture("gone", picture)
    assert not [path for path in (tmp_path / "datasets" / "small").iterdir() if path.name.startswith(".")]
