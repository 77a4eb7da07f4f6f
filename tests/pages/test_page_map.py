"""The page Map: what its maps and colours say, and the one selection, which other pages, links and undo keep."""

import shutil

import numpy as np
import pytest
from helpers import mounted, pressed

from msiss.analyse.representations import IMAGE_VECTORS, title_of
from msiss.data.selections import Selection, save
from msiss.learn.paper.config import PRETRAINED, SELF_LABELLED
from msiss.runs.decisions import Coloured, Moved, Named
from msiss.runs.grouping import decide, grouping
from msiss.ui.explore.map import MOST_PICTURES


def found_by(app, text):
    return next(one for one in app.text_input if one.label.startswith("Find")).set_value(text).run()


def selected(app):
    return mounted(app, "map")["selected"]


def groups(app):
    """Return the group of each ion, as the legend of the map has it, without its size."""
    data = mounted(app, "map")
    return [data["groups"][colour].rsplit(" (", 1)[0] for colour in data["colours"]]


@pytest.mark.usefixtures("finished_run")
def test_an_ion_is_found_by_its_mz_as_precisely_as_it_is_typed(open_page, small_images):
    app = open_page("explore/map")
    found_by(app, f"{small_images.mz[7]:.3f}".replace(".", ","))
    assert selected(app) == [7]
    assert "1 ion at m/z" in app.toast[0].value
    (tile,) = mounted(app, "map gallery")["tiles"]
    assert tile["text"] == f"m/z {small_images.mz[7]:.4f}\nlipid 7\ncluster 1"
    found_by(app, "5000")
    assert selected(app) == [7]  # nothing is there, and nothing else is taken for it
    assert "No ion at m/z 5000" in app.toast[0].value


@pytest.mark.usefixtures("finished_run")
def test_a_selection_is_undone_inverted_and_in_the_address(open_page):
    app = open_page("explore/map")
    found_by(app, "LIPID 1")
    assert selected(app) == [1, 10, 11]
    assert app.query_params["sel"] == "1.10-11"
    found_by(app, "glucose")
    assert selected(app) == [1, 10, 11]
    pressed(app, "selection Invert")
    assert app.query_params["sel"] == "0.2-9"
    pressed(app, "selection Undo")
    pressed(app, "selection Undo")
    assert selected(app) == []
    assert "sel" not in app.query_params
    pressed(app, "selection Redo")
    assert selected(app) == [1, 10, 11]
    pressed(app, "selection Clear")
    assert "Nothing is selected" in app.markdown[0].value or any(
        "Nothing is selected" in one.value for one in app.markdown
    )


def test_a_link_restores_selection_sides_and_colours_in_a_fresh_browser(open_page, finished_run):
    link = {
        "dataset": "small",
        "run": finished_run.path.name,
        "sel": "2-4.7",
        "colour": "position",
        "left": PRETRAINED,
        "right": "none",
    }
    app = open_page("explore/map", **link)
    data = mounted(app, "map")
    assert data["selected"] == [2, 3, 4, 7]
    assert [one["title"] for one in data["maps"]] == [f"{title_of(PRETRAINED)}, UMAP"]
    assert data["scale"]["title"] == "m/z (Th)"
    assert app.query_params == link
    assert not app.toast


@pytest.mark.parametrize(
    ("wrong", "said", "page"),
    [
        ({"sel": "3-99"}, "names ions that are not among the 12", "data/open"),
        ({"sel": "~0123456789"}, "does not exist any more", "data/open"),
        ({"left": "nowhere"}, "a map by “nowhere”", "explore/map"),
        ({"colour": "run 123"}, "colours by “run 123”", "explore/map"),
    ],
)
def test_what_a_link_says_wrongly_is_told(open_page, finished_run, wrong, said, page):
    link = {"dataset": "small", "run": finished_run.path.name}
    app = open_page(page, **link, **wrong)  # the first page of a session takes the selection
    assert said in app.toast[0].value
    app.run()
    assert app.query_params == link


