"""A home that cannot be written to is said in one sentence, wherever it is met first."""

from pathlib import Path

import pytest

from msiss import cli, home
from msiss.data.phantom import write_phantom
from msiss.errors import HomeError
from msiss.runs import engine

SAID = r"msiss cannot write to its folder .*: .*person who maintains this server .* MSISS_HOME"


@pytest.fixture(params=["a file", "below a file"])
def unwritable(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the home be one that nobody, not even the administrator, can write to."""
    file = tmp_path / "file"
    file.write_text("in the way")
    folder = file if request.param == "a file" else file / "home"
    monkeypatch.setenv("MSISS_HOME", str(folder))
    return folder


def test_a_home_is_made_when_it_is_first_needed(msiss_home) -> None:
    home.check()
    assert msiss_home.is_dir()
    home.check()


@pytest.mark.usefixtures("unwritable")
def test_a_home_that_cannot_be_made_is_said() -> None:
    with pytest.raises(HomeError, match=SAID):
        home.check()
    with pytest.raises(HomeError, match=SAID):
        home.made(home.runs_folder())


def test_rights_that_are_missing_are_said(msiss_home, monkeypatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # rights do not bind an administrator, who may run this test
    with pytest.raises(HomeError, match="the rights of the folder"):
        home.check()
    assert msiss_home.is_dir()


@pytest.mark.usefixtures("unwritable")
def test_the_engine_says_that_it_cannot_start() -> None:
    with pytest.raises(HomeError, match=SAID):
        engine.connect()


def test_the_commands_say_it_in_one_line_or_do_without(unwritable, tmp_path, small_images, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    small_images.save(tmp_path / "data")
    for command in (["run", str(tmp_path / "data"), "--clusters", "3"], ["app"]):
        assert cli.main(command) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("error: ")
        assert str(unwritable) in line
    imzml = write_phantom(tmp_path / "demo")
    assert cli.main(["check", str(imzml)]) == 0
    assert cli.main(["import", str(imzml), "--peaks", "5", "--out", str(tmp_path / "imported")]) == 0
