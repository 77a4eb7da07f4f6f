"""The page Quality: what the data say by themselves, and the scores against what is known."""

import json

import numpy as np
import pandas as pd
import pytest

from msiss.runs.quality.augmentation_sweep import SweepQuestion


def compared(name, low, high):
    return {"representation": name, "mean": (low + high) / 2, "low": low, "high": high}


def told(finished_run, **changes):
    """Give a run evidence by which another measure than the best elsewhere is better for clusters."""
    rows = {}
    for name in finished_run.representations:
        trained = name in finished_run.config.trained
        rows[name] = {
            "halves": None if trained and name != "self-labelled" else {"n": 12, "top1": 0.4, "mrr": 0.5},
            "agreement": None if trained else 0.5,
            "stability": 0.6,
            "pairs": {"all": {"n": 30, "same_cluster": 0.75, "chance": 0.25, "top5": 0.4, "mrr": 0.3}},
        }
    rows["joint"]["halves"] = {"n": 12, "top1": 0.9, "mrr": 0.95}
    found = {
        "ions": 12,
        "pairs": {"13C": {"n": 30, "by_chance": 2.4}, "all": {"n": 30, "by_chance": 2.6}},
        "representations": rows,
        "differences": [
            {"test": "halves", "plain": "joint", "mean": -0.5, "low": -0.7, "high": -0.3},
            {"test": "pairs", "plain": "joint", "mean": -0.2, "low": -0.3, "high": -0.1},
        ],
        "molecules": 20,
        "tolerance": {"ppm": 20.0, "least": 0.01},
        "copies": 2,
        "advice": {
            "neighbours": {"prior": "joint", "comparisons": [compared("bands", -0.2, 0.1)]},
            "clusters": {"prior": "hub-corrected", "comparisons": [compared("bands", 0.1, 0.3)]},
        },
        "result": "self-labelled",
    } | changes
    (finished_run.path / "results" / "evidence.json").write_text(json.dumps(found), encoding="utf-8")


def scores(app, number=0):
    """Return the numbers of a table, of which the best are bold."""
    return app.table[number].value.map(lambda text: float(text.strip("*")) if text else float("nan"))


def figures(app):
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def test_both_answers_stand_first_and_the_tolerance_and_copies_beside_the_pairs(open_page, finished_run):
    told(finished_run)
    app = open_page("explore/quality")
    said = [one.value for one in app.markdown]
    (answers,) = [text for text in said if "start with" in text]
    assert answers == (
        "**To find similar ions, start with Joint measure (four together), the best on other real data. On these data "
        "no other is clearly better.**\n\n"
        "**To group ions, start with Bands (coarse to fine structures). On these data it puts more partners into "
        "one cluster, beyond chance, than Image vectors, without hubs, the best on average without training on "
        "other real data, though none is reliably so.**"
    )
    within = "20 ppm, or 0.01 Th if that is more"
    assert any(f"30 pairs within {within}, about 3 of them by chance" in text for text in said)
    assert app.table[0].value.loc["Joint measure (four together)", "Found again in half the pixels"] == "**0.90**"
    assert any("2 ion images are exact copies of another one and left out of these tests." in text for text in said)
    assert any(
        f"by the mass of an isotope or adduct, within {within} and taken as singly charged" in text for text in said
    )
    table = scores(app)
    assert list(table) == [
        "Found again in half the pixels",
        "Same clusters from either half",
        "Same clusters from 80% of ions",
        "Isotopes and adducts near",
        "… in other pixels",
        "Isotopes and adducts together",
    ]
    assert table.loc["Joint measure (four together)", "Found again in half the pixels"] == 0.9
    assert table["Isotopes and adducts together"].tolist() == [0.5] * len(finished_run.representations)
    assert len(figures(app)[0]["data"]) == 5
    assert any(
        "**Same clusters from 80% of ions**: the clusters are made from random 80%" in one.value for one in app.markdown
    )