def test_the_map_can_be_drawn_another_way(open_page, finished_run):
    app = open_page("explore/map")
    app.segmented_control(key="map method").set_value("tsne").run()
    app.selectbox(key="map left").select(PRETRAINED).run()
    assert not app.error
    left, right = mounted(app, "map")["maps"]
    assert (left["title"], right["title"]) == (f"{title_of(PRETRAINED)}, t-SNE", f"{title_of(IMAGE_VECTORS)}, t-SNE")
    maps = finished_run.maps()
    x = maps[(maps["representation"] == PRETRAINED) & (maps["method"] == "tsne")].sort_values("ion")["x"].to_numpy()
    np.testing.assert_allclose(left["x"], (x - x.min()) / np.ptp(x), atol=1e-4)


def test_the_colours_are_those_of_the_corrected_clusters(open_page, finished_run):
    before = grouping(finished_run)
    decide(before, Named(cluster=1, name="<b>cortex"))
    decide(before, Coloured(cluster=1, colour="#010203"))
    decide(before, Moved(ions=(0,), to=1))
    app = open_page("explore/map")
    expected = before.labels.copy()
    expected[0] = 1
    assert groups(app) == ["1 <b>cortex" if one == 1 else str(one) for one in expected]  # text, put in as text
    data = mounted(app, "map")
    assert data["palette"][data["colours"][0]] == "#010203"


def test_what_can_colour_the_ions(open_page, finished_run, small_images, msiss_home):
    save(msiss_home / "datasets" / "small", Selection(name="mine", ions=(1, 2)))
    app = open_page("explore/map")
    found = {}
    for name in ("confidence", "intensity", "class", "selection mine"):
        app.selectbox(key="map colour").set_value(name).run()
        assert app.query_params["colour"] == name
        found[name] = mounted(app, "map")
    confidence = finished_run.clusters()["confidence"]
    assert found["confidence"]["scale"]["low"] == f"{confidence.min():.2f}"
    assert np.argmax(found["confidence"]["colours"]) == confidence.argmax()
    means = small_images.images.sum(axis=(1, 2)) / small_images.mask.sum()
    assert found["intensity"]["scale"]["high"] == f"{means.max():.3g}"
    assert found["class"]["colours"] == np.unique(small_images.labels, return_inverse=True)[1].tolist()
    assert found["selection mine"]["groups"] == ["mine (2)", "others (10)"]
    assert [ion for ion, one in enumerate(found["selection mine"]["colours"]) if one == 0] == [1, 2]


@pytest.mark.usefixtures("finished_run")
def test_selections_are_saved_loaded_and_deleted(open_page):
    app = open_page("explore/map")
    found_by(app, "lipid 1")
    app.text_input(key="selection name").set_value("white *matter*").run()
    pressed(app, "save selection")
    pressed(app, "selection Clear")
    pressed(app, "load white *matter*")
    assert selected(app) == [1, 10, 11]
    app.switch_page("pages/data/prepare.py").run()
    app.switch_page("pages/explore/map.py").run()
    assert selected(app) == [1, 10, 11]
    pressed(app, "forget white *matter*")
    assert not any(button.key == "load white *matter*" for button in app.button)


@pytest.mark.usefixtures("finished_run")
def test_images_are_drawn_as_points_only_where_they_are_few(open_page, monkeypatch):
    app = open_page("explore/map")
    assert not app.toggle(key="map pictures").disabled
    assert MOST_PICTURES >= 100
    monkeypatch.setattr("msiss.ui.explore.map.MOST_PICTURES", 11)
    app.run()
    assert app.toggle(key="map pictures").disabled


def test_another_run_can_colour_the_ions(open_page, finished_run, small_images, msiss_home):
    other = msiss_home / "runs" / "0123456789abcdef"
    shutil.copytree(finished_run.path, other)
    app = open_page("explore/map", dataset="small", run=finished_run.path.name)
    app.selectbox(key="map colour").set_value(f"run {other.name}").run()
    labels = finished_run.clusters()[SELF_LABELLED]
    assert groups(app) == [f"cluster {one}" for one in labels]
