"""What every journey through the dashboard does with a page."""

from playwright.sync_api import Locator, Page, expect


def settled(page: Page) -> Page:
    """Wait until the page is drawn, and check that nothing on it is an error."""
    page.wait_for_selector('.stApp[data-test-script-state="notRunning"]')
    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_text("unexpected error").count() == 0
    return page


def go(page: Page, name: str, title: str) -> None:
    """Follow a link of the navigation once the page is drawn, as Streamlit breaks off what it does for a page."""
    settled(page).get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    settled(page)


def press(page: Page, label: str) -> None:
    """Press a button of the page; Streamlit has a Stop of its own above it while a script runs for long."""
    button = page.get_by_test_id("stMain").get_by_role("button", name=label, exact=True)
    expect(button).to_have_count(1)  # while a page is drawn anew, what it showed before can stand beside it
    button.click()


def drag(page: Page, target: Locator, *corners: tuple[float, float]) -> None:
    """Drag the mouse along corners, which are fractions of the width and the height of something."""
    place = target.bounding_box()
    path = [(place["x"] + across * place["width"], place["y"] + down * place["height"]) for across, down in corners]
    page.mouse.move(*path[0])
    page.mouse.down()
    for corner in path[1:]:
        page.mouse.move(*corner, steps=12)
    page.mouse.up()
