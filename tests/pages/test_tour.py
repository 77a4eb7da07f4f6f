"""The tour in the sidebar: on the demo only, ticked as one goes, and gone when it was closed."""

from dataclasses import replace
from pathlib import Path

import pytest

from msiss.phantom.section import make_phantom
from msiss.ui.tour import AHEAD, STEPS, VISITED


@pytest.fixture
def demo(msiss_home):
    images = make_phantom(shape=(24, 30), ions=12).images
    images.save(msiss_home / "datasets" / "demo")
    return images


def links(app):
    """Return the address and the icon of every link of the sidebar, in their order."""
    return {link.proto.page: link.proto.icon for link in app.sidebar.page_link}


def closing(app):
    return [one for one in app.sidebar.button if one.key == "close tour"]


def test_the_steps_are_pages_in_one_sentence_each():
    for step in STEPS:
        assert Path(step.page).is_file()
        assert step.title.lower() == Path(step.page).stem
        assert step.text.endswith(".")
        assert step.text.count(".") == 1


@pytest.mark.usefixtures("demo")
def test_the_demo_has_a_tour_that_ticks_what_was_visited(open_page):
    app = open_page("data/open")
    assert list(links(app)) == ["", *(step.name for step in STEPS[1:])]
    assert [icon for icon in links(app).values() if icon == VISITED] == [VISITED]
    assert links(app)[""] == VISITED
    assert {step.text for step in STEPS} <= {one.value for one in app.sidebar.caption}
    app.switch_page("pages/explore/regions.py").run()
    app.switch_page("pages/data/prepare.py").run()  # not on the tour
    assert {page for page, icon in links(app).items() if icon == VISITED} == {"", "regions"}
    assert set(links(app).values()) == {VISITED, AHEAD}


@pytest.mark.usefixtures("demo")
def test_the_links_keep_the_data_set(open_page):
    (first, *_) = open_page("explore/similarity").sidebar.page_link
    assert first.proto.query_string == "dataset=demo"


@pytest.mark.usefixtures("demo")
def test_an_unfolded_tour_stays_so_on_the_next_page(open_page):
    app = open_page("data/open")
    (tour,) = (one for one in app.sidebar.expander if one.label == "Tour in five minutes")
    assert not tour.proto.expanded
    app.session_state["tour unfolded"] = True
    app.run()
    app.session_state["tour unfolded before"] = True  # as the callback does in a browser
    app.switch_page("pages/explore/regions.py").run()
    assert next(one for one in app.sidebar.expander if one.label == "Tour in five minutes").proto.expanded


@pytest.mark.usefixtures("demo")
def test_a_closed_tour_stays_closed(open_page):
    app = open_page("data/open")
    (close,) = closing(app)
    close.click().run()
    assert not closing(app)
    app.switch_page("pages/explore/regions.py").run()
    assert not closing(app)
    assert not links(app)


def test_data_of_ones_own_have_no_tour(open_page, demo, small_images, msiss_home):
    small_images.save(msiss_home / "datasets" / "small")
    app = open_page("data/open", dataset="small")
    assert not closing(app)
    app.sidebar.selectbox(key="dataset_picker").select("demo").run()
    assert closing(app)
    replace(demo, source="phantoms.npz").save(msiss_home / "datasets" / "other")
    assert not closing(open_page("data/open", dataset="other"))
