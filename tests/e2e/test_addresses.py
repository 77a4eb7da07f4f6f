"""Addresses that people type or share, and windows that are narrow."""

import re

import pytest
from driving import settled
from finished import finish_a_run
from playwright.sync_api import expect

from msiss.data.library import DataLibrary

pytestmark = pytest.mark.e2e

NARROW = 1024  # pixels, of an old projector


@pytest.fixture
def address(server, small_images):
    """Return the address of a dashboard with a finished run of twelve ions in three clusters."""
    run = finish_a_run(server.home, small_images, "shared")
    yield server.address
    run.delete()
    DataLibrary(server.home / "datasets").delete("shared")


def test_the_first_page_is_found_by_its_name_too(page, address):
    page.goto(f"{address}/open?dataset=shared")
    expect(page.get_by_role("heading", level=1, name="Open data")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/\?dataset=shared&"))
    expect(page.get_by_text("Page not found")).to_have_count(0)
    navigation = page.get_by_test_id("stSidebarNav")
    expect(navigation.get_by_role("link", name="Open", exact=True)).to_have_count(1)


def test_every_part_of_the_page_clusters_is_seen_in_a_narrow_window(page, address):
    page.set_viewport_size({"width": NARROW, "height": 768})
    page.goto(f"{address}/clusters?dataset=shared")
    last = page.get_by_test_id("stMain").get_by_text("Learn", exact=True)
    expect(last).to_be_in_viewport(ratio=1)
    settled(page)
    last.click()
    expect(page.get_by_text("The clusters are found again around what you decided")).to_be_visible()
    expect(page).to_have_url(re.compile("part=learn"))


def test_no_button_is_cut_off_in_a_narrow_window(page, address):
    page.set_viewport_size({"width": NARROW, "height": 768})
    for path, title in (("", "Delete"), ("report", "Cluster means (OME-TIFF)"), ("report", "About the data (CSV)")):
        page.goto(f"{address}/{path}?dataset=shared")
        words = page.get_by_test_id("stMain").get_by_role("button", name=title).locator("p")
        expect(words).to_be_visible()
        width, room = words.evaluate("text => [text, text.parentElement].map(one => one.getBoundingClientRect().width)")
        assert 0 < width <= room + 1, title