def test_known_classes_and_the_data_give_one_judgement(open_page, finished_run, small_images):
    told(finished_run)
    table = pd.read_parquet(finished_run.path / "results" / "clusters.parquet")
    for name in set(finished_run.representations) - {"self-labelled"}:
        table[name] = table[name].to_numpy()[::-1] % 2  # far from the classes
    table.to_parquet(finished_run.path / "results" / "clusters.parquet", index=False)
    app = open_page("explore/quality")
    (answers,) = [one.value for one in app.markdown if "start with" in one.value]
    similar, groups = answers.split("\n\n")
    assert groups == (
        "**To group ions, start with CNN after self-labelling: it agrees best with what you know. The isotopes and "
        "adducts favour Bands (coarse to fine structures).**"
    )
    assert similar.startswith("**To find similar ions, start with ")


def test_without_pairs_their_columns_are_left_out(open_page, finished_run):
    told(finished_run)
    found = json.loads((finished_run.path / "results" / "evidence.json").read_text())
    rows = {name: row | {"pairs": {}} for name, row in found["representations"].items()}
    told(finished_run, pairs=None, representations=rows, differences=found["differences"][:1])
    app = open_page("explore/quality")
    assert list(app.table[0].value) == [
        "Found again in half the pixels",
        "Same clusters from either half",
        "Same clusters from 80% of ions",
    ]
    assert any("not available for this axis" in one.value for one in app.markdown)
    assert not any(" ppm" in one.value for one in app.markdown)


@pytest.mark.usefixtures("finished_run")
def test_an_earlier_run_says_so_and_goes_on(open_page):
    app = open_page("explore/quality")
    assert "made before msiss had these checks" in app.info[0].value
    table = scores(app)  # the known classes
    assert table.loc["CNN after self-labelling", "ARI"] == 1


@pytest.mark.usefixtures("finished_run")
def test_known_classes_have_rounded_purity_and_a_curve_of_neighbours(open_page):
    app = open_page("explore/quality")
    table = scores(app)
    assert table.loc["Image vectors (plain pixels)", "Purity, rounded"] == pytest.approx(11 / 12, abs=5e-4)
    drawn, neighbours = figures(app)[:2]
    assert [trace["name"] for trace in drawn["data"]] == ["Purity", "ARI", "AMI", "10-NN purity"]
    assert neighbours["layout"]["xaxis"]["title"]["text"] == "Nearest neighbours k"
    assert len(neighbours["data"]) == 11


@pytest.mark.usefixtures("finished_run")
def test_quality_scores_every_representation_by_the_classes_of_the_data_set(open_page):
    app = open_page("explore/quality")
    table = scores(app)
    assert table.loc["CNN after self-labelling", "ARI"] == 1
    assert table.loc["Image vectors (plain pixels)", "Purity"] == pytest.approx(11 / 12, abs=5e-4)
    assert any("against 1.00 for Image vectors, without hubs" in one.value for one in app.markdown)
    assert any("grows with the number of clusters" in one.value for one in app.markdown)


@pytest.mark.usefixtures("finished_run")
@pytest.mark.usefixtures("children")
def test_quality_reads_pairs_and_tells_how_many_it_found(open_page, small_images):
    rows = [f"{small_images.mz[0]},{small_images.mz[1]},13C", f"{small_images.mz[5]},{small_images.mz[6]},H/Na"]
    table = "mz_i,mz_j,kind\n" + "\n".join([*rows, "999,1000,13C"])
    app = open_page("explore/quality")
    app.segmented_control[0].set_value("none").run()
    assert any("Nothing to compare with" in info.value for info in app.info)
    app.file_uploader[0].set_value(("pairs.csv", table.encode(), "text/csv")).run()
    assert "1 of the 3 pairs" in app.warning[0].value
    assert any("2 pairs found" in caption.value for caption in app.caption)
    assert app.segmented_control(key="pair kind").options == ["all", "13C", "H/Na"]


@pytest.mark.usefixtures("finished_run")
def test_quality_refuses_a_wrong_table_in_words(open_page):
    app = open_page("explore/quality")
    app.segmented_control[0].set_value("a table of mine").run()
    app.file_uploader[0].set_value(("labels.csv", b"ion,group\n1,2\n", "text/csv")).run()
    assert "needs the columns mz and class" in app.error[0].value


