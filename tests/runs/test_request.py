"""The identity of a run, and the version of its method."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from msiss.learn.paper.config import PaperConfig
from msiss.runs.request import RunRequest, method_version
from msiss.version import PACKAGE

CONFIG = PaperConfig(clusters=3)


def request(**changes: Any) -> RunRequest:
    values = {"dataset": Path("a"), "fingerprint": "f", "config": CONFIG, "method": "m", "created": datetime.now(UTC)}
    return RunRequest.model_validate(values | changes)


@pytest.mark.parametrize(
    "change",
    [
        {"fingerprint": "g"},
        {"config": PaperConfig(clusters=4)},
        {"config": PaperConfig(clusters=3, seed=1)},
        {"method": "n"},
    ],
)
def test_identity_changes_with_data_settings_and_method(change: dict[str, Any]) -> None:
    assert request(**change).identity != request().identity


def test_identity_does_not_change_with_time_and_place() -> None:
    later = request(created=datetime.now(UTC) + timedelta(days=1), dataset=Path("b"))
    assert later.identity == request().identity
    assert len(later.identity) == 16


def test_the_method_is_the_code_that_decides_the_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "msiss"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr("msiss.version.PACKAGE", package)
    version = method_version.__wrapped__  # what it keeps is of the code that runs
    before = version()
    assert len(before) == 16
    deciding = set()
    for path in package.rglob("*.py"):
        source = path.read_bytes()
        path.write_bytes(source + b"#")
        if version() != before:
            deciding.add(path)
        path.write_bytes(source)
    assert version() == before
    learned, analysed = (set((package / floor).rglob("*.py")) for floor in ("learn", "analyse"))
    assert deciding == learned | analysed | {package / "data" / name for name in ("prepare.py", "prepare_steps.py")}
    assert package / "analyse" / "measures" / "bands.py" in deciding
