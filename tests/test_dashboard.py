"""The dashboard's scripts are found beside the package, and in it where it was installed."""

from pathlib import Path

import pytest

from msiss import dashboard
from msiss.errors import RunError


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a package without scripts."""
    folder = tmp_path / "site" / "msiss"
    folder.mkdir(parents=True)
    monkeypatch.setattr(dashboard, "__file__", str(folder / "dashboard.py"))
    return folder


def put(folder: Path, *, pages: bool = True) -> Path:
    (folder / "pages").mkdir(parents=True) if pages else folder.mkdir(exist_ok=True)
    script = folder / "app.py"
    script.touch()
    return script


def test_those_of_the_source_folder() -> None:
    assert dashboard.script() == Path(__file__).parents[1] / "app.py"


def test_those_in_the_package_come_first(package: Path) -> None:
    beside = put(package.parent)
    assert dashboard.script() == beside
    inside = put(package / "_dashboard")
    assert dashboard.script() == inside


def test_the_script_of_another_program_is_not_taken(package: Path) -> None:
    put(package.parent, pages=False)  # somebody's app.py among the installed packages
    with pytest.raises(RunError, match=r"The dashboard .* is missing. Install msiss again"):
        dashboard.script()
