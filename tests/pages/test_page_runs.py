"""The page Runs: the table, what is written on a run, comparison, replicates and the bin."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from helpers import mounted

from msiss.runs.jobs import State, Status
from msiss.runs.labels import change_label, label_of, title_of_run
from msiss.runs.replicates import create_replicates
from msiss.runs.run_bin import RunBin
from msiss.runs.store import Run, RunStore
from msiss.runs.transfer import export_run

HOSTILE = "![x](https://example.org/x.png) :red[a]"


@pytest.fixture
def store(finished_run):
    return RunStore(finished_run.path.parent)


@pytest.fixture
def three(finished_run, store):
    """Return three replicates, of which the second takes ion 4 for one of class 1 and the third is not trained."""
    runs = create_replicates(store, finished_run, 3)
    shutil.copytree(finished_run.path / "results", runs[1].path / "results")
    file = runs[1].path / "results" / "clusters.parquet"
    table = pd.read_parquet(file)
    table.loc[4, "self-labelled"] = 1
    table.to_parquet(file, index=False)
    runs[1].write_status(finished_run.status)
    return runs


@pytest.fixture
def choose(open_page):
    """Return a function that opens the page with some rows ticked."""

    def choose_them(*runs, **address):
        app = open_page("data/open", **address)
        app.session_state["chosen runs"] = [run.path.name for run in runs]
        app.switch_page("pages/train/runs.py").run()
        assert not app.exception
        assert not app.error, app.error[0].value
        return app

    return choose_them


def charts(app):
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def test_every_run_is_a_row_with_its_scores_and_the_pinned_ones_come_first(open_page, three):
    change_label(three[1], name="odd", tags=["try", "b"], pinned=True, note="look again")
    drawn = open_page("train/runs").dataframe[0]
    table = drawn.value
    assert json.loads(drawn.proto.columns)["ARI"]["type_config"]["format"] == "%.2f"
    assert table["Run"].tolist()[0] == "odd"
    row = table.iloc[0]
    assert (row["★"], row["Tags"], row["Note"], row["Device"]) == ("★", "try, b", "look again", "CPU")
    assert table["State"].tolist().count("done") == 2
    by_name = table.set_index("Run")
    assert by_name.loc[title_of_run(three[0]), "ARI"] == 1
    assert by_name.loc["odd", "ARI"] < 1
    assert by_name.loc[title_of_run(three[0]), "Time"] == "1 min"
    assert "Isotopes" not in table  # these runs have no evidence


def test_the_picker_tells_trainings_apart(open_page, three):
    change_label(three[1], name="odd", tags=["try"])
    app = open_page("data/open", dataset="small", run=three[1].path.name)
    picker = app.sidebar.selectbox(key="run_picker")
    assert "odd" in picker.options
    assert len(set(picker.options)) == 3
    assert any(option.startswith("paper 3, seed 2, ") for option in picker.options)
    assert ":green-badge[done] :gray-badge[try]" in [one.value for one in app.sidebar.markdown]


def test_what_a_person_writes_is_kept_and_shown_as_it_is(choose, finished_run):
    app = choose(finished_run)
    identity = finished_run.path.name
    app.text_input(key=f"name {identity}").set_value(HOSTILE).run()
    app.text_area(key=f"note {identity}").set_value("second try").run()
    app.multiselect(key=f"tags {identity}").set_value(["fine"]).run()
    app.button(key=f"pin {identity}").click().run()
    label = label_of(finished_run)
    assert (label.name, label.note, label.tags, label.pinned) == (HOSTILE, "second try", ("fine",), True)
    (title,) = [one.value for one in app.main.markdown if "badge[done]" in one.value]
    assert title.startswith(r"**!\[x\](https")
    assert app.button(key=f"pin {identity}").label == "Unpin"
    assert any("Its encoder can be what a training on another data set starts from" in one.value for one in app.caption)


def test_another_run_is_shown_on_all_pages(choose, three):
    app = choose(three[0], dataset="small", run=three[0].path.name)
    assert app.button(key=f"open {three[0].path.name}").disabled
    app = choose(three[1], dataset="small", run=three[0].path.name)
    app.button(key=f"open {three[1].path.name}").click().run()
    assert app.query_params["run"] == three[1].path.name


def test_a_deleted_run_waits_in_the_bin_until_that_is_emptied(choose, three, store):
    app = choose(three[1], three[2])
    app.button(key=f"delete {three[1].path.name} {three[2].path.name}").click().run()
    assert [run.path for run in store] == [three[0].path]
    deleted = {one.identity: one for one in RunBin(store.folder)}
    assert set(deleted) == {three[1].path.name, three[2].path.name}
    app.button(key=f"restore {deleted[three[1].path.name].run.path.name}").click().run()
    assert Run(three[1].path).status.state is State.DONE
    app.button(key="empty bin").click().run()
    assert list(RunBin(store.folder)) == []
    assert three[1].path.exists()
    assert any("are free on the disk" in one.value for one in app.caption)


def test_a_run_that_goes_while_two_sessions_show_it_is_no_trouble(choose, finished_run):
    first, second = (choose(finished_run) for _ in range(2))
    for app in (first, second):
        app.button(key=f"delete {finished_run.path.name}").click().run()
        assert not app.exception
        assert not app.error
        assert app.query_params == {"dataset": "small"}
    assert "cannot be deleted" in second.toast[0].value


def test_two_runs_are_compared_with_images(choose, three):
    app = choose(three[0], three[1])
    assert [one.value for one in app.metric] == ["1 of 12", *[f"{value:.3f}" for value in _agreement(three)]]
    assert app.dataframe[1].value.to_dict("records") == [{"Setting": "Seed", "A": "0", "B": "1"}]
    (shared,) = charts(app)
    assert shared["data"][0]["text"] == [["4", "1", ""], ["", "4", ""], ["", "", "3"]]
    captions = [image.captions[0] for image in app.image]
    assert captions[:2] == ["A: 0  \n5 ions", "B: 0  \n4 ions"]
    assert len(captions) == 3 * 2
    (moved,) = mounted(app, "moved ions")["tiles"]
    assert (moved["ion"], moved["text"].splitlines()[-1]) == (4, "A 0 → B 1")


def _agreement(runs):
    from msiss.analyse.metrics import ami, ari

    clusters = [run.clusters()["self-labelled"].to_numpy() for run in runs[:2]]
    return ari(*clusters), ami(*clusters)


def test_a_run_that_is_not_done_cannot_be_compared(choose, three):
    app = choose(three[0], three[2])
    assert "Both runs must be done" in app.info[0].value


def test_replicates_are_started_with_one_click(choose, finished_run, store, monkeypatch):
    submitted = []
    monkeypatch.setattr("msiss.runs.engine.submit", submitted.append)
    app = choose(finished_run)
    app.number_input(key="replicates").set_value(4).run()
    button = app.button(key="train replicates")
    assert button.label.startswith("Train 3 seeds, about ")
    button.click().run()
    assert [run.config.seed for run in submitted] == [1, 2, 3]
    assert {run.path.name for run in store} == {finished_run.path.name, *(run.path.name for run in submitted)}
    assert app.progress[0].text == "1 of 4 trained – 25%"
    app.button(key="stop all").click().run()
    assert [run.status.state for run in submitted] == [State.STOPPED] * 3


def test_replicates_are_summed_up(choose, three):
    three[2].write_status(Status(state=State.STOPPED))
    app = choose(three[0])
    table = app.table[0].value
    ari, ami = _agreement(three)
    truth = 1.0, ari  # of the two with the classes, which are the clusters of the first
    assert table.loc["CNN after self-labelling", "ARI"] == f"{np.mean(truth):.3f} ± {np.std(truth, ddof=1):.3f}"
    assert table.loc["Bands (coarse to fine structures)", "Purity"] == "1.000 ± 0.000"
    assert any(f"an ARI of {ari:.3f} and an AMI of {ami:.3f}" in one.value for one in app.markdown)
    histogram, placed = charts(app)
    expected = [4 / 5] * 4 + [1 / 9] + [4 / 5] * 4 + [1] * 3
    np.testing.assert_allclose(placed["data"][0]["marker"]["color"], expected)
    assert histogram["layout"]["yaxis"]["title"]["text"] == "Ions"
    first = mounted(app, "least company")["tiles"][0]
    assert (first["ion"], first["text"].splitlines()[-1]) == (4, "keeps 11%")


def test_a_run_of_another_version_is_trained_anew(choose, finished_run, store, monkeypatch):
    request = json.loads((finished_run.path / "config.json").read_text()) | {"method": "older"}
    (finished_run.path / "config.json").write_text(json.dumps(request))
    app = choose(finished_run)
    assert any("made by another version of msiss" in one.value for one in app.caption)
    assert app.button(key="train replicates").label.startswith("Train 5 seeds")


@pytest.mark.usefixtures("children")
def test_a_run_goes_to_another_machine_and_comes_back(choose, finished_run, tmp_path):
    change_label(finished_run, name="cortex")
    app = choose(finished_run)
    assert [one.label for one in app.get("download_button")] == ["Download the run (.zip)"]
    export_run(finished_run, tmp_path / "run.zip")
    identity = finished_run.path.name
    app.button(key=f"delete {identity}").click().run()
    app.file_uploader(key="run file").set_value(
        ("run.zip", (tmp_path / "run.zip").read_bytes(), "application/zip")
    ).run()
    app.button(key="import run").click().run()
    assert not app.exception
    assert not app.error, app.error[0].value
    assert label_of(Run(finished_run.path)).name == "cortex"
    assert app.query_params == {"dataset": "small", "run": identity}
    assert app.text_input(key=f"name {identity}").value == "cortex"
    app.button(key="import run").click().run()
    assert "This run is here already" in app.error[0].value


def test_a_training_that_cannot_be_read_is_a_row_with_the_reason_and_can_be_deleted(open_page, finished_run):
    broken = finished_run.path.with_name("0123456789abcdef")
    broken.mkdir()
    (broken / "config.json").write_text("")
    app = open_page("train/runs")
    assert any(":red-badge[damaged]" in one.value and "0123" in one.value for one in app.markdown)
    assert any("its config.json is damaged" in one.value for one in app.caption)
    app.button(key=f"delete {broken.name}").click().run()
    assert not broken.exists()
    assert finished_run.path.exists()
