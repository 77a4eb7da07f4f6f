"""The wheel: built from the sources and installed into a folder of its own, it has all that msiss needs to run."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest
from helpers import HANG_SECONDS

ROOT = Path(__file__).parents[1]
SOURCES = ("app.py", "pages", ".streamlit", "msiss", "setup.py", "pyproject.toml", "README.md", "LICENSE")
PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check")
FIRST_PAGE = """
from streamlit.testing.v1 import AppTest
from msiss import dashboard
app = AppTest.from_file(str(dashboard.script()), default_timeout=300).run()
assert not app.exception, app.exception
assert app.title[0].value, app
print(app.title[0].value)
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel that is built from a copy of the sources, with what is installed here and without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        source, target = ROOT / name, folder / "sources" / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(exist_ok=True)
            shutil.copy2(source, target)
    built = folder / "built"
    _run(*PIP, "wheel", "--no-build-isolation", "--no-deps", "--no-index", "--wheel-dir", built, folder / "sources")
    (found,) = built.glob("msiss-*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which the wheel is installed, without what it depends on."""
    folder = tmp_path_factory.mktemp("installed")
    _run(*PIP, "install", "--no-deps", "--no-index", "--target", folder, wheel)
    return folder


@pytest.fixture
def elsewhere(installed: Path, tmp_path: Path) -> dict[str, str]:
    """Return the environment in which Python takes msiss from the folder of the wheel, whatever is installed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MSISS")}
    environment |= {"PYTHONPATH": str(installed), "MSISS_HOME": str(tmp_path / "home")}
    where = _run("-c", "import msiss; print(msiss.__file__)", cwd=tmp_path, env=environment)
    assert Path(where.strip()) == installed / "msiss" / "__init__.py"
    return environment


def test_everything_that_is_in_the_repository_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    ours = {path.relative_to(ROOT).as_posix() for path in (ROOT / "msiss").rglob("*") if _is_source(path)}
    beside = [ROOT / "app.py", *(ROOT / "pages").rglob("*"), *(ROOT / ".streamlit").rglob("*")]
    dashboard = {f"msiss/_dashboard/{path.relative_to(ROOT).as_posix()}" for path in beside if _is_source(path)}
    assert {"msiss/_dashboard/pages/data/open.py", "msiss/_dashboard/.streamlit/config.toml"} < dashboard
    assert "msiss/py.typed" in ours
    assert {name for name in names if ".dist-info/" not in name} == ours | dashboard


def test_the_wheel_makes_the_demo_and_reads_it(elsewhere: dict[str, str], tmp_path: Path) -> None:
    _run("-m", "msiss", "demo", "demo", cwd=tmp_path, env=elsewhere)
    assert {path.name for path in (tmp_path / "demo").iterdir()} == {"demo.imzML", "demo.ibd", "truth.csv"}
    use = "import msiss; print(len(msiss.read('demo/demo.imzML', mz_list='demo/truth.csv')))"
    truth = (tmp_path / "demo" / "truth.csv").read_text().splitlines()
    assert int(_run("-c", use, cwd=tmp_path, env=elsewhere)) == len(truth) - 1


def test_the_first_page_of_the_wheel(elsewhere: dict[str, str], tmp_path: Path) -> None:
    assert _run("-c", FIRST_PAGE, cwd=tmp_path, env=elsewhere).split()


def test_the_app_of_the_wheel_answers(elsewhere: dict[str, str], tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    options = ["--server.headless", "true", "--server.port", str(port)]
    log = tmp_path / "server.log"
    with log.open("wb") as file:
        command = [sys.executable, "-m", "msiss", "app", *options]
        server = subprocess.Popen(command, cwd=tmp_path, env=elsewhere, stdout=file, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + HANG_SECONDS
        while not (answer := _answer(f"http://localhost:{port}/_stcore/health")):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        assert answer == "ok"
        assert "<title>" in _answer(f"http://localhost:{port}/")
    finally:
        server.terminate()
        server.wait(timeout=HANG_SECONDS)


def _is_source(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


def _run(*arguments: object, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=cwd, env=env, capture_output=True, text=True, timeout=HANG_SECONDS
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _answer(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=5) as page:
            return page.read().decode()
    except urllib.error.URLError:
        return ""
