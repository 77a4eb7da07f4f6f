"""What somebody does who opens the dashboard in a browser."""

import re
import zipfile

import pytest
from driving import drag, go, press, settled
from helpers import HANG_SECONDS
from playwright.sync_api import Locator, Page, expect

from msiss.analyse.representations import IMAGE_VECTORS
from msiss.data.library import DataLibrary
from msiss.learn.methods import preset_config
from msiss.phantom.section import make_phantom
from msiss.runs.grouping import grouping
from msiss.runs.jobs import State, Status
from msiss.runs.store import RunStore

pytestmark = pytest.mark.e2e

TRAINING = 1000 * HANG_SECONDS


def set_number(page: Page, setting: str, value: int) -> None:
    field = page.locator(f".st-key-setting-{setting.replace('.', '-').replace('_', '_')} input")
    field.fill(str(value))
    field.press("Enter")
    settled(page)


def next_step(page: Page) -> Locator:
    """Return the link at the end of a page that leads to the next one."""
    return page.get_by_test_id("stMain").get_by_role("link", name="Next: ")


def test_from_the_demo_to_the_report(page, server, camera):
    # Pictures need a whole training; the preset has 200 steps, and another number shows that the setting arrives.
    clusters, steps = (13, 199) if camera.asked else (8, 5)
    page.goto(server.address)
    expect(page.get_by_role("heading", level=1, name="Open data")).to_be_visible()
    ions = 280 if camera.asked else 70
    if not camera.asked:  # a part of the demo is trained sooner; the whole one is made by the tests of the page
        expect(page.get_by_role("button", name="Open the demo")).to_be_visible()
        DataLibrary(server.home / "datasets").add(make_phantom(shape=(44, 58), ions=ions).images, "demo")
    press(page, "Open the demo")
    expect(page.get_by_text(f"Sum of the {ions} ion images")).to_be_visible()
    camera.take("open", down_to=next_step(page))
    settled(page).get_by_role("link", name="Next: prepare the images").click()

    expect(page.get_by_text(f"{ions} of {ions}")).to_be_visible()
    settled(page).get_by_role("tab", name="Intensities").click()
    expect(page.get_by_text("as trained on").first).to_be_visible()
    camera.take("prepare", down_to=next_step(page))
    go(page, "Augment", "Augment")
    expect(page.get_by_text("view 4").first).to_be_visible()
    camera.take("augment", down_to=next_step(page))
    gain = page.locator(".st-key-setting-spatial-views-gain").get_by_role("slider")
    gain.press("ArrowRight")
    settled(page)
    go(page, "Similarity", "Similarity")
    expect(page.get_by_text("need no training")).to_be_visible()
    page.get_by_role("radio", name="Partners of an ion").click()
    expect(settled(page).get_by_text("this ion")).to_have_count(2)

    go(page, "Cluster", "Cluster")
    set_number(page, "clusters", clusters)
    page.get_by_text("All other settings").click()
    page.get_by_role("tab", name="Learning").click()
    expect(page.get_by_role("spinbutton", name="Training steps")).to_be_visible()
    set_number(settled(page), "spatial.steps", steps)
    expect(page.get_by_text("2 values changed")).to_be_visible()  # the gain, too
    press(page, "Start")
    expect(page.get_by_role("progressbar")).to_be_visible(timeout=TRAINING)
    address = page.url
    page.reload()
    expect(page.get_by_text("Done in")).to_be_visible(timeout=4 * TRAINING if camera.asked else TRAINING)
    assert page.url == address
    camera.take("cluster", down_to=next_step(page))
    (run,) = RunStore(server.home / "runs")
    assert run.config.clusters == clusters
    assert (run.config.method, run.config.spatial.steps) == ("msiss", steps)
    assert run.config.spatial.views.gain == pytest.approx(1.001)

    settled(page).get_by_role("link", name="See the map of the ions").click()
    maps = page.locator("canvas")
    expect(maps).to_have_count(2)
    drag(page, maps.nth(1), (0.02, 0.02), (0.98, 0.02), (0.98, 0.5), (0.02, 0.5))
    expect(page.get_by_text(re.compile(r"\d+ selected ions?"))).to_be_visible()
    expect(page.get_by_role("option").first).to_be_visible()
    camera.take("map", down_to=page.locator("canvas").first, margin=140)

    go(page, "Clusters", "Clusters")
    sheet = page.locator(".cluster")
    expect(sheet).to_have_count(clusters)
    camera.take("clusters", down_to=sheet.last)
    number = page.get_by_role("spinbutton", name="Clusters")
    number.fill(str(clusters + 1))
    number.press("Enter")
    expect(page.get_by_text(f"Re-clustered into {clusters + 1}")).to_be_visible()
    expect(sheet).to_have_count(clusters + 1, timeout=TRAINING)
    assert f"k={clusters + 1}" in settled(page).url
    go(page, "Similarity", "Similarity")
    page.get_by_role("radio", name="Compare ions").click()
    expect(page.locator(".js-plotly-plot .heatmaplayer")).to_have_count(2)
    camera.take("similarity", above=page.get_by_role("heading", name="6 pairs"), margin=8)
    page.get_by_role("radio", name="Partners of an ion").click()
    expect(settled(page).get_by_text("this ion")).to_have_count(2)
    go(page, "Quality", "Quality")
    expect(page.get_by_text("Known classes, clusters (ARI):")).to_be_visible()
    camera.take("quality", above=page.get_by_test_id("stTable").first)
    go(page, "Report", "Report")
    camera.take("report", down_to=next_step(page))
    with page.expect_download() as download:
        press(page, "Everything (.zip)")
    with zipfile.ZipFile(download.value.path()) as archive:
        rows = archive.read("clusters.csv").decode().splitlines()
    assert len(rows) == 1 + ions


