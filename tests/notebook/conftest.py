"""A section in files, and a run that was made of it as in a notebook."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import msiss
from msiss.phantom.section import make_phantom

TINY = {
    "preset": "quick",
    "device": "cpu",
    "neighbours": 3,
    "contrastive.epochs": 1,
    "classifier.epochs": 2,
    "self_label.epochs": 1,
}


@pytest.fixture(autouse=True)
def _without_children(no_children: None) -> None:
    pass


@pytest.fixture(scope="session")
def section(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a simulated section of 20 ions: demo.imzML, demo.ibd and truth.csv."""
    folder = tmp_path_factory.mktemp("section")
    make_phantom(shape=(24, 30), ions=20).write(folder)
    return folder


@pytest.fixture(scope="session")
def images(section: Path) -> msiss.IonImages:
    return msiss.read(section / "demo.imzML", mz_list=section / "truth.csv")


@pytest.fixture(scope="session")
def tiny() -> dict[str, Any]:
    """Return settings by which a training takes seconds."""
    return TINY


@pytest.fixture(scope="session")
def run(images: msiss.IonImages, section: Path) -> msiss.Run:
    return msiss.cluster(images, clusters=3, folder=section / "run", progress=False, **TINY)


@pytest.fixture
def hostile(small_images: msiss.IonImages) -> msiss.IonImages:
    """Return ion images whose every text would be HTML."""
    names = tuple(f"<script>alert({ion})</script>" for ion in range(12))
    return replace(small_images, names=names, annotations={"formula": names}, source="<img src=x onerror=y>.npz")
