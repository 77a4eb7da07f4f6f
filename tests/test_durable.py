"""What is written appears whole, and is on the disk before it has its name."""

import os
from pathlib import Path

import pytest

from msiss.durable import appear, append_line, keeping, read_lines, replace_text, unfinished_name
from msiss.errors import DataError


def test_replaced_text_leaves_nothing_else_behind(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    replace_text(path, "old")
    replace_text(path, "new µ")
    assert path.read_text(encoding="utf-8") == "new µ"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_the_old_text_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "note.txt"
    replace_text(path, "old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        replace_text(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_all_of_a_folder_is_on_the_disk_before_it_has_its_name_and_the_name_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int | str] = []
    really_sync, really_replace = os.fsync, Path.replace

    def sync(handle: int) -> None:
        really_sync(handle)
        done.append(os.fstat(handle).st_ino)

    def replace(path: Path, target: Path) -> Path:
        done.append("the name")
        return really_replace(path, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", replace)
    unfinished = unfinished_name(tmp_path / "whole")
    (unfinished / "inside").mkdir(parents=True)
    (unfinished / "inside" / "file").write_text("text")
    appear(unfinished, tmp_path / "whole")
    whole = tmp_path / "whole"
    assert set(done[:3]) == {part.stat().st_ino for part in (whole, whole / "inside", whole / "inside" / "file")}
    assert done[3:] == ["the name", tmp_path.stat().st_ino]
    assert (whole / "inside" / "file").read_text() == "text"


def test_a_line_after_one_that_was_cut_off_stands_alone(tmp_path):
    path = tmp_path / "lines"
    assert read_lines(path) == []
    append_line(path, "one")
    with path.open("ab") as file:
        file.write(b"tw")
    append_line(path, "three µm")
    assert read_lines(path) == ["one", "tw", "three µm"]


def test_what_cannot_be_kept_is_said_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "none" / "note.txt"
    said = r"^The note cannot be kept in .*note\.txt: there is no such file.*\. Check the free"
    with pytest.raises(DataError, match=said), keeping("The note", path, DataError):
        replace_text(path, "text")
