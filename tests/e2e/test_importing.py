"""Data sets in by the browser: uploaded, damaged, and made of another one by a mask that was drawn."""

import re

import numpy as np
import pytest
from driving import drag, press, settled
from helpers import HANG_SECONDS
from PIL import Image
from playwright.sync_api import Page, expect

from msiss.data.library import DataLibrary

pytestmark = pytest.mark.e2e

IMPORT = 1000 * HANG_SECONDS


def test_a_damaged_pair_is_told_in_plain_words(page, server, phantom, tmp_path):
    path = phantom.write(tmp_path)
    path.with_suffix(".ibd").write_bytes(path.with_suffix(".ibd").read_bytes()[:200])
    open_box(page, server)
    page.locator("input[type=file]").first.set_input_files([path, path.with_suffix(".ibd")])
    expect(page.get_by_text("This cannot be imported as it is.")).to_be_visible()
    settled(page)
    assert page.get_by_role("button", name="Import").count() == 0
    assert "Traceback" not in page.inner_text("body")


def open_box(page: Page, server) -> None:
    """Go to the page Open and unfold the box for new data."""
    page.goto(server.address)
    expect(page.get_by_role("heading", level=1, name="Open data")).to_be_visible()
    if not settled(page).get_by_text("No data at hand?").is_visible():  # folded where there is a data set already
        page.get_by_text("Add a data set").click()


def test_a_pair_is_uploaded_and_imported_across_a_refresh(page, server, phantom, tmp_path):
    path = phantom.write(tmp_path)
    open_box(page, server)
    before = set((server.home / "uploads").glob("*/*/"))
    page.locator("input[type=file]").first.set_input_files([path, path.with_suffix(".ibd")])
    name = page.get_by_role("textbox", name="Name of the data set")
    name.fill("uploaded")
    name.press("Enter")
    settled(page)
    (upload,) = set((server.home / "uploads").glob("*/*/")) - before
    assert sorted(file.suffix for file in upload.iterdir()) == [".ibd", ".imzML"]
    press(page, "Import")
    page.wait_for_url(re.compile("import=|dataset=uploaded"))
    page.reload()
    expect(page.get_by_text("uploaded was imported.")).to_be_visible(timeout=IMPORT)
    settled(page)
    library = DataLibrary(server.home / "datasets")
    assert library.load("uploaded").mask.sum() == phantom.images.mask.sum()
    assert not upload.exists()
    library.delete("uploaded")


def test_a_folder_of_pictures_is_uploaded(page, server, phantom, tmp_path):
    folder = tmp_path / "kidney"
    folder.mkdir()
    for ion in range(6):
        values = phantom.images.images[ion]
        picture = Image.fromarray((values / values.max() * 255).astype(np.uint8))
        picture.save(folder / f"kidney_{phantom.images.mz[ion]:.4f}mz.png")
    open_box(page, server)
    page.get_by_text("Choose a whole folder").click()
    page.locator("input[webkitdirectory]").set_input_files(folder)
    expect(page.get_by_role("textbox", name="Name of the data set")).to_have_value("kidney")
    press(settled(page), "Import")
    expect(page.get_by_text("kidney was imported.")).to_be_visible(timeout=IMPORT)
    settled(page)
    library = DataLibrary(server.home / "datasets")
    np.testing.assert_allclose(library.load("kidney").mz, np.sort(phantom.images.mz[:6]), atol=1e-4)
    library.delete("kidney")


def test_an_mz_that_is_misread_in_the_name_of_a_picture_is_corrected_in_the_table(page, server, tmp_path):
    files = [tmp_path / f"slice_{mz}.png" for mz in ("700.5", "760.6", "801.1")]
    for number, file in enumerate(files, start=1):
        Image.fromarray(np.arange(40, dtype=np.uint8).reshape(5, 8) * number).save(file)
    open_box(page, server)
    page.locator("input[type=file]").first.set_input_files(files)
    table = settled(page).get_by_test_id("stDataFrame")
    width = table.bounding_box()["width"]
    table.dblclick(position={"x": 0.75 * width, "y": 52})  # the m/z in the first row, below the header
    editor = page.locator("#portal input")
    editor.fill("699.25")
    editor.press("Enter")
    expect(page.get_by_text("1 m/z corrected.")).to_be_visible()
    press(settled(page), "Import")
    expect(page.get_by_text("slice was imported.")).to_be_visible(timeout=IMPORT)
    settled(page)
    library = DataLibrary(server.home / "datasets")
    assert library.load("slice").mz.tolist() == [699.25, 760.6, 801.1]
    library.delete("slice")


def test_a_mask_is_drawn_and_saved_as_a_new_data_set(page, tiny, server, phantom):
    page.goto(tiny.replace("/cluster", "/prepare"))
    expect(page.get_by_role("heading", level=1, name="Prepare")).to_be_visible()
    settled(page).get_by_role("tab", name="Pixels").click()
    expect(page.get_by_text("100.0%")).to_be_visible()
    draw_a_loop(settled(page))
    expect(page.get_by_text("Drawn areas")).to_be_visible()
    area = settled(page).get_by_role("textbox", name="Keep only this")
    area.fill("right half")
    area.press("Enter")
    name = settled(page).get_by_role("textbox", name="Save the chosen ions and pixels as a new data set")
    name.fill("tiny right")
    name.press("Enter")
    settled(page)
    press(page, "Save as a new data set")
    expect(page.get_by_text("tiny right was imported.")).to_be_visible(timeout=IMPORT)
    settled(page)
    assert "dataset=tiny+right" in page.url
    assert "import=" not in page.url
    library = DataLibrary(server.home / "datasets")
    saved = library.load("tiny right")
    (shape,) = saved.recipe["mask"]["shapes"]
    assert (shape["name"], shape["role"]) == ("right half", "keep")
    expected = phantom.images.mask.copy()
    expected[:, :15] = False  # 30 columns
    assert (saved.mask != expected).mean() < 0.05  # a hand on the mouse is not exact
    page.reload()
    expect(page.get_by_role("heading", level=1, name="Prepare")).to_be_visible()
    settled(page).get_by_role("tab", name="Recipe").click()
    expect(page.get_by_text("Only pixels inside right half stay.")).to_be_visible()
    library.delete("tiny right")


def draw_a_loop(page: Page) -> None:
    """Draw around the right half of the section."""
    page.wait_for_function("document.querySelector('.js-plotly-plot')?._fullLayout?.dragmode === 'lasso'")
    section = page.locator(".js-plotly-plot .nsewdrag").first
    drag(page, section, (0.5, 0.001), (0.999, 0.001), (0.999, 0.999), (0.5, 0.999), (0.5, 0.02))
