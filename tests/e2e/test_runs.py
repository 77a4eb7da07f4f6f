"""Two trainings are compared in a real browser, and the ions that moved become the selection of another page."""

import re
import shutil

import pandas as pd
import pytest
from driving import go, settled
from finished import finish_a_run
from playwright.sync_api import expect

from msiss.data.library import DataLibrary
from msiss.runs.replicates import create_replicates
from msiss.runs.store import RunStore

pytestmark = pytest.mark.e2e

HEADER, ROW = 35, 35  # screen pixels of a table


@pytest.fixture
def two_runs(server, small_images):
    """Finish two runs, of which the second takes ion 4 for one of class 1."""
    first = finish_a_run(server.home, small_images, "twice")
    second = create_replicates(RunStore(server.home / "runs"), first, 2)[1]
    shutil.copytree(first.path / "results", second.path / "results")
    file = second.path / "results" / "clusters.parquet"
    table = pd.read_parquet(file)
    table.loc[4, "self-labelled"] = 1
    table.to_parquet(file, index=False)
    second.write_status(first.status)
    yield first, second
    for run in (first, second):
        run.delete()
    DataLibrary(server.home / "datasets").delete("twice")


def test_two_runs_are_compared_and_the_ion_that_moved_is_selected(page, server, two_runs):
    page.goto(f"{server.address}/runs?dataset=twice")
    table = page.get_by_test_id("stDataFrame").first.locator("canvas").first
    expect(table).to_be_visible()
    for row in range(2):
        settled(page)
        place = table.bounding_box()
        page.mouse.click(place["x"] + 16, place["y"] + HEADER + ROW * row + ROW / 2)
    moved = page.get_by_role("option", name=f"m/z {two_runs[0].clusters()['mz'][4]:.4f}")
    expect(moved).to_have_count(1)
    settled(page)
    tile = moved.element_handle()
    moved.click()
    expect(page).to_have_url(re.compile("sel=4"))
    assert tile.evaluate("one => one.isConnected")  # a tile that is drawn anew may lose a click
    go(page, "Map", "Map")
    expect(page.get_by_text("1 selected ion", exact=True)).to_be_visible()
    assert "sel=4" in page.url
