"""The dashboard in a real browser: one server and one Chromium for all journeys."""

import contextlib
import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from helpers import HANG_SECONDS
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from msiss.data.library import DataLibrary
from msiss.phantom.section import Phantom, make_phantom
from msiss.runs import engine
from msiss.runs.store import RunStore

ROOT = Path(__file__).parents[2]
# Chromium talks to its maker unless it is told not to.
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
SCREENSHOTS = os.environ.get("MSISS_SCREENSHOTS")  # a folder, when the pictures of the documentation are to be renewed
# As wide as these pictures, and high enough for all that one of them shows.
SCREENSHOT_WINDOW = {"width": 1280, "height": 3000}


@dataclass(frozen=True)
class Server:
    """A running dashboard: its address, and the home in which it keeps everything."""

    address: str
    home: Path


@contextlib.contextmanager
def _serve(home: Path, port: int) -> Iterator[str]:
    """Run the dashboard as ``make app`` does, and give its address."""
    with (home / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "msiss.ui.server.serve",
                "app.py",
                "--server.headless",
                "true",
                "--server.port",
                str(port),
            ],
            cwd=ROOT,
            env=os.environ | {"MSISS_HOME": str(home)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        address = f"http://localhost:{port}"
        _wait_for(f"{address}/_stcore/health", home / "server.log")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=HANG_SECONDS)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start the dashboard in a home of its own."""
    home = tmp_path_factory.mktemp("home")
    try:
        with _serve(home, _free_port()) as address:
            yield Server(address, home)
    finally:
        _end_engine(home)


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    """Return a simulated section that is trained quickly."""
    return make_phantom(shape=(24, 30), ions=40)


@pytest.fixture
def tiny(server: Server, phantom: Phantom) -> Iterator[str]:
    """Put a small data set in the library until the test ends, and return the address of its page Cluster."""
    library, store = DataLibrary(server.home / "datasets"), RunStore(server.home / "runs")
    library.add(phantom.images, "tiny")
    yield f"{server.address}/cluster?dataset=tiny"
    library.delete("tiny")
    for run in store:
        if run.request.fingerprint == phantom.images.fingerprint:
            run.delete()


@pytest.fixture
def serving(tmp_path: Path) -> Callable[[], contextlib.AbstractContextManager[str]]:
    """Return what runs a dashboard of the test's own, again and again at one address."""
    port = _free_port()
    return lambda: _serve(tmp_path, port)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium; where there is none, skip, or fail on a machine that has to have one.

    It ends with the file: while it runs, Playwright keeps an event loop in this thread, and other tests may not expect
    one.
    """
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        path = found or playwright.chromium.executable_path
        if not Path(path).exists():
            reason = "There is no Chromium here: install it, or run `playwright install chromium`."
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
        chromium = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a browser window, as somebody does who has never been here."""
    window = SCREENSHOT_WINDOW if SCREENSHOTS else {"width": 1440, "height": 1200}
    context = browser.new_context(viewport=window, accept_downloads=True)
    expect.set_options(timeout=HANG_SECONDS * 1000)
    context.set_default_timeout(HANG_SECONDS * 1000)
    yield context.new_page()
    context.close()


@dataclass(frozen=True)
class Camera:
    """Takes screenshots of a page where a folder for them was given, and does nothing otherwise."""

    page: Page
    folder: Path | None

    @property
    def asked(self) -> bool:
        """Whether screenshots are taken."""
        return self.folder is not None

    def take(
        self, name: str, *, down_to: Locator | None = None, above: Locator | None = None, margin: float = 24
    ) -> None:
        """Save the page from its top to so many pixels below something on it, or above something."""
        if self.folder is None:
            return
        width, height = SCREENSHOT_WINDOW["width"], SCREENSHOT_WINDOW["height"]
        self.page.mouse.move(width - 1, height - 1)  # nothing is pointed at
        self.page.wait_for_timeout(1000)  # until charts have found their size
        if down_to is not None:
            last = down_to.bounding_box()
            height = last["y"] + last["height"] + margin
        elif above is not None:
            height = above.bounding_box()["y"] - margin
        area = {"x": 0, "y": 0, "width": width, "height": height}
        shot = Image.open(io.BytesIO(self.page.screenshot(clip=area, animations="disabled"))).convert("RGB")
        # A palette takes a third of the bytes; chosen so, it keeps the colours of clusters, which few pixels have.
        shot = shot.quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
        self.folder.mkdir(parents=True, exist_ok=True)
        shot.save(self.folder / f"{name}.png", optimize=True)


@pytest.fixture
def camera(page: Page) -> Camera:
    """Return what takes screenshots for the documentation."""
    return Camera(page, Path(SCREENSHOTS) if SCREENSHOTS else None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


def _wait_for(address: str, log: Path) -> None:
    deadline = time.monotonic() + HANG_SECONDS
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                pytest.fail(f"The dashboard did not start:\n{log.read_text()}")
            time.sleep(0.2)


def _end_engine(home: Path) -> None:
    """End the scheduler and the workers that the journeys have started."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MSISS_HOME", str(home))
        engine.shut_down()
