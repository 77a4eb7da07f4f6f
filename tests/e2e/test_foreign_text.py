"""What strangers wrote into their files is shown as it is in a real browser, and fetches nothing."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from msiss.data.library import DataLibrary
from msiss.phantom.section import make_phantom

pytestmark = pytest.mark.e2e

HOSTILE = (
    "![x](https://example.org/image.png)",
    "[press](https://example.org/page)",
    "<img src=https://example.org/html.png onerror=alert(1)>",
    "https://example.org/bare www.example.org a@example.org",
    ":material/home: :smile: :red[red] $x^2$",
    "<b>bold</b> **stressed** _it_ <a href='https://example.org'>a</a>",
)

# Pages by their address, and what is there once they are drawn.
PAGES = {"": "All data sets", "similarity": "Cosine similarity", "prepare": "ions kept", "augment": "view 4"}


@pytest.fixture
def hostile(server):
    """Add a data set whose ions have such names, and delete it afterwards."""
    images = make_phantom(shape=(24, 30), ions=len(HOSTILE)).images
    library = DataLibrary(server.home / "datasets")
    changes = {"names": HOSTILE, "annotations": {"formula": HOSTILE[::-1]}, "source": HOSTILE[0]}
    library.add(replace(images, **changes), "hostile")
    yield server.address
    library.delete("hostile")


def test_names_of_ions_are_only_text(page, hostile):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    for path, ready in (
        ("", "All data sets"),
        ("similarity", "Cosine similarity"),
        ("prepare", "ions kept"),
        ("augment", "view 4"),
    ):
        page.goto(f"{hostile}/{path}?dataset=hostile")
        expect(page.get_by_text(ready).first).to_be_visible()
        page.wait_for_selector('.stApp[data-test-script-state="notRunning"]')
        main = page.get_by_test_id("stMain")
        assert main.locator("a[href*='example.org'], img[src*='example.org'], a[href^='mailto']").count() == 0
        if path == "similarity":
            text = main.inner_text().replace("\N{WORD JOINER}", "")
            for name in HOSTILE[:4]:
                assert name in text
            assert main.locator(".katex, strong:has-text('stressed'), b:has-text('bold')").count() == 0
    foreign = [url for url in asked if not url.startswith((hostile, hostile.replace("http", "ws"), "data:", "blob:"))]
    assert foreign == []
