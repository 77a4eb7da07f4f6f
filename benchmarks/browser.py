"""A dashboard with a browser in front of it, for benchmarks."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

DRAWN = '.stApp[data-test-script-state="notRunning"]'


@contextlib.contextmanager
def dashboard(home: Path) -> Iterator[str]:
    """Run the dashboard in a home folder, and give its address once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--server.headless", "true", "--server.port", str(port)]
    server = subprocess.Popen(
        [sys.executable, "-m", "msiss.ui.server.serve", "app.py", *options],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"MSISS_HOME": str(home)},
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://localhost:{port}/_stcore/health")
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait()


@contextlib.contextmanager
def browser_window(width: int = 1366, height: int = 768) -> Iterator[Page]:
    """Open a window of Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-background-networking"]
        )
        page = chromium.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(120_000)
        yield page
        chromium.close()


def _wait_for(address: str) -> None:
    while True:
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