def test_the_page_ends_in_a_choice_for_all_pages(open_page, finished_run):
    told(finished_run)
    app = open_page("explore/quality")
    app.segmented_control[0].set_value("none").run()
    assert [one.value for one in app.markdown if one.value.startswith(("To find similar ions:", "To group ions:"))] == [
        "To find similar ions: **Joint measure (four together)**",
        "To group ions: **Bands (coarse to fine structures)**",
    ]
    app.button(key="use everywhere").click().run()
    assert app.query_params["by"] == "bands"
    assert app.button(key="use everywhere").disabled
    app.switch_page("pages/explore/similarity.py").run()
    assert not app.exception
    assert [one.value for one in app.selectbox if str(one.key).startswith("similarity left")] == ["joint"]
    app.switch_page("pages/explore/clusters.py").run()
    assert app.selectbox(key="clusters by").value == "bands"


@pytest.mark.usefixtures("finished_run")
def test_confidence_is_held_against_the_classes_or_else_the_near_ions(open_page):
    app = open_page("explore/quality")
    drawn = {trace["name"]: trace for figure in figures(app) for trace in figure["data"] if "name" in trace}
    right = drawn["With the class of their cluster"]
    assert right["y"][0] == 100  # all ions are in the right cluster
    above = drawn["Ions above"]["y"]
    assert above[0] == 100
    assert above[75] == pytest.approx(100 * 6 / 12)  # confidences of 0.5 to 1 in equal steps
    app.segmented_control[0].set_value("none").run()
    drawn = {trace["name"]: trace for figure in figures(app) for trace in figure["data"] if "name" in trace}
    assert "With the class of their cluster" not in drawn
    assert 0 < drawn["Near ions in the same cluster"]["y"][0] < 100


def test_self_labelling_is_drawn_where_it_was_recorded(open_page, finished_run, small_images):
    assert not any("Self-labelling over its epochs" in one.value for one in open_page("explore/quality").subheader)
    clusters = np.stack([np.zeros(12), np.where(np.arange(12) < 5, 0, -1), small_images.labels]).astype(np.int16)
    np.savez_compressed(finished_run.path / "results" / "history.npz", clusters=clusters, confidence=np.ones(12))
    app = open_page("explore/quality")
    figure = next(one for one in figures(app) if "self-labelling" in one["layout"]["xaxis"]["title"]["text"])
    curves = {trace["name"]: trace["y"] for trace in figure["data"]}
    assert curves["Purity"] == [pytest.approx(5 / 12), 1, 1]
    assert curves["ARI"] == [0, 1, 1]


def test_confused_classes_are_counted(open_page, finished_run):
    app = open_page("explore/quality", dataset="small", run=finished_run.path.name, by="image-vectors", k="3")
    figure = next(one for one in figures(app) if one["layout"]["yaxis"]["title"]["text"] == "Known class")
    assert figure["data"][0]["text"] == [["4", "1", ""], ["", "4", ""], ["", "", "3"]]
    assert any("11 of 12 ions are there" in one.value for one in app.caption)


def test_a_sweep_says_how_long_it_takes_and_shows_what_is_done(open_page, finished_run, small_images, monkeypatch):
    asked = []
    monkeypatch.setattr("msiss.runs.engine.submit", asked.append)
    app = open_page("explore/quality")
    assert app.button(key="start sweep").label.startswith("Try 8 augmentations, about ")
    question = SweepQuestion.of(finished_run, small_images.labels)
    question._file("none").parent.mkdir(parents=True)
    done = {"before": {"linear evaluation": 0.5}, "after": {"linear evaluation": 0.75}}
    question._file("none").write_text(json.dumps(done))
    app.run()
    figure = next(one for one in figures(app) if one["layout"]["yaxis"]["title"]["text"] == "Augmentation")
    assert figure["data"][0]["x"] == [None, 75, *[None] * 6]
    assert figure["layout"]["shapes"][0]["x0"] == 50
    app.button(key="start sweep").click().run()
    jobs = {job.request.question.what: job for job in asked}
    assert jobs["augmentations"].request.question == question
    assert (jobs["augmentations"].resource, jobs["scores"].resource) == ("DEVICE", "ANALYSIS")
