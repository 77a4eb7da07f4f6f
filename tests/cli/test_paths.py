"""Paths that a command cannot read or write: one line, exit code 1, and nothing else."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from msiss.cli.main import main
from msiss.data.formats.imzml.reader import write_imzml
from msiss.data.ion_images import IonImages
from msiss.runs.store import Run

# Each command that writes to a path of the user's choice; RUN, DATA and OUT stand for paths.
WRITING = [
    "import DATA --out OUT",
    "import DATA --out OUT --separate",
    "import DATA --out NEW --save-recipe OUT",
    "demo OUT",
    "demo OUT --pixels 4",
    "run DATASET --clusters 2 --here --out OUT",
    "export RUN --to OUT --only csv",
    "export RUN --to OUT --only imzml",
    "export-run RUN --to OUT.zip",
    "recluster RUN --clusters 4 --by bands --to OUT",
    "figures RUN --out OUT --only map --by bands",
    "report RUN --out OUT.html",
    "similar RUN --by bands --ion 1 --out OUT.csv",
]


PIXELS = [(x, 1, np.array([100.0, 200]), np.array([1.0, 2])) for x in (1, 2)]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]):
    """Return a function that runs a command which must fail, and returns its one line."""

    def failed(command: list[str]) -> str:
        capsys.readouterr()
        assert main(command) == 1
        lines = [line for line in capsys.readouterr().err.split("\n") if not line.startswith("\r") and line]
        assert lines[-1].startswith("error: ")
        return lines[-1].removeprefix("error: ")

    return failed


@pytest.fixture
def data(tmp_path: Path) -> Path:
    np.savez(tmp_path / "b.npz", images=np.arange(8.0).reshape(2, 2, 2), mz=[5.0, 6.0])
    return tmp_path / "b.npz"


def words(command: str, **paths: Path | str) -> list[str]:
    for name, path in paths.items():
        command = command.replace(name, str(path).replace(" ", "\0"))
    return [word.replace("\0", " ") for word in command.split()]


@pytest.mark.parametrize("command", WRITING)
def test_a_place_below_a_file_is_refused_in_one_line(finished_run: Run, data, tmp_path, said, command) -> None:
    (tmp_path / "file").touch()
    paths = {"DATASET": finished_run.request.dataset, "DATA": data, "RUN": finished_run.path, "NEW": tmp_path / "new"}
    message = said(words(command, **paths, OUT=tmp_path / "file" / "out"))
    assert "a part of the path is a file, not a folder" in message
    assert str(tmp_path / "file") in message


def test_a_disk_that_can_only_be_read(data, tmp_path, said, monkeypatch) -> None:
    def refusing(path, *_rest, **_more):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    monkeypatch.setattr(os, "mkdir", refusing)
    for command in ("import DATA --out OUT", "demo OUT"):
        assert "its disk can only be read" in said(words(command, DATA=data, OUT=tmp_path / "share" / "out"))


def test_a_name_that_is_too_long(data, tmp_path, said) -> None:
    assert "its name is too long" in said(["import", str(data), "--out", str(tmp_path / ("x" * 300))])
    assert "its name is too long" in said(
        ["import", str(tmp_path / ("x" * 300 + ".npz")), "--out", str(tmp_path / "d")]
    )


def test_a_disk_that_is_full_at_the_end(data, tmp_path, said, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("msiss.durable.appear", full)
    assert said(["import", str(data), "--out", str(tmp_path / "d")]).startswith(
        f"The data set cannot be kept in {tmp_path / 'd'}: the disk is full."
    )
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "home") == ["b.npz"]


def test_links_that_lead_in_a_circle(tmp_path, said, capsys) -> None:
    (tmp_path / "a.imzML").symlink_to(tmp_path / "a.imzML")
    assert "There is no such file" in said(["import", str(tmp_path / "a.imzML"), "--out", str(tmp_path / "d")])
    np.savez(tmp_path / "b.npz", images=np.ones((1, 2, 2)), mz=[5.0])
    (tmp_path / "list.csv").symlink_to(tmp_path / "list.csv")
    said(["import", str(tmp_path / "b.npz"), "--mz-list", str(tmp_path / "list.csv"), "--out", str(tmp_path / "d")])
    assert main(["check", str(tmp_path / "a.imzML")]) == 1
    assert "There is no such file" in capsys.readouterr().out


def test_a_folder_that_cannot_be_read_is_not_taken_for_one_that_cannot_be_written(tmp_path, said, monkeypatch) -> None:
    pictures, look = tmp_path / "pictures", os.scandir
    pictures.mkdir()

    def refusing(path=".", *rest):
        if not isinstance(path, int) and Path(path) == pictures:  # rights do not bind an administrator
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return look(path, *rest)

    monkeypatch.setattr(os, "scandir", refusing)
    monkeypatch.setattr(os, "listdir", refusing)
    message = said(["import", str(pictures), "--out", str(tmp_path / "d")])
    assert message.startswith("pictures: The file cannot be opened: this account has no permission.")


def test_what_exists_is_not_replaced(data, tmp_path, said) -> None:
    (tmp_path / "d").mkdir()
    assert "exists already" in said(["import", str(data), "--out", str(tmp_path / "d")])


@pytest.mark.skipif(os.name == "nt", reason="there they are paths")
@pytest.mark.parametrize("path", [r"C:\data\a.imzML", r"\\server\share\a.imzML"])
def test_paths_of_windows_are_refused_everywhere(data, tmp_path, said, path) -> None:
    for command in (
        ["check", path],
        ["import", path, "--out", "d"],
        ["import", str(data), "--out", path],
        ["demo", path],
    ):
        assert "is a path of a Windows computer" in said(command)


def test_pasted_paths_are_read(data, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(["import", f'"{data}"', "--out", "~/made "]) == 0
    assert IonImages.load(tmp_path / "made").images.sum() == 28


def test_names_that_are_no_text_can_be_read_and_said(tmp_path, capfd) -> None:
    """Archives unpacked by old programs leave bytes of another encoding in names."""
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/M\xfcnchen"))
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("the disk takes no such names")
    write_imzml(folder / "a.imzML", PIXELS)
    assert main(["check", str(folder / "a.imzML")]) == 0
    assert main(["import", str(folder / "a.imzML"), "--out", str(folder / "d")]) == 0
    assert "Saved as" in capfd.readouterr().out


@pytest.mark.usefixtures("children")
@pytest.mark.parametrize("header", ["SECTION.imzML", "section.imzML"])
def test_a_child_reads_a_pair_of_other_names(tmp_path, header) -> None:
    write_imzml(tmp_path / header, PIXELS)
    (tmp_path / header).with_suffix(".ibd").rename(tmp_path / "renamed (1).ibd")
    assert main(["check", str(tmp_path / "renamed (1).ibd")]) == 0
    assert main(["import", str(tmp_path / header.lower()), "--out", str(tmp_path / "d")]) == 0
    assert IonImages.load(tmp_path / "d").images.sum() == 6
