"""How long the dashboard takes to show its first page, from the browser's request on a fresh server.

    .venv/bin/python benchmarks/first_page.py

Needs Chromium. Prints the seconds until the server answers, and until the first page stands.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright


def main() -> None:
    """Measure and print."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as home:
        options = ["--server.headless", "true", "--server.port", str(port)]
        start = time.monotonic()
        server = subprocess.Popen(
            [sys.executable, "-m", "msiss.ui.server.serve", "app.py", *options],
            cwd=Path(__file__).parents[1],
            env=os.environ | {"MSISS_HOME": home},
            stdout=subprocess.DEVNULL,
        )
        try:
            _wait_for(f"http://localhost:{port}/_stcore/health")
            print(f"server answers after {time.monotonic() - start:.1f} s")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-background-networking"]
                )
                for visit in ("first", "second"):
                    page = browser.new_page()
                    start = time.monotonic()
                    page.goto(f"http://localhost:{port}")
                    page.get_by_role("heading", name="Open data").wait_for()
                    page.get_by_role("button", name="Open the demo").wait_for()
                    print(f"{visit} page view stands after {time.monotonic() - start:.1f} s")
        finally:
            server.terminate()
            server.wait()


def _wait_for(address: str) -> None:
    while True:
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.1)


if __name__ == "__main__":
    main()
