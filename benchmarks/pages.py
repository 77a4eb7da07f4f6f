"""How long pages take to answer, and how long until what they have asked the engine for is there.

    .venv/bin/python benchmarks/pages.py [--ions 79 1000 5000] [--patience 900] [--only engine browser]

On a home of its own with an engine of its own. The run is made up: features are those of `benchmarks/growth.py`, images
those of a phantom, repeated where it has fewer. Prints Markdown.

The first table is made without a browser: "answers" is when the page can be used again, "there" when it shows what was
asked. The second one is of pages that were visited before: what the server takes; in Chromium from a click on a link
until the page stands again, and from the end of a loop on the map until the gallery shows what is in it.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from browser import DRAWN, browser_window, dashboard
from growth import draw_features
from playwright.sync_api import Page
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from msiss.analyse.representations import BANDS
from msiss.data.ion_images import IonImages
from msiss.home import datasets_folder, runs_folder
from msiss.learn.methods import preset_config
from msiss.phantom.section import make_phantom
from msiss.runs import engine
from msiss.runs.jobs import State, Status
from msiss.runs.store import RESULTS, Run, RunStore, planned

ROOT = Path(__file__).parents[1]
MOST_OF_A_PHANTOM = 1000  # ions
CLUSTERS, CLASSES = 13, 20
WARM = 3  # visits of each page after a first one, which reads and computes


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ions", type=int, nargs="+", default=[79, 1000, 5000])
    parser.add_argument("--patience", type=int, default=900, help="seconds to wait for one answer")
    parser.add_argument("--only", nargs="+", choices=("engine", "browser"), default=["engine", "browser"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["MSISS_HOME"] = home
        try:
            if "engine" in options.only:
                print("| ions | page | what is asked | answers (s) | there (s) |")
                print("| --- | --- | --- | --- | --- |")
                for number in options.ions:
                    _measure(number, options.patience)
            if "browser" in options.only:
                print("\n| ions | page | server (s) | stands again after (s) |")
                print("| --- | --- | --- | --- |")
                for number in options.ions:
                    _measure_in_browser(number, Path(home))
        finally:
            engine.shut_down()


def _measure(number: int, patience: int) -> None:
    images = _dataset(number)
    first = f"{number:,}"

    def tell(app: AppTest, page: str, what: str, act: Callable[[], AppTest]) -> None:
        nonlocal first
        start = time.monotonic()
        act()
        answered = there = time.monotonic() - start
        while app.get("progress") and there < patience:
            time.sleep(0.1)
            app.run()
            there = time.monotonic() - start
        assert not app.error, app.error[0].value
        ended = f"{there:.1f}" if there < patience else f"not within {patience}"
        print(f"| {first} | {page} | {what} | {answered:.1f} | {ended} |", flush=True)
        first = ""

    app = _open(images)
    tell(app, "Similarity", "two measures", lambda: app.switch_page("pages/explore/similarity.py").run())
    run = _finished_run(images)
    app = _open(images)
    tell(app, "Clusters", "as trained", lambda: app.switch_page("pages/explore/clusters.py").run())
    for clusters in (CLUSTERS + 1, CLUSTERS + 2):
        tell(app, "", f"{clusters} by msiss", app.number_input(key="clusters shown").set_value(clusters).run)
    plain = BANDS
    tell(app, "", f"{clusters} by {plain}", lambda: app.selectbox(key="clusters by").select(plain).run())
    tell(app, "", "how many", lambda: _button(app, "Compare numbers of clusters").click().run())
    tell(app, "Quality", "scores", lambda: app.switch_page("pages/explore/quality.py").run())
    tell(app, "Map", "", lambda: app.switch_page("pages/explore/map.py").run())
    tell(app, "Report", "", lambda: app.switch_page("pages/share/report.py").run())
    run.delete()


def _measure_in_browser(number: int, home: Path) -> None:
    """Print the seconds from a click until a warm page stands, and from a loop to its gallery."""
    images = _dataset(number)
    run = _finished_run(images)
    served = _served(images)
    with dashboard(home) as address, browser_window() as page:
        page.goto(f"{address}/map?dataset={number} ions&run={run.path.name}")
        page.wait_for_selector(DRAWN)
        links = page.get_by_test_id("stSidebarNav").get_by_role("link")
        names = [name.strip().split("\n")[-1] for name in links.all_inner_texts()]
        titles = {name: _first_visit(page, name) for name in names}
        seconds: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(WARM):
            for name in names:
                seconds[name].append(_visit(page, name, titles[name]))
        _visit(page, "Map", titles["Map"])
        page.locator("canvas").first.wait_for()
        loops = [_loop(page) for _ in range(WARM)]
    for place, (name, taken) in enumerate([*seconds.items(), ("Map: loop to gallery", loops)]):
        server = f"{served[name]:.2f}" if name in served else ""
        print(f"| {'' if place else f'{number:,}'} | {name} | {server} | {min(taken):.2f} |", flush=True)
    run.delete()


def _served(images: IonImages) -> dict[str, float]:
    """Return the seconds in which the server draws each page that was visited before, by its name."""
    app, seconds = _open(images), {}
    for script in sorted((ROOT / "pages").rglob("*.py")):
        taken = []
        for _ in range(1 + WARM):
            start = time.monotonic()
            app.switch_page(str(script.relative_to(ROOT))).run()
            taken.append(time.monotonic() - start)
        seconds[script.stem.capitalize()] = min(taken[1:])
    return seconds


def _first_visit(page: Page, name: str) -> str:
    """Follow a link of the navigation, wait until all that the page computes is there, and return its title."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    page.wait_for_timeout(2000)
    page.wait_for_selector(DRAWN)
    return page.locator("h1").inner_text()