@pytest.fixture
def msiss_home(server, monkeypatch):
    """Let `finished_run` be one of the server's."""
    monkeypatch.setenv("MSISS_HOME", str(server.home))
    yield server.home
    DataLibrary(server.home / "datasets").delete("small")


def test_clusters_are_named_corrected_and_learned_from(page, server, finished_run):
    page.goto(f"{server.address}/clusters?dataset=small&run={finished_run.path.name}&by={IMAGE_VECTORS}")
    page.get_by_role("button", name="Cluster 1, 5 ions").click()
    page.get_by_role("button", name="Name and note").click()
    settled(page)
    page.get_by_role("textbox", name="Name", exact=True).fill("<b>cortex")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("listbox", name="Members of cluster 1 <b>cortex")).to_be_visible()
    page.keyboard.press("Escape")  # a box that is saved before the server knows that it is open stays open
    expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)
    tiles = page.get_by_role("option", name="Ion image of")
    target = page.locator(".target").get_by_text("a new cluster")
    for again in (False, True):
        expect(tiles).to_have_count(5)
        settled(page)
        tiles.first.drag_to(target)
        expect(tiles).to_have_count(4)
        assert grouping(finished_run, IMAGE_VECTORS).members(3).tolist() == [4]  # first by m/z
        if not again:
            press(settled(page), "Take back")
    settled(page).get_by_role("radio", name="Learn").click()
    press(settled(page), "Find the clusters again around this")
    press(page, "Keep this")
    expect(page.get_by_text("All that was decided has been learned from.")).to_be_visible()
    settled(page)
    assert grouping(finished_run, IMAGE_VECTORS).labels[4] == 3
    finished_run.delete()


def test_a_training_by_the_paper_is_stopped_and_can_be_resumed(page, tiny, server, phantom):
    page.goto(tiny)
    expect(page.get_by_role("heading", level=1, name="Cluster")).to_be_visible()
    set_number(settled(page), "clusters", 4)
    page.locator(".st-key-method-choice").get_by_text("paper", exact=True).click()
    expect(page.get_by_text("Preset", exact=True)).to_be_visible()
    press(settled(page), "Start")
    expect(page.get_by_text("1 Contrastive learning")).to_be_visible(timeout=TRAINING)
    press(settled(page), "Stop")
    expect(page.get_by_role("button", name="Resume")).to_be_visible(timeout=TRAINING)
    settled(page)
    (run,) = (run for run in RunStore(server.home / "runs") if run.request.fingerprint == phantom.images.fingerprint)
    assert run.status.state is State.STOPPED


def test_the_same_request_is_answered_without_training(page, tiny, server, phantom):
    config = preset_config("msiss", clusters=5)
    run = RunStore(server.home / "runs").create(
        dataset=server.home / "datasets" / "tiny", fingerprint=phantom.images.fingerprint, config=config
    )
    run.write_status(Status(state=State.DONE, fraction=1, device="CPU", started=0, finished=60))
    page.goto(tiny)
    expect(page.get_by_role("heading", level=1, name="Cluster")).to_be_visible()
    set_number(settled(page), "clusters", 5)
    press(page, "Start")
    expect(page.get_by_text("nothing is computed again")).to_be_visible()
    expect(page.get_by_text("Done in 1 min on CPU.")).to_be_visible()
    assert f"run={run.path.name}" in page.url


def test_a_page_says_how_to_start_msiss_while_its_server_is_gone(page, serving):
    gone = page.get_by_test_id("connection-lost")
    with serving() as address:
        page.goto(f"{address}/map")
        expect(page.get_by_text("There is no data set yet.")).to_be_visible()
        settled(page)
        # What watches the server is loaded from it, and has to be there before the server goes.
        page.wait_for_event("response", lambda answer: answer.url.endswith("/_stcore/health"))
        expect(gone).to_have_count(0)
    expect(gone).to_contain_text("make app")
    with serving():
        expect(gone).to_have_count(0)
        settled(page)
