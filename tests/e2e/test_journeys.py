"""What somebody does who opens the dashboard in a browser."""

import re
import zipfile

import numpy as np
import pytest
from driving import drag, go, press, settled
from helpers import HANG_SECONDS
from PIL import Image
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


@pytest.fixture(scope="module")
def phantom():
    """Return a simulated section that is trained quickly."""
    return make_phantom(shape=(24, 30), ions=40)


@pytest.fixture
def tiny(server, phantom):
    """Put a small data set in the library, and delete it again with its runs."""
    library, store = DataLibrary(server.home / "datasets"), RunStore(server.home / "runs")
    library.add(phantom.images, "tiny")
    yield f"{server.address}/cluster?dataset=tiny"
    library.delete("tiny")
    for run in store:
        if run.request.fingerprint == phantom.images.fingerprint:
            run.delete()


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
    press(page, "Open the demo")
    expect(page.get_by_text("Sum of the 280 ion images")).to_be_visible()
    camera.take("open", down_to=next_step(page))
    settled(page).get_by_role("link", name="Next: prepare the images").click()

    expect(page.get_by_text("280 of 280")).to_be_visible()
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
    assert len(rows) == 1 + 280


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
    page.get_by_role("radio", name="Learn").click()
    press(settled(page), "Find the clusters again around this")
    press(page, "Keep this")
    expect(page.get_by_text("All that was decided has been learned from.")).to_be_visible()
    settled(page)
    assert grouping(finished_run, IMAGE_VECTORS).labels[4] == 3
    finished_run.delete()


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
    (folder,) = (server.home / "uploads").glob("*/")
    before = set(folder.glob("*/"))
    open_box(page, server)
    page.locator("input[type=file]").first.set_input_files([path, path.with_suffix(".ibd")])
    name = page.get_by_role("textbox", name="Name of the data set")
    name.fill("uploaded")
    name.press("Enter")
    settled(page)
    (upload,) = set(folder.glob("*/")) - before
    assert sorted(file.suffix for file in upload.iterdir()) == [".ibd", ".imzML"]
    press(page, "Import")
    page.wait_for_url(re.compile("import=|dataset=uploaded"))
    page.reload()
    expect(page.get_by_text("uploaded was imported.")).to_be_visible(timeout=TRAINING)
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
    expect(page.get_by_text("kidney was imported.")).to_be_visible(timeout=TRAINING)
    settled(page)
    library = DataLibrary(server.home / "datasets")
    np.testing.assert_allclose(library.load("kidney").mz, np.sort(phantom.images.mz[:6]), atol=1e-4)
    library.delete("kidney")


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
    expect(page.get_by_text("tiny right was imported.")).to_be_visible(timeout=TRAINING)
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


def test_a_page_says_how_to_start_msiss_while_its_server_is_gone(page, serving):
    gone = page.get_by_test_id("connection-lost")
    with serving() as address:
        page.goto(f"{address}/map")
        expect(page.get_by_text("There is no data set yet.")).to_be_visible()
        settled(page)
        expect(gone).to_have_count(0)
    expect(gone).to_contain_text("make app")
    with serving():
        expect(gone).to_have_count(0)
        settled(page)
