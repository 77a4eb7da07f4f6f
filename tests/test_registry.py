"""Records of other packages: every process knows them once such a package is installed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import HANG_SECONDS

from msiss.data.ion_images import IonImages
from msiss.errors import SettingError
from msiss.registry import Registry

ENGINE = """
import sys, time
from pathlib import Path
from msiss.data.ion_images import IonImages
from msiss.home import datasets_folder, runs_folder
from msiss.learn.methods import preset_config
from msiss.runs import engine
from msiss.runs.jobs import State
from msiss.runs.store import RunStore

if __name__ == "__main__":
    dataset = datasets_folder() / "section"
    config = preset_config("toy", clusters=3, neighbours=3)
    run = RunStore(runs_folder()).create(
        dataset=dataset, fingerprint=IonImages.load(dataset).fingerprint, config=config
    )
    try:
        engine.submit(run)
        while run.status.state not in (State.DONE, State.FAILED):
            time.sleep(0.1)
    finally:
        engine.shut_down()
    print(run.status.state.value, run.status.message)
    print(*run.representations)
"""


def installed(folder: Path, module: Path, register: str) -> dict[str, str]:
    """Install a package of one module into a folder, and return the environment in which Python finds it."""
    place = folder / "site-packages"
    place.mkdir()
    shutil.copy(module, place)
    about = place / "some_toys-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: some-toys\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[msiss]\ntoys = {module.stem}:{register}\n")
    path = os.pathsep.join([str(place), str(Path(__file__).parents[1])])
    return {**os.environ, "PYTHONPATH": path, "MSISS_HOME": str(folder / "home")}


def python(*arguments: object, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], env=environment, capture_output=True, text=True, timeout=HANG_SECONDS
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
def test_command_line_children_and_engine_know_an_installed_package(tmp_path: Path, small_images: IonImages) -> None:
    environment = installed(tmp_path, Path(__file__).with_name("toys.py"), "register")
    file = tmp_path / "section.toy"
    file.write_text(json.dumps({"images": small_images.images.tolist(), "mz": small_images.mz.tolist()}))
    dataset = tmp_path / "home" / "datasets" / "section"
    python("-m", "msiss", "import", file, "--out", dataset, environment=environment)
    script = tmp_path / "submit.py"
    script.write_text(ENGINE)
    said = python(script, environment=environment).splitlines()
    assert said[-2].strip() == "done"
    assert {"blocks", "rows"} <= set(said[-1].split())


def test_a_package_that_fails_is_named_and_left_out(tmp_path: Path) -> None:
    module = tmp_path / "broken.py"
    module.write_text("def register():\n    raise ImportError('no module named bricks')\n")
    environment = installed(tmp_path, module, "register")
    list_them = "from msiss.learn.methods import METHODS; print(METHODS.names)"
    said = python("-c", list_them, environment=environment)
    assert "('msiss', 'paper')" in said
    assert "The package some-toys was not added to msiss: ImportError: no module named bricks." in said


def test_what_there_is_not_is_said_with_what_there_is() -> None:
    registry: Registry = Registry("thing")
    with pytest.raises(SettingError, match=r"There is no thing named a\. There are: \."):
        registry["a"]
