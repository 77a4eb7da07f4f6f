"""What a page asks to be computed: its progress, its end, and that the page stays where it is meanwhile."""

import json
import time

import pytest
from helpers import mounted

from msiss.analyse.representations import BANDS, FIRST, IMAGE_VECTORS, JOINT, REPRESENTATIONS, title_of
from msiss.errors import RunError
from msiss.runs import engine
from msiss.runs.analyser import execute_analysis
from msiss.runs.jobs import State, Status
from msiss.runs.reclustering import clusters_by

PAGES = ["explore/map", "explore/clusters", "share/report"]
SUBMIT = engine.submit  # that of these tests needs no engine


@pytest.fixture
def submitted(monkeypatch):
    """Return the jobs that were handed to the engine, on which nobody works."""
    jobs = []

    def submit(job):
        job.clear_stop()
        job.write_status(Status(heartbeat=time.time()))
        jobs.append(job)

    monkeypatch.setattr("msiss.runs.engine.submit", submit)
    return jobs


def link(run, **more):
    return {"dataset": "small", "run": run.path.name, "by": "bands", "k": "4"} | more


def said(app):
    return [one.value for one in (*app.warning, *app.error)]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_answers_at_once_with_the_progress_and_shows_the_clusters_when_they_are_there(
    open_page, finished_run, submitted, page
):
    app = open_page(page, **link(finished_run))
    (job,) = submitted
    assert not (finished_run.path / "clusters").exists()  # nothing is computed in the page
    assert app.progress[0].text == "Waiting for its turn"
    assert app.number_input(key="clusters shown").value == 4  # another choice can be made meanwhile
    status = {"phase": "Clustering", "fraction": 0.42, "seconds_left": 90.0, "heartbeat": time.time()}
    job.write_status(Status(state=State.RUNNING, **status))
    app.run()
    assert (app.progress[0].value, app.progress[0].text) == (42, "Clustering – 42% – about 2 min left")
    second = open_page(page, **link(finished_run))  # somebody else asks the same
    assert second.progress[0].value == 42
    assert len(submitted) == 1
    job.write_status(Status())
    execute_analysis(job.path)
    for one in (app.run(), second.run(), open_page(page, **link(finished_run))):
        assert not one.progress
        assert not one.error
    assert len(submitted) == 1


def test_the_choice_of_the_training_needs_no_job(open_page, finished_run, submitted):
    app = open_page("explore/clusters", dataset="small", run=finished_run.path.name)
    app.selectbox(key="clusters by").select(JOINT).run()
    assert not app.progress
    assert submitted == []


def test_what_was_stopped_says_so_and_can_be_tried_again(open_page, finished_run, submitted):
    app = open_page("explore/clusters", **link(finished_run))
    (job,) = submitted
    app.button(key=f"stop {job.path.name}").click().run()
    assert job.status.state is State.STOPPED
    app.run()
    assert said(app) == ["**Making 4 clusters by: Bands (coarse to fine structures)**: Stopped before it began."]
    app.button(key=f"again {job.path.name}").click().run()
    assert [one.path for one in submitted] == [job.path] * 2


def test_what_nobody_waits_for_any_more_is_stopped_and_taken_up_again_when_it_is_asked_for(
    open_page, finished_run, submitted
):
    app = open_page("explore/clusters", **link(finished_run))
    app.number_input(key="clusters shown").set_value(5).run()
    first, second = submitted
    assert (first.status.state, second.status.state) == (State.STOPPED, State.QUEUED)
    app.number_input(key="clusters shown").set_value(4).run()
    assert second.status.state is State.STOPPED
    assert [job.path for job in submitted] == [first.path, second.path, first.path]
    assert said(app) == []


def test_an_engine_that_cannot_start_is_said_in_words(open_page, finished_run, monkeypatch):
    def refuse():
        raise RunError("The engine did not start.")

    monkeypatch.setattr(engine, "submit", SUBMIT)
    monkeypatch.setattr(engine, "connect", refuse)
    app = open_page("explore/clusters", **link(finished_run))
    assert "The engine did not start." in said(app)[0]


def test_the_engine_is_asked_for_what_waits_for_long(open_page, finished_run, submitted, monkeypatch):
    asked = []
    monkeypatch.setattr("msiss.runs.engine.submit_waiting", lambda job: asked.append(job.path))
    app = open_page("explore/clusters", **link(finished_run))
    (job,) = submitted
    assert asked == []
    job.write_status(Status(state=State.QUEUED, heartbeat=time.time() - 61))
    app.run()
    assert asked == [job.path]


def test_an_answer_that_somebody_has_removed_is_worked_out_again(open_page, finished_run):
    open_page("explore/clusters", **link(finished_run))
    (path,) = (finished_run.path / "clusters").iterdir()
    path.unlink()
    import streamlit as st

    st.cache_resource.clear()
    app = open_page("explore/clusters", **link(finished_run))
    assert not app.error
    assert path.exists()


def panels(app):
    """Return the measures whose heat maps are shown."""
    (figure,) = (json.loads(chart.proto.spec) for chart in app.get("plotly_chart"))
    titles = [note["text"] for note in figure["layout"]["annotations"]]
    return [title for title in titles if title in map(title_of, REPRESENTATIONS.names)]


def test_similarity_computes_nothing_in_the_page(open_page, finished_run, submitted):
    finished_run.delete()
    app = open_page("explore/similarity", dataset="small")
    assert [job.request.question.measure for job in submitted] == [FIRST, IMAGE_VECTORS]
    assert len(app.progress) == 2
    assert not app.get("plotly_chart")
    execute_analysis(submitted[1].path)  # each is shown as soon as it is there
    app.run()
    assert len(app.progress) == 1
    assert panels(app) == [title_of(IMAGE_VECTORS)]
    execute_analysis(submitted[0].path)
    app.run()
    assert not app.progress
    assert panels(app) == [title_of(FIRST), title_of(IMAGE_VECTORS)]


def test_numbers_of_clusters_are_compared_outside_and_watched_by_all(open_page, finished_run, submitted):
    clusters_by(finished_run, BANDS, 4)
    app = open_page("explore/clusters", **link(finished_run))
    assert submitted == []
    next(button for button in app.button if button.label == "Compare numbers of clusters").click().run()
    (job,) = submitted
    other = open_page("explore/clusters", **link(finished_run))
    for one in (app, other):
        assert one.progress[0].text == "Waiting for its turn"
        assert len(mounted(one, "cluster sheet")["clusters"]) == 4  # the rest of the page is there
    execute_analysis(job.path)
    for one in (app.run(), other.run()):
        assert any("**Suggested:" in text.value for text in one.markdown)


@pytest.mark.usefixtures("finished_run")
def test_scores_are_made_outside(open_page, submitted):
    app = open_page("explore/quality")
    (job,) = submitted
    assert app.progress[0].text == "Waiting for its turn"
    assert not any(heading.value == "Known classes" for heading in app.subheader)
    execute_analysis(job.path)
    app.run()
    assert any(heading.value == "Known classes" for heading in app.subheader)
    assert len(submitted) == 1
