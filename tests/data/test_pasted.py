"""Paths as they are pasted, and what is said about those that this computer cannot have."""

import os
from pathlib import Path

import pytest

from msiss.data.pasted import pasted
from msiss.errors import DataError

PASTED = [
    '"{}"',
    "'{}'",
    "  {}\n",
    ' " {} "\r\n',
    "“{}”",
    "«{}»",
    "\u202a{}",  # the dialog of properties of Windows copies it with a path
    "\ufeff{}\u200b",
    "file://{}",
    "FILE://localhost{}",
    "'file://{}'",
]


@pytest.mark.parametrize("form", PASTED)
def test_what_surrounds_a_path_is_left_out(form) -> None:
    assert pasted(form.format("/data/my scan.imzML")) == Path("/data/my scan.imzML")


def test_addresses_of_files_are_decoded() -> None:
    assert pasted("file:///data/Gr%C3%B6%C3%9Fe%201%23.imzML") == Path("/data/Größe 1#.imzML")


def test_the_own_folder(monkeypatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert pasted("~") == Path("/home/ada")
    assert pasted('"~/a b.imzML"') == Path("/home/ada/a b.imzML")
    with pytest.raises(DataError, match="no such user"):
        pasted("~nobody-of-this-name/a.imzML")


def test_relative_paths_stay_relative() -> None:
    assert pasted("a/b.imzML") == Path("a/b.imzML")
    assert pasted("it's.imzML") == Path("it's.imzML")


def test_a_file_that_has_such_letters_in_its_name_is_found(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("'a'", " b ", "~c", "d\\ e"):
        Path(name).touch()
        assert pasted(name) == Path(name)


def test_spaces_as_a_terminal_writes_them(tmp_path) -> None:
    (tmp_path / "a b (1).npz").touch()
    assert pasted(f"{tmp_path}/a\\ b\\ \\(1\\).npz") == tmp_path / "a b (1).npz"


@pytest.mark.skipif(os.name == "nt", reason="there they are paths")
@pytest.mark.parametrize(
    "path",
    [
        r"C:\Users\ada\a.imzML",
        "d:/data/a.imzML",
        r"\\server\share\a.imzML",
        r'"C:\my data\a.imzML"',
        "file:///C:/data/a.imzML",
        "file://server/share/a.imzML",
    ],
)
def test_paths_of_windows_are_refused_elsewhere(path) -> None:
    with pytest.raises(DataError, match=r"is a path of a Windows computer.*upload it") as error:
        pasted(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("path", ["https://host/a.imzML", "smb://server/share/a.imzML", "s3://bucket/a.imzML"])
def test_addresses_are_refused(path) -> None:
    with pytest.raises(DataError, match="is an address, not a path"):
        pasted(path)


@pytest.mark.parametrize(
    ("path", "message"),
    [("", "missing"), (' "" ', "missing"), ("a\0b", "control character"), ("a\nb", "control character")],
)
def test_what_is_no_path_is_refused(path, message) -> None:
    with pytest.raises(DataError, match=message) as error:
        pasted(path)
    assert "\n" not in str(error.value)


def test_a_name_that_is_too_long_is_left_to_the_system() -> None:
    assert pasted("a" * 300) == Path("a" * 300)
