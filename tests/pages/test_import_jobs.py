"""Watching an import: on any page that shows it, after a refresh, from a second browser, however it ends."""

import time

import pytest

from msiss.data.formats.arrays import write_stack
from msiss.errors import RunError
from msiss.home import datasets_folder, imports_folder
from msiss.runs import engine
from msiss.runs.importer import execute_import
from msiss.runs.imports import ImportRequest, ImportStore
from msiss.runs.jobs import HEARTBEAT_TIMEOUT_SECONDS, State, Status

PAGES = ["data/open", "data/prepare"]
SUBMIT = engine.submit  # that of these tests needs no engine


@pytest.fixture
def job(small_images, msiss_home):
    """Return an import of an uploaded file that nobody works on yet; there is a data set already."""
    own = msiss_home / "uploads" / "one"
    own.mkdir(parents=True)
    write_stack(small_images, own / "section.npz")
    small_images.subset([0, 1, 2, 3]).save(datasets_folder() / "before")
    request = ImportRequest(files=(own / "section.npz",), name="section", library=datasets_folder(), own_files=own)
    return ImportStore(imports_folder()).create(request)


def said(app):
    return [one.value for one in (*app.success, *app.warning, *app.error)]


@pytest.mark.parametrize("page", PAGES)
def test_progress_is_shown_to_whoever_has_the_address(open_page, job, page):
    job.write_status(
        Status(state=State.RUNNING, phase="Reading", fraction=0.42, seconds_left=90.0, heartbeat=time.time())
    )
    for _ in range(2):  # a refresh, or a second browser
        app = open_page(page, **{"import": job.path.name})
        assert app.progress[0].value == 42
        assert app.progress[0].text == "Reading – 42% – about 2 min left"
        assert app.query_params["import"] == job.path.name
    app.button(key="stop import").click().run()
    assert job.stop_requested()
    assert any("Stopping" in one.value for one in app.caption)


@pytest.mark.parametrize("page", PAGES)
def test_a_finished_import_opens_its_data_set_and_tells_its_warnings_until_they_are_closed(open_page, job, page):
    job.append_event({"event": "Warned", "message": "section.npz: There are hot pixels."})
    execute_import(job.path)
    app = open_page(page, dataset="before", **{"import": job.path.name})
    assert app.query_params == {"dataset": "section"}
    assert said(app) == ["section was imported.", "section.npz: There are hot pixels."]
    app.run()
    assert len(said(app)) == 2
    app.button(key="close import").click().run()
    assert said(app) == []


def test_another_page_ends_the_message(open_page, job):
    execute_import(job.path)
    app = open_page("data/open", **{"import": job.path.name})
    assert said(app.run()) == ["section was imported."]
    assert said(app.switch_page("pages/train/cluster.py").run()) == []
    assert said(app.switch_page("pages/data/open.py").run()) == []


def test_another_data_set_ends_the_message(open_page, job):
    execute_import(job.path)
    app = open_page("data/open", **{"import": job.path.name})
    assert said(app) == ["section was imported."]
    for name in ("before", "section"):
        app.sidebar.selectbox(key="dataset_picker").select(name).run()
        assert said(app) == []


@pytest.mark.parametrize("page", PAGES)
def test_a_failed_import_says_why_and_can_be_tried_again(open_page, job, page):
    job.write_status(Status(state=State.FAILED, message="The disk is full."))
    app = open_page(page, dataset="before", **{"import": job.path.name})
    assert said(app) == ["**section**: The disk is full."]
    app.button(key="retry import").click().run()
    assert said(app) == ["section was imported."]
    assert app.query_params == {"dataset": "section"}


def test_a_failed_import_that_is_closed_is_gone_with_its_upload(open_page, job):
    job.write_status(Status(state=State.FAILED, message="The disk is full."))
    app = open_page("data/open", **{"import": job.path.name})
    app.button(key="close import").click().run()
    assert said(app) == []
    assert not job.path.exists()
    assert not job.request.own_files.exists()
    assert app.query_params == {"dataset": "before"}


def test_a_killed_import_is_said(open_page, job):
    job.write_status(Status(state=State.RUNNING, heartbeat=time.time() - HEARTBEAT_TIMEOUT_SECONDS - 1))
    app = open_page("data/open", **{"import": job.path.name})
    assert said(app) == [
        "**section**: The process of this import has ended unexpectedly. No data set was changed. Start it again."
    ]


def test_an_import_that_waits_can_be_stopped(open_page, job):
    app = open_page("data/open", **{"import": job.path.name})
    assert app.progress[0].text == "Waiting for its turn"
    app.button(key="stop import").click().run()
    assert job.status.state is State.STOPPED
    app.run()
    assert said(app) == ["**section**: Stopped before it began."]


def test_the_engine_is_asked_for_an_import_that_waits_for_long(open_page, job, monkeypatch):
    asked = []
    monkeypatch.setattr("msiss.runs.engine.submit_waiting", lambda job: asked.append(job.path))
    job.write_status(Status(state=State.QUEUED, heartbeat=time.time() - 61))
    open_page("data/open", **{"import": job.path.name}).run()
    assert asked == [job.path]  # once, though the page was drawn twice


def test_an_engine_that_cannot_start_is_said_in_words(open_page, job, monkeypatch):
    def refuse():
        raise RunError("The engine did not start.")

    monkeypatch.setattr(engine, "submit", SUBMIT)
    monkeypatch.setattr(engine, "connect", refuse)
    job.write_status(Status(state=State.STOPPED))
    app = open_page("data/open", **{"import": job.path.name})
    app.button(key="retry import").click().run()
    assert said(app) == ["**section**: The engine did not start."]
    assert job.status.state is State.FAILED


@pytest.mark.parametrize("address", ["20000101-000000-000000-abcdef", "../runs", ""])
def test_an_address_of_an_import_that_is_gone_is_no_trouble(open_page, job, address):
    app = open_page("data/open", **{"import": address})
    assert said(app) == []
    assert "import" not in app.query_params
    assert [one.value for one in app.toast] == (
        ["The import of the link does not exist any more. Its data sets are in the list."] if address else []
    )


@pytest.mark.usefixtures("msiss_home")
def test_the_address_names_an_import_before_the_engine_has_started(open_page, small_images, monkeypatch):
    small_images.save(datasets_folder() / "small")
    seen = []

    def look(job):
        import streamlit as st

        seen.append((st.query_params["import"], job.path.name))
        execute_import(job.path)

    monkeypatch.setattr("msiss.runs.engine.submit", look)
    app = open_page("data/prepare")
    app.slider[0].set_value(0.01).run()  # the least share of pixels
    app.button(key="save dataset").click().run()
    ((address, job),) = seen
    assert address == job
    assert said(app) == ["small (2) was imported."]
