"""What the browser draws itself on the pages Regions and Overlay."""

import json
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from msiss.data.areas import AreaFile
from msiss.data.library import DataLibrary
from msiss.data.overlays import read_overlays
from msiss.data.placement import fitted, read_placement
from msiss.phantom.section import make_phantom
from msiss.show.overlay import Layer, blend, limits, strength

pytestmark = pytest.mark.e2e

ASPECT = 1.5  # height of a pixel over its width


@pytest.fixture
def section(server):
    """Put a small data set with a picture into the library, and delete it again."""
    library = DataLibrary(server.home / "datasets")
    picture = np.full((60, 90, 3), (240, 200, 220), np.uint8)
    images = replace(make_phantom(shape=(24, 30), ions=12).images, pixel_size=(15.0, 10.0), picture=picture)
    library.add(images, "section")
    yield images
    library.delete("section")


def settled(page: Page) -> None:
    """Wait until the page is drawn, and check that nothing on it is an error."""
    page.wait_for_selector('.stApp[data-test-script-state="notRunning"]')
    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_text("unexpected error").count() == 0


def open_page(page: Page, server, name: str, title: str) -> None:
    page.goto(f"{server.address}/{name}?dataset=section")
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    settled(page)


def drawn(page: Page, before: str | None = None) -> str:
    """Wait until the canvas has drawn something else than before, and return the version of what it shows."""
    page.wait_for_function(
        """before => {
            const host = [...document.querySelectorAll('*')].find((one) => one.shadowRoot?.querySelector('.overlay'));
            const version = host?.shadowRoot.querySelector('canvas').dataset.drawn;
            return version && version !== before;
        }""",
        arg=before,
    )
    return page.locator(".overlay canvas").get_attribute("data-drawn")


def test_a_region_is_drawn_and_its_ions_are_selected(page, server, section):
    open_page(page, server, "regions", "Regions")
    page.wait_for_function("document.querySelector('.js-plotly-plot')?._fullLayout?.dragmode === 'lasso'")
    place = page.locator(".js-plotly-plot .nsewdrag").first.bounding_box()
    corners = [(0.3, 0.3), (0.6, 0.3), (0.6, 0.7), (0.3, 0.7), (0.3, 0.32)]
    path = [(place["x"] + across * place["width"], place["y"] + down * place["height"]) for across, down in corners]
    page.mouse.move(*path[0])
    page.mouse.down()
    for corner in path[1:]:
        page.mouse.move(*corner, steps=8)
    page.mouse.up()
    expect(page.get_by_text("pixels of A against").first).to_be_visible()
    expect(page.get_by_text("AUC").first).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Select these 12 ions").click()
    expect(page.get_by_text("12 selected ions").first).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Keep", exact=True).click()
    settled(page)
    (area,) = AreaFile(server.home / "datasets" / "section").read()
    inside = area.pixels(section.shape)
    rows, columns = np.nonzero(inside)
    assert (rows.min() >= 5, rows.max() <= 18, columns.min() >= 7, columns.max() <= 19) == (True,) * 4
    assert inside.mean() == pytest.approx(0.3 * 0.4, abs=0.03)


def test_an_overlay_is_read_placed_and_saved(page, server, section):
    open_page(page, server, "overlay", "Overlay")
    version = drawn(page)
    page.get_by_role("radio", name="Mix as light").click()
    version = drawn(page, version)
    page.get_by_role("tab", name="Picture").click()
    slider = page.get_by_role("slider", name="Opacity of the picture")
    slider.press("Home")
    version = drawn(page, version)
    settled(page)

    canvas = page.locator(".overlay canvas")
    canvas.scroll_into_view_if_needed()
    view = json.loads(canvas.get_attribute("data-view"))
    pixels = canvas.evaluate(
        """(canvas, [width, height]) => {
            const view = JSON.parse(canvas.dataset.view);
            const context = canvas.getContext('2d');
            const found = [];
            for (let row = 0; row < height; row++) for (let column = 0; column < width; column++) {
                const x = (view.left + (column + 0.5) * view.zoom) * view.sharp;
                const y = (view.top + (row + 0.5) * view.down) * view.sharp;
                found.push([...context.getImageData(Math.floor(x), Math.floor(y), 1, 1).data.slice(0, 3)]);
            }
            return found;
        }""",
        [30, 24],
    )
    ions = [int(one) for one in _spread(section)]
    layers = [
        Layer(strength(section.images[ion], *limits(section.images[ion], section.mask)), colour)
        for ion, colour in zip(ions, ("#00aaff", "#ff9900", "#aa1188"), strict=True)
    ]
    expected = blend(layers, section.shape)
    found = np.array(pixels).reshape(24, 30, 3)
    bar = np.zeros(section.shape, bool)  # the scale bar and its length lie over the lower left corner
    bar[-6:, :12] = True
    assert np.abs(found - expected.astype(int))[~bar].max() <= 1
    assert view["down"] == pytest.approx(ASPECT * view["zoom"])
    assert canvas.get_attribute("data-bar").endswith(" µm")

    place = canvas.bounding_box()
    across, down = view["left"] + 15.5 * view["zoom"], view["top"] + 12.5 * view["down"]
    page.mouse.move(place["x"] + across, place["y"] + down)
    tip = page.locator(".overlay .tip")
    expect(tip).to_contain_text("column 15, row 12 (0.15, 0.18 mm)")
    value = float(f"{section.images[ions[0]][12, 15]:.4g}")
    expect(tip).to_contain_text(f"m/z {section.mz[ions[0]]:.4f}")
    said = float(tip.inner_text().splitlines()[1].rsplit(": ", 1)[1].removesuffix(" a.u.").replace(",", ""))
    assert said == pytest.approx(value, rel=1e-3, abs=float(section.images[ions[0]].max()) / 30_000)

    slider.press("End")
    version = drawn(page, version)
    settled(page)
    page.get_by_text("Place it by hand on the section").click()
    version = drawn(page, version)
    settled(page)
    page.mouse.move(place["x"] + across, place["y"] + down)
    page.mouse.down()
    page.mouse.move(place["x"] + across + 5 * view["zoom"], place["y"] + down - 3 * view["down"], steps=4)
    page.mouse.up()
    version = drawn(page, version)
    settled(page)
    folder = server.home / "datasets" / "section"
    first, moved = fitted((60, 90), section.shape, ASPECT), read_placement(folder)
    assert moved.column - first.column == pytest.approx(5, abs=0.2)
    assert moved.row - first.row == pytest.approx(-3, abs=0.2)
    canvas.press("]")
    canvas.press("m")
    drawn(page, version)
    settled(page)
    assert read_placement(folder) == moved.model_copy(update={"angle": 1.0, "flipped": True})

    page.get_by_role("tab", name="Save").click()
    page.get_by_label("Save this overlay as").fill("lipids")
    page.get_by_label("Save this overlay as").press("Enter")
    settled(page)
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_role("button", name="Show", exact=True)).to_be_visible()
    settled(page)
    assert [channel.number for channel in read_overlays(folder)["lipids"].channels] == ions
    assert "overlay=lipids" in page.url
    with page.expect_download() as download:
        page.get_by_role("button", name="Picture with legend (.png)").click()
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


def _spread(section) -> list[int]:
    """Return the most intense ion of each third of the m/z."""
    totals = section.images.sum(axis=(1, 2))
    return [part[totals[part].argmax()] for part in np.array_split(np.argsort(section.mz), 3)]
