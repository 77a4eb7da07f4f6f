"""Which clusters are shown: one choice for all pages, in the address, and what is said where an address is wrong."""

import pytest
from helpers import mounted

from msiss.analyse.representations import BANDS, IMAGE_VECTORS
from msiss.learn.paper.config import SELF_LABELLED
from msiss.runs.reclustering import clusters_by

PAGES = ["explore/map", "explore/clusters", "share/report"]


def chosen(app):
    return app.selectbox(key="clusters by").value, app.number_input(key="clusters shown").value


def colours(app):
    """Return the cluster of each ion, as the legend of the map has it."""
    data = mounted(app, "map")
    return [int(data["groups"][colour].split()[0]) for colour in data["colours"]]


@pytest.mark.parametrize("page", PAGES)
def test_a_link_shows_the_same_clusters_in_a_fresh_browser(open_page, finished_run, page):
    clusters_by(finished_run, BANDS, 4)
    link = {"dataset": "small", "run": finished_run.path.name, "by": "bands", "k": "4"}
    app = open_page(page, **link)
    assert chosen(app) == (BANDS, 4)
    assert app.query_params == link
    assert not app.toast


def test_what_is_chosen_on_one_page_is_shown_on_all_and_in_the_address(open_page, finished_run):
    app = open_page("explore/clusters")
    assert app.query_params == {"dataset": "small", "run": finished_run.path.name}
    app.selectbox(key="clusters by").select(IMAGE_VECTORS).run()
    assert app.query_params == {"dataset": "small", "run": finished_run.path.name, "by": "image-vectors"}
    app.switch_page("pages/explore/map.py").run()
    assert colours(app) == finished_run.clusters()["image-vectors"].tolist()
    assert colours(app) != finished_run.clusters()["self-labelled"].tolist()
    app.number_input(key="clusters shown").set_value(2).run()
    assert app.query_params["k"] == "2"
    assert colours(app) == clusters_by(finished_run, IMAGE_VECTORS, 2)["cluster"].tolist()
    for page in PAGES:
        app.switch_page(f"pages/{page}.py").run()
        assert chosen(app) == (IMAGE_VECTORS, 2)
    app.switch_page("pages/explore/similarity.py").run()
    assert app.selectbox(key="similarity left image-vectors").value == IMAGE_VECTORS
    app.switch_page("pages/explore/clusters.py").run()
    app.selectbox(key="clusters by").select(SELF_LABELLED).run()
    app.number_input(key="clusters shown").set_value(3).run()
    assert app.query_params == {"dataset": "small", "run": finished_run.path.name}  # those of the training


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("wrong", "said", "shown", "kept"),
    [
        ({"by": "msiss"}, "This run has no representation “msiss”", ("self-labelled", 3), {}),
        ({"by": "<b>", "k": "4"}, "This run has no representation", ("self-labelled", 4), {"k": "4"}),
        ({"k": "12"}, "The link asks for “12” clusters; these data can have 2 to 11.", ("self-labelled", 3), {}),
        ({"k": "1"}, "The link asks for “1” clusters", ("self-labelled", 3), {}),
        ({"k": "-4"}, "The link asks for “-4” clusters", ("self-labelled", 3), {}),
        ({"by": "bands", "k": "four"}, "The link asks for “four” clusters", ("bands", 3), {"by": "bands"}),
    ],
)
def test_what_a_link_says_wrongly_is_told(open_page, finished_run, page, wrong, said, shown, kept):
    clusters_by(finished_run, SELF_LABELLED, 4)
    link = {"dataset": "small", "run": finished_run.path.name}
    app = open_page(page, **link, **wrong)
    assert said in app.toast[0].value
    assert chosen(app) == shown
    assert app.query_params == link | kept
    app.run()
    assert not app.toast


def test_another_training_has_a_choice_of_its_own(open_page, finished_run):
    from msiss.home import runs_folder
    from msiss.runs.store import RunStore

    other = RunStore(runs_folder()).create(
        dataset=finished_run.request.dataset,
        fingerprint=finished_run.request.fingerprint,
        config=finished_run.config.with_settings({"seed": 7}),
    )
    app = open_page("explore/clusters", dataset="small", run=finished_run.path.name, by="bands")
    app.sidebar.selectbox(key="run_picker").select(other.path.name).run()
    assert app.query_params == {"dataset": "small", "run": other.path.name}
    app.sidebar.selectbox(key="run_picker").select(finished_run.path.name).run()
    assert chosen(app) == (BANDS, 3)
