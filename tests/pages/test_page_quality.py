"""The page Quality: what the data say by themselves, and the scores against what is known."""

import json

import pandas as pd
import pytest


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
    assert any("2 ion images are exact copies of another one and left out of these tests." in text for text in said)
    assert any(
        f"by the mass of an isotope or adduct, within {within} and taken as singly charged" in text for text in said
    )
    table = app.dataframe[0].value.set_index("Representation")
    assert list(table) == [
        "Half recognised",
        "Halves agree",
        "Stability",
        "Partner near",
        "… apart",
        "Together above chance",
    ]
    assert table.loc["Joint measure (four together)", "Half recognised"] == 0.9
    assert table["Together above chance"].tolist() == [0.5] * len(finished_run.representations)
    assert len(figures(app)[0]["data"]) == 5
    assert any("**Stability**: the clusters are made from random 80 %" in one.value for one in app.markdown)


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
    assert list(app.dataframe[0].value) == [
        "Representation",
        "Half recognised",
        "Halves agree",
        "Stability",
    ]
    assert any("not available for this axis" in one.value for one in app.markdown)
    assert not any(" ppm" in one.value for one in app.markdown)


@pytest.mark.usefixtures("finished_run")
def test_an_earlier_run_says_so_and_goes_on(open_page):
    app = open_page("explore/quality")
    assert "made before msiss had these checks" in app.info[0].value
    table = app.dataframe[0].value.set_index("Representation")  # the known classes
    assert table.loc["CNN after self-labelling", "ARI"] == 1


@pytest.mark.usefixtures("finished_run")
def test_known_classes_have_rounded_purity_and_a_curve_of_neighbours(open_page):
    app = open_page("explore/quality")
    table = app.dataframe[0].value.set_index("Representation")
    assert table.loc["Image vectors (plain pixels)", "Purity, rounded"] == pytest.approx(11 / 12)
    scores, neighbours = figures(app)
    assert [trace["name"] for trace in scores["data"]] == ["Purity", "ARI", "AMI", "10-NN purity"]
    assert neighbours["layout"]["xaxis"]["title"]["text"] == "Nearest neighbours k"
    assert len(neighbours["data"]) == 11


@pytest.mark.usefixtures("finished_run")
def test_quality_scores_every_representation_by_the_classes_of_the_data_set(open_page):
    app = open_page("explore/quality")
    table = app.dataframe[0].value.set_index("Representation")
    assert table.loc["CNN after self-labelling", "ARI"] == 1
    assert table.loc["Image vectors (plain pixels)", "Purity"] == pytest.approx(11 / 12)
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
