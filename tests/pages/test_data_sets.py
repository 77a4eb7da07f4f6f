"""The list of data sets: each fails by itself, and none is deleted during a training without a warning."""

import json
import os
import time
from dataclasses import replace

import numpy as np
import pytest

from msiss.data.library import DataLibrary
from msiss.home import datasets_folder, imports_folder, runs_folder
from msiss.learn.paper.config import PaperConfig
from msiss.runs.imports import ImportRequest, ImportStore
from msiss.runs.jobs import State, Status
from msiss.runs.store import RunStore

DAMAGES = {
    "empty": lambda folder: (folder / "meta.json").write_text(""),
    "a list": lambda folder: (folder / "meta.json").write_text("[]"),
    "cut": lambda folder: os.truncate(folder / "images.npy", 5000),
    "turned": lambda folder: np.save(folder / "mask.npy", np.ones((20, 16), bool)),
}


@pytest.fixture
def damaged(finished_run, small_images):
    """Return a function that damages a data set that is newer than the good one."""

    def damage(how):
        small_images.save(datasets_folder() / "newer")
        DAMAGES[how](datasets_folder() / "newer")
        later = time.time() + 10
        os.utime(datasets_folder() / "newer" / "images.npy", (later, later))

    return damage


def badges(app):
    return [one.value for one in app.markdown if "-badge[damaged]" in one.value]


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_data_set_is_a_row_that_says_so_and_can_be_deleted(open_page, damaged, how):
    damaged(how)
    app = open_page("data/open")
    assert app.query_params["dataset"] == "small"
    assert app.sidebar.selectbox(key="dataset_picker").value == "small"
    assert len(badges(app)) == 1
    assert any("it is damaged: " in one.value for one in app.caption)
    assert not app.error
    app.button(key="delete newer").click().run()
    assert DataLibrary(datasets_folder()).names() == ["small"]
    assert badges(app) == []


@pytest.mark.usefixtures("finished_run")
@pytest.mark.parametrize("page", ["data/open", "data/prepare", "train/cluster", "explore/map"])
def test_a_damaged_data_set_that_is_linked_to_or_chosen_says_so_and_another_one_is_shown(open_page, damaged, page):
    damaged("empty")
    app = open_page(page, dataset="newer")
    said = "The data set newer is damaged: the page Open says how. Another one is shown."
    assert said in [toast.value for toast in app.toast] or page != "data/open"  # said on the first page that was shown
    assert app.query_params["dataset"] == "small"
    app.sidebar.selectbox(key="dataset_picker").select("newer").run()
    assert said in [toast.value for toast in app.toast]
    assert app.query_params["dataset"] == "small"
    assert not app.error


def test_where_all_are_damaged_the_list_is_there_to_delete_them(open_page, small_images, msiss_home):
    small_images.save(datasets_folder() / "only")
    DAMAGES["empty"](datasets_folder() / "only")
    app = open_page("data/open")
    assert len(badges(app)) == 1
    assert "Open the demo" in [button.label for button in app.button]
    app.button(key="delete only").click().run()
    assert list(datasets_folder().iterdir()) == []


@pytest.mark.usefixtures("finished_run")
def test_what_a_later_version_says_of_a_data_set_is_told_on_the_page_open(open_page):
    path = datasets_folder() / "small" / "meta.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"instrument": "new"}))
    np.save(path.with_name("thickness.npy"), np.zeros(3))
    (warning,) = open_page("data/open").warning
    assert "this one does not know what it says about instrument" in warning.value
    assert not open_page("data/prepare").warning


@pytest.fixture
def queued(finished_run, small_images):
    """Return a training of the data set "small" that waits."""
    return RunStore(runs_folder()).create(
        dataset=finished_run.request.dataset, fingerprint=small_images.fingerprint, config=PaperConfig(clusters=4)
    )


@pytest.mark.parametrize("at_work", [State.QUEUED, State.RUNNING])
def test_a_data_set_with_a_training_is_not_deleted_without_a_word(open_page, queued, at_work):
    if at_work is State.RUNNING:
        queued.write_status(Status(state=State.RUNNING, heartbeat=time.time()))
    app = open_page("data/open")
    assert [one.value for one in app.warning] == ["1 training of it is queued or running. Deleting stops it."]
    assert app.button(key="delete small").label == "Stop and delete for good"
    app.button(key="delete small").click().run()
    assert queued.stop_requested()
    assert queued.status.state is (State.STOPPED if at_work is State.QUEUED else State.RUNNING)
    assert DataLibrary(datasets_folder()).names() == []


def test_imports_that_read_a_data_set_count_as_well(open_page, queued):
    files = ((datasets_folder() / "small").resolve(),)
    request = ImportRequest(files=files, name="part", library=datasets_folder())
    job = ImportStore(imports_folder()).create(request)
    app = open_page("data/open")
    (warning,) = app.warning
    assert warning.value == "1 training and 1 import of it are queued or running. Deleting stops them."
    app.button(key="delete small").click().run()
    assert (job.status.state, queued.status.state) == (State.STOPPED, State.STOPPED)


@pytest.mark.usefixtures("finished_run")
def test_a_data_set_that_goes_while_two_sessions_show_it_is_no_trouble(open_page, small_images):
    small_images.subset([0, 1, 2, 3]).save(datasets_folder() / "other")
    first, second = (open_page("data/open", dataset="small") for _ in range(2))
    third = open_page("explore/clusters", dataset="small")
    first.button(key="delete small").click().run()
    second.button(key="delete small").click().run()
    assert not second.exception
    assert [one.value for one in second.error] == ['There is no data set "small". There is: other.']
    for app in (first, second, third):
        app.run()
        assert not app.exception
        assert not app.error
        assert app.query_params["dataset"] == "other"


def test_how_a_data_set_was_made_begins_with_what_its_file_says(open_page, small_images, msiss_home):
    about = {"Instrument": "Q Exactive HF *new* ![](http://a.b)", "Measured on": "2019-03-01"}
    replace(small_images, about=about).save(datasets_folder() / "small")
    app = open_page("data/open")
    (told,) = [one.value for one in app.markdown if "As the file says" in one.value]
    assert "- Measured on: 2019-03-01" in told
    assert r"- Instrument: Q Exactive HF \*new\* !\[\](http" in told
