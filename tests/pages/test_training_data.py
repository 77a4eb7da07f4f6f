"""A training uses the choice on Prepare, or the page says that it does not."""

import numpy as np
import pytest

from msiss.data.library import DataLibrary
from msiss.data.recipe import IonsConfig, MaskConfig, Recipe, Shape
from msiss.home import datasets_folder, imports_folder, runs_folder
from msiss.runs import engine
from msiss.runs.importer import execute_import
from msiss.runs.imports import ImportJob, ImportStore
from msiss.runs.jobs import State
from msiss.runs.store import RunStore
from msiss.ui.widgets import ion_picker

IONS = IonsConfig(least_structure=0.86)  # seven of the twelve
PIXELS = MaskConfig(shapes=(Shape(name="half", role="keep", points=((-1, -1), (-1, 9.5), (20, 9.5), (20, -1))),))
CASES = {
    "ions": (Recipe(ions=IONS), "7 of 12 ions"),
    "pixels": (Recipe(mask=PIXELS), "145 of 305 pixels"),
    "both": (Recipe(ions=IONS, mask=PIXELS), "7 of 12 ions and 145 of 305 pixels"),
}


@pytest.fixture
def library(small_images, msiss_home):
    library = DataLibrary(datasets_folder())
    library.add(small_images, "small")
    return library


def train_on(app, images):
    return app.segmented_control(key=ion_picker.own_key(images, "train on"))


def start(app):
    app.number_input(key="setting clusters").set_value(3).run()
    app.button(key="start").click().run()
    assert not app.exception
    assert not app.error, app.error[0].value
    return app


@pytest.mark.parametrize("case", CASES)
def test_what_is_chosen_is_trained_on_as_a_data_set_of_its_own(open_page, library, small_images, case):
    recipe, said = CASES[case]
    library.keep_choice("small", recipe)
    app = open_page("train/cluster")
    assert any(one.value == f"The choice on Prepare keeps {said}." for one in app.info)
    assert train_on(app, small_images).value == "chosen"
    assert any("**small (2)**" in one.value for one in app.caption)
    start(app)

    made = library.load("small (2)")
    ions_left, pixels_left = (7 if recipe.ions == IONS else 12), (145 if recipe.mask == PIXELS else 305)
    assert (len(made), int(made.mask.sum())) == (ions_left, pixels_left)
    (run,) = RunStore(runs_folder())
    assert (run.request.dataset, run.request.fingerprint) == (library.path("small (2)"), made.fingerprint)
    assert run.config.clusters == 3
    assert app.query_params == {"dataset": "small (2)", "run": run.path.name}
    assert [one.value for one in app.success] == ["small (2) was imported."]
    assert library.choice("small") == recipe  # for the next one
    np.testing.assert_array_equal(library.load("small").images, small_images.images)


def test_all_can_be_taken_all_the_same(open_page, library, small_images):
    library.keep_choice("small", CASES["both"][0])
    app = open_page("train/cluster")
    train_on(app, small_images).set_value("all").run()
    assert any("whatever is chosen on Prepare" in one.value for one in app.caption)
    start(app)
    (run,) = RunStore(runs_folder())
    assert run.request.fingerprint == small_images.fingerprint
    assert library.names() == ["small"]


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(),
        Recipe(ions=IonsConfig(least_share=0.01)),
        Recipe(mask=MaskConfig(shapes=(Shape(name="liver", role="region", points=((0, 0), (0, 9), (9, 9))),))),
    ],
)
def test_where_all_stays_nothing_is_asked(open_page, library, recipe):
    library.keep_choice("small", recipe)
    app = open_page("train/cluster")
    assert not app.segmented_control
    start(app)
    assert library.names() == ["small"]


def test_a_choice_that_leaves_nothing_is_said(open_page, library):
    library.keep_choice("small", Recipe(ions=IonsConfig(least_structure=1)))
    app = open_page("train/cluster")
    assert "so all ions and pixels are used. None of the 12 ions would stay" in app.warning[0].value


def test_more_clusters_than_chosen_ions_are_refused_before_anything_is_made(open_page, library):
    library.keep_choice("small", Recipe(ions=IONS))
    app = open_page("train/cluster")
    app.number_input(key="setting clusters").set_value(7).run()
    app.button(key="start").click().run()
    assert "There are 7 ion images, too few for 7 clusters" in app.error[0].value
    assert list(ImportStore(imports_folder())) == []


def test_the_training_follows_though_the_page_was_closed(open_page, library, monkeypatch):
    waiting, trained = [], []
    monkeypatch.setattr(engine, "submit", waiting.append)
    library.keep_choice("small", Recipe(ions=IONS))
    app = start(open_page("train/cluster"))
    assert app.progress[0].text == "Waiting for its turn"
    assert any("The training then starts by itself" in one.value for one in app.caption)
    again = open_page("train/cluster", **app.query_params)  # a refresh
    assert again.progress[0].text == "Waiting for its turn"

    monkeypatch.setattr(engine, "submit", trained.append)
    (job,) = waiting
    assert isinstance(job, ImportJob)
    execute_import(job.path)  # with no page open
    assert job.status.state is State.DONE
    (run,) = trained
    assert run.request.fingerprint == library.load("small (2)").fingerprint
    again.run()
    assert again.query_params == {"dataset": "small (2)", "run": run.path.name}


def test_a_double_click_makes_one_data_set(open_page, library, monkeypatch):
    waiting = []
    monkeypatch.setattr(engine, "submit", waiting.append)
    library.keep_choice("small", Recipe(ions=IONS))
    app = start(open_page("train/cluster"))
    app.button(key="start").click().run()
    assert not app.error
    assert len(waiting) == len(list(ImportStore(imports_folder()))) == 1
    app.number_input(key="setting clusters").set_value(4).run()  # this is another one
    app.button(key="start").click().run()
    assert len(waiting) == 2