def _visit(page: Page, name: str, title: str) -> float:
    """Follow a link of the navigation; return the seconds until the page of that title stands."""
    start = time.monotonic()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    page.wait_for_function(
        "title => document.querySelector('h1')?.innerText === title"
        " && document.querySelector('.stApp').dataset.testScriptState === 'notRunning'",
        arg=title,
    )
    return time.monotonic() - start


def _loop(page: Page) -> float:
    """Select all ions and then a quarter of the map by a loop; return the seconds until their gallery stands."""
    place = page.locator("canvas").first.bounding_box()
    assert place is not None
    gallery = page.get_by_role("listbox")
    for share in (1.0, 0.5):
        corners = [(0.0, 0.0), (share, 0.0), (share, share), (0.0, share)]
        path = [(place["x"] + 2 + x * (place["width"] - 4), place["y"] + 2 + y * 420) for x, y in corners]
        before = page.url
        page.mouse.move(*path[0])
        page.mouse.down()
        for corner in path[1:]:
            page.mouse.move(*corner, steps=10)
        start = time.monotonic()
        page.mouse.up()
        page.wait_for_function("before => location.href !== before", arg=before)
        page.wait_for_selector(DRAWN)
        gallery.wait_for()
    return time.monotonic() - start


def _open(images: IonImages) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=600)
    app.query_params["dataset"] = f"{len(images)} ions"
    return app.run()


def _button(app: AppTest, label: str) -> Button:
    return next(button for button in app.button if button.label == label)


def _dataset(number: int) -> IonImages:
    """Return the data set of so many ions in the library, which is made if it is not there."""
    if (kept := datasets_folder() / f"{number} ions").exists():
        return IonImages.load(kept)
    phantom = make_phantom(ions=min(number, MOST_OF_A_PHANTOM)).images
    rng = np.random.default_rng(0)
    images = IonImages(
        images=phantom.images[np.arange(number) % len(phantom)],
        mz=np.sort(rng.uniform(200, 1200, number)),
        mask=phantom.mask,
        names=tuple(f"ion {ion}" for ion in range(number)),
        labels=np.arange(number) % CLASSES,
    )
    images.save(kept)
    return IonImages.load(kept)


def _finished_run(images: IonImages) -> Run:
    """Write what a training by msiss would leave."""
    number, rng = len(images), np.random.default_rng(1)
    config = preset_config("msiss", clusters=CLUSTERS)
    run = RunStore(runs_folder()).create(
        dataset=datasets_folder() / f"{number} ions", fingerprint=images.fingerprint, config=config
    )
    results = run.path / RESULTS
    (results / "features").mkdir(parents=True)
    table = pd.DataFrame({"ion": np.arange(number), "mz": images.mz, "name": images.names})
    maps = []
    for representation in planned(config):
        np.save(results / "features" / f"{representation}.npy", draw_features(number, rng))
        table[representation] = rng.integers(0, CLUSTERS, number)
        for method in ("umap", "tsne"):
            x, y = rng.normal(size=(2, number))
            place = {"ion": np.arange(number), "representation": representation, "method": method, "x": x, "y": y}
            maps.append(pd.DataFrame(place))
    table["confidence"] = rng.uniform(size=number).astype(np.float32)
    table.to_parquet(results / "clusters.parquet", index=False)
    pd.concat(maps).to_parquet(results / "maps.parquet", index=False)
    run.write_status(Status(state=State.DONE, started=1.0, finished=2.0, device="CPU"))
    return run


if __name__ == "__main__":
    main()
