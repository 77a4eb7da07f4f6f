"""What several tests share: a home of their own, a small finished run, and the place of the real test data."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from finished import CLASSES, finish_a_run
from hypothesis import settings

from msiss.data.ion_images import IonImages
from msiss.runs.store import Run

# Tests run side by side, one process per core; torch and numba threads of several processes wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")

settings.register_profile("msiss", deadline=None)  # a busy machine is slow; timing is measured in benchmarks
settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
settings.load_profile("repeatable" if os.environ.get("CI") == "true" else "msiss")


@pytest.fixture
def test_data() -> Path:
    """Return the folder of real test data."""
    folder = os.environ.get("MSISS_TEST_DATA")
    if not folder:
        pytest.skip("MSISS_TEST_DATA is not set: see README")
    return Path(folder).resolve()


@pytest.fixture
def benchmarks_are_importable(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a test import the modules of `benchmarks`, which import each other by name."""
    folder = str(Path(__file__).parents[1] / "benchmarks")
    monkeypatch.syspath_prepend(folder)
    yield
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(folder):
            del sys.modules[name]


@pytest.fixture(autouse=True, scope="session")
def _no_users_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep every test away from the home of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MSISS_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture
def msiss_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let msiss keep everything in a temporary folder."""
    home = tmp_path / "home"
    monkeypatch.setenv("MSISS_HOME", str(home))
    return home


@pytest.fixture
def children() -> None:
    """Look at files in child processes, as everywhere outside the tests; see `no_children`."""


@pytest.fixture
def no_children(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at files in this process, which is quicker, unless the test uses `children`."""
    from helpers import run_here  # imports Numba, after the number of threads is set

    if "children" not in request.fixturenames:
        monkeypatch.setattr("msiss.data.confined.parent.run", run_here)


@pytest.fixture
def small_images() -> IonImages:
    """Return twelve ion images of 16 x 20 pixels in three spatial classes, labelled, with a corner off the tissue."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:16, :20]
    mask = rows + columns > 4
    shapes = np.stack([rows < 7, columns > 12, (rows >= 7) & (columns <= 12)])
    images = (shapes[CLASSES] * 80 + rng.uniform(0, 20, (12, 16, 20))) * mask
    return IonImages(
        images=images.astype(np.float32),
        mz=np.linspace(400.1, 800.3, 12),
        mask=mask,
        names=tuple(f"lipid {number}" for number in range(12)),
        polarity="positive",
        pixel_size=(10.0, 10.0),
        labels=CLASSES.copy(),
        source="small.npz",
    )


@pytest.fixture
def finished_run(msiss_home: Path, small_images: IonImages) -> Run:
    """Return a run that is done, in the run store, of `small_images`, saved as the data set "small".

    All representations find the true classes but `image-vectors`, which takes ion 4 for one of class 1.
    """
    return finish_a_run(msiss_home, small_images, "small")
