"""A home that cannot be written to is said in one sentence, wherever it is met first."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from msiss import home
from msiss.cli import main
from msiss.errors import HomeError, SettingError
from msiss.phantom.section import make_phantom
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
    with pytest.raises(HomeError, match="the permissions of the folder"):
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
        assert main(command) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("error: ")
        assert str(unwritable) in line
    imzml = make_phantom(shape=(24, 30), ions=20).write(tmp_path / "demo")
    assert main(["check", str(imzml)]) == 0
    assert main(["import", str(imzml), "--peaks", "5", "--out", str(tmp_path / "imported")]) == 0


@pytest.fixture
def own_umask() -> Iterator[None]:
    """Give the umask back that the process had."""
    before = os.umask(0o022)
    yield
    os.umask(before)


posix = pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")


@posix
@pytest.mark.usefixtures("own_umask")
@pytest.mark.parametrize(
    ("given", "folder", "file"), [(None, 0o700, 0o600), ("007", 0o770, 0o660), ("0027", 0o750, 0o640)]
)
def test_what_msiss_keeps_can_be_read_by_those_who_may(
    given, folder, file, msiss_home, small_images, monkeypatch
) -> None:
    if given is not None:
        monkeypatch.setenv("MSISS_UMASK", given)
    home.keep_private()
    home.check()
    small_images.save(home.datasets_folder() / "small")
    kept = [msiss_home, *msiss_home.rglob("*")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept if path.is_dir()} == {folder}
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept if path.is_file()} == {file}


@posix
@pytest.mark.usefixtures("own_umask")
def test_a_command_closes_a_new_home_and_writes_elsewhere_as_the_user_wants(msiss_home, tmp_path) -> None:
    assert main(["demo", str(tmp_path / "demo")]) == 0
    assert stat.S_IMODE(msiss_home.stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "demo" / "truth.csv").stat().st_mode) == 0o644
    msiss_home.chmod(0o755)  # a home that is there is left as it is
    assert main(["demo", str(tmp_path / "again")]) == 0
    assert stat.S_IMODE(msiss_home.stat().st_mode) == 0o755


@pytest.mark.usefixtures("own_umask")
@pytest.mark.parametrize("wrong", ["", "77 ", "8", "0777", "700", "rw"])
def test_a_wrong_umask_is_refused_in_words(wrong, msiss_home, monkeypatch, capsys) -> None:
    monkeypatch.setenv("MSISS_UMASK", wrong)
    with pytest.raises(SettingError, match=r"MSISS_UMASK is .* Set it to 077"):
        home.keep_private()
    assert main(["app"]) == 1
    assert "MSISS_UMASK" in capsys.readouterr().err
