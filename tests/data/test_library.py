"""Data sets are kept whole, by name, in one folder."""

import pytest

from msiss.data.library import DataLibrary, clean_name
from msiss.errors import DataError


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
