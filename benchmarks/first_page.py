"""How long the dashboard takes to show its first page, from the browser's request on a fresh server.

    .venv/bin/python benchmarks/first_page.py

Needs Chromium. Prints the seconds until the server answers, and until the first page stands.
"""

import tempfile
import time
from pathlib import Path

from browser import browser_window, dashboard


def main() -> None:
    """Measure and print."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as home, dashboard(Path(home)) as address:
        print(f"server answers after {time.monotonic() - start:.1f} s")
        with browser_window() as page:
            for visit in ("first", "second"):
                start = time.monotonic()
                page.goto(address)
                page.get_by_role("heading", name="Open data").wait_for()
                page.get_by_role("button", name="Open the demo").wait_for()
                print(f"{visit} page view stands after {time.monotonic() - start:.1f} s")


if __name__ == "__main__":
    main()
