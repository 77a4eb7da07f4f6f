"""One selection in a real browser: hover, loop, gallery, keyboard, undo, and a link that somebody else opens."""

import re

import pytest
from driving import drag, go, settled
from finished import finish_a_run
from playwright.sync_api import Page, expect

from msiss.data.library import DataLibrary
from msiss.data.selections import saved

pytestmark = pytest.mark.e2e


@pytest.fixture
def page_of_map(page, server, small_images):
    """Open the map of a finished run of twelve ions."""
    run = finish_a_run(server.home, small_images, "chosen")
    page.goto(f"{server.address}/map?dataset=chosen")
    expect(page.locator("canvas")).to_have_count(2)
    yield settled(page)
    run.delete()
    DataLibrary(server.home / "datasets").delete("chosen")


def selection_of(page: Page) -> str:
    found = re.search(r"[?&]sel=([^&]*)", page.url)
    return found[1] if found else ""


def test_ions_are_selected_by_mouse_and_keyboard_and_seen_everywhere(page_of_map, server, browser):
    page = page_of_map
    left = page.locator("canvas").first
    drag(page, left, (0.01, 0.02), (0.99, 0.02), (0.99, 0.98), (0.01, 0.98))
    expect(page.get_by_text("12 selected ions")).to_be_visible()
    tiles = page.get_by_role("option")
    expect(tiles).to_have_count(12)

    # A click takes one out; with Shift, a whole range; both are one step each of what can be undone.
    tiles.nth(11).click()
    expect(page.get_by_text("11 selected ions")).to_be_visible()
    settled(page).get_by_role("button", name="Undo").click()
    expect(page.get_by_text("12 selected ions")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Nothing is selected")).to_be_visible()

    # By keyboard: an arrow points at an ion, which is shown with its image, and Enter selects it.
    left.focus()
    page.keyboard.press("ArrowRight")
    picture = page.locator(".tip img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 selected ion", exact=True)).to_be_visible()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 selected ions")).to_be_visible()

    # The gallery leads to the partners of an ion, and the selection stays.
    tile = settled(page).get_by_role("option").first
    tile.focus()
    tile.press("Enter")
    page.get_by_role("menuitem", name="Show large").click()
    expect(page.get_by_role("dialog")).to_contain_text("Ion image")
    page.keyboard.press("Escape")
    chosen = selection_of(page)
    assert len(chosen.replace("-", ".").split(".")) == 2
    go(page, "Clusters", "Clusters")
    go(page, "Map", "Map")
    expect(page.get_by_text("2 selected ions")).to_be_visible()
    assert selection_of(page) == chosen

    settled(page).get_by_role("button", name="Find, save, load").click()
    page.get_by_role("textbox", name="Save the selection as").fill("pair")
    page.get_by_role("textbox", name="Save the selection as").press("Enter")
    settled(page).get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="pair (2 ions)")).to_be_visible()
    assert len(saved(server.home / "datasets" / "chosen")["pair"].ions) == 2

    other = browser.new_page()
    other.goto(page.url)
    expect(other.get_by_text("2 selected ions")).to_be_visible()
    expect(other.get_by_role("option")).to_have_count(2)
    other.close()


def test_a_group_is_hidden_on_both_maps_and_selected_by_a_double_click(page_of_map):
    page = page_of_map

    def drawn(number: int) -> int:
        """Count the pixels of a map that are not empty."""
        return (
            page.locator("canvas")
            .nth(number)
            .evaluate(
                "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)"
                ".data.filter((value, place) => place % 4 === 3 && value > 0).length"
            )
        )

    before = [drawn(0), drawn(1)]
    group = page.locator(".legend button").first
    group.click()
    expect(group).to_have_attribute("aria-pressed", "false")
    page.wait_for_timeout(100)
    assert all(after < was for after, was in zip([drawn(0), drawn(1)], before, strict=True))
    group.click()
    group.dblclick()
    expect(page.get_by_text("5 selected ions")).to_be_visible()
