"""The parts of a report about the settings and the versions of the software."""

import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata

from msiss.learn.methods import METHODS
from msiss.runs.request import method_version
from msiss.runs.store import Run
from msiss.share.report.blocks import Block, Heading, Table, Text, facts
from msiss.share.settings_text import settings_of
from msiss.version import __version__
from msiss.words import duration

PACKAGES = ("numpy", "scipy", "scikit-learn", "umap-learn", "torch")


def settings(run: Run) -> Iterator[Block]:
    """Yield the settings that differ from the preset, then all."""
    preset, found = settings_of(run.config)
    different = [one for one in found if one.differs]
    yield Text(f"Method: {METHODS[run.config.method].title}. Preset: {preset}, the nearest to these settings.")
    if different:
        rows = [(one.title, one.name, _text(one.value), _text(one.preset)) for one in different]
        yield Heading("Different from the preset", level=3)
        yield Table(("Setting", "Name", "Value", "Preset"), rows, (3, 3, 1.5, 1.5))
    else:
        yield Text("No setting differs from the preset.")
    yield Heading("All settings", level=3)
    yield Table(("Setting", "Name", "Value"), [(one.title, one.name, _text(one.value)) for one in found], (3, 3, 2))


def versions(run: Run) -> Iterator[Block]:
    """Yield when and where the run was trained, and the versions of what is installed now."""
    status, method = run.status, run.request.method
    same = "the same as that of this msiss" if method == method_version() else "another one than that of this msiss"
    took = duration(status.finished - status.started) if status.started and status.finished else ""
    finished = f"{datetime.fromtimestamp(status.finished, UTC):%Y-%m-%d %H:%M} UTC" if status.finished else ""
    yield facts(
        [
            ("Run", run.path.name),
            ("Trained", finished),
            ("Took", took),
            ("Device", status.device),
            ("Method version", f"{method} ({same})"),
        ]
    )
    yield Text("Installed where this report was made:")
    installed = [(name, version) for name in PACKAGES if (version := _version(name))]
    yield facts([("msiss", __version__), ("Python", platform.python_version()), *installed])


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _text(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case None:
            return ""
        case list() | tuple():
            return ", ".join(map(_text, value))
    return str(value)
