"""Uploaded files have names that any system can keep, below the folder of their upload."""

from pathlib import PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from msiss.data.file_names import DEEPEST, as_stored, kept_path, same_place
from msiss.data.library import clean_name

CASES = {
    "section.imzML": "section.imzML",
    "folder/700.12.png": "folder/700.12.png",
    "C:\\Users\\x\\file.imzML": "file.imzML",
    "C:file.imzML": "file.imzML",
    "\\\\server\\share\\file.imzML": "server/share/file.imzML",
    "../../etc/passwd": "etc/passwd",
    "/etc/passwd": "etc/passwd",
    "CON": "_CON",
    "aux.png": "_aux.png",
    "NUL.tar.gz": "_NUL.tar.gz",
    "com1": "_com1",
    "console.png": "console.png",
    "name. . ": "name",
    "file.imzML:hidden": "file.imzML_hidden",
    "a\x00b\n\u202ec.png": "abc.png",
    "...": "file",
    "": "file",
    "mz:700.12.png": "mz_700.12.png",
}


@pytest.mark.parametrize(("name", "kept"), CASES.items())
def test_names(name: str, kept: str) -> None:
    assert str(kept_path(name)) == kept


def test_long_names_are_cut_and_pairs_stay_pairs() -> None:
    header, numbers = kept_path("ä" * 300 + ".imzML"), kept_path("ä" * 300 + ".ibd")
    assert len(header.name.encode()) < 255
    assert (header.stem, header.suffix, numbers.suffix) == (numbers.stem, ".imzML", ".ibd")


def test_a_name_that_is_cut_does_not_end_in_a_space() -> None:
    assert str(kept_path("a" * 179 + " b")) == "a" * 179
    assert str(kept_path("a" * 180 + " b")) == "a" * 180
    assert str(kept_path("a" * 177 + " . b" + "c" * 30)) == "a" * 177


awkward = st.text(st.sampled_from('abC:/\\.. \x00\n*?"<>|äA\u030anul1'), max_size=25) | st.text(max_size=300)


@given(awkward)
@example("A\n\u030a")
def test_every_name_stays_inside_on_every_system(name: str) -> None:
    kept = kept_path(name)
    for path in (kept, PureWindowsPath(str(kept))):
        assert not path.is_absolute()
        assert not path.drive
        assert ".." not in path.parts
        assert 1 <= len(path.parts) <= DEEPEST
    for part in kept.parts:
        assert part.strip(" .")
        assert part == part.rstrip(" .")
        assert len(part.encode()) < 255
        assert part.isprintable()
    assert kept_path(str(kept)) == kept


def test_names_that_some_systems_take_for_one_are_told_apart_by_none() -> None:
    assert same_place("Section.PNG") == same_place("section.png")
    assert same_place("\u00e4.png") == same_place("a\u0308.png")
    assert same_place("a.png") != same_place("b.png")


def test_a_data_set_is_not_called_like_a_device() -> None:
    assert clean_name("CON") == "CON data"
    assert clean_name("aux.1") == "aux.1 data"
    assert clean_name(clean_name("nul")) == "nul data"
    assert clean_name("") == "data"


@pytest.mark.parametrize(("typed", "stored"), [("a.IMZML", "A.imzML"), ("Gro\u0308\u00dfe.npz", "Gr\u00f6\u00dfe.npz")])
def test_a_name_that_is_spelled_otherwise_is_found_if_it_is_the_only_one(tmp_path, typed, stored) -> None:
    (tmp_path / stored).touch()
    assert as_stored(tmp_path / typed) == tmp_path / stored
    assert as_stored(tmp_path / stored) == tmp_path / stored
    (tmp_path / stored.upper()).touch()
    (tmp_path / stored.lower()).touch()
    assert as_stored(tmp_path / typed.title()) == tmp_path / typed.title()
    assert as_stored(tmp_path / "none" / typed) == tmp_path / "none" / typed
