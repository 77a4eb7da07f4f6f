"""The page Similarity: ions compared, their partners, and what people say about pairs on which measures disagree."""

import base64
import json

import numpy as np
import pytest
from helpers import mounted

from msiss.analyse.measures import vectors
from msiss.analyse.representations import (
    BANDS,
    FIRST,
    IMAGE_VECTORS,
    JOINT,
    METASPACE,
    REPRESENTATIONS,
    measure_names,
    title_of,
)
from msiss.analyse.similarity import cosine_similarity
from msiss.analyse.trees import ward_tree
from msiss.data.prepare import clean
from msiss.learn.paper.config import PRETRAINED, SELF_LABELLED
from msiss.learn.spatial.config import NAME
from msiss.runs import disagreeing
from msiss.runs.decisions import Moved, recorded
from msiss.runs.grouping import decide, grouping
from msiss.runs.jobs import State
from msiss.runs.quality.judged import judgements
from msiss.share.similar import pairs_table, partners_table
from msiss.ui.explore import disagreements, partners, similarity
from msiss.ui.explore.comparison import spread_over

LEFT = "similarity left joint"


@pytest.fixture
def offered(monkeypatch):
    """Return what each button of a page gives when it is pressed, by the name of its file."""
    files = {}

    def button(_label, data, name, _kind, **_more):
        files[name] = data

    monkeypatch.setattr("streamlit.download_button", button)
    return files


def part(app, name):
    return app.segmented_control(key=similarity.PART).set_value(name).run()


def heat_maps(app):
    """Return the cosines of each panel with its title, the ions in the order of their m/z axis."""
    (chart,) = app.get("plotly_chart")
    figure = json.loads(chart.proto.spec)
    maps = [trace for trace in figure["data"] if trace["type"] == "heatmap"]
    titles = [note["text"].replace("<br>", " ") for note in figure["layout"]["annotations"]][::2]
    found = {}
    for title, trace in zip(titles, maps, strict=True):
        cosines = trace["z"]
        if isinstance(cosines, dict):
            cosines = np.frombuffer(base64.b64decode(cosines["bdata"]), dtype=cosines["dtype"])
        number = len(trace["x"])
        order = figure["layout"][f"xaxis{trace['xaxis'][1:]}"]["ticktext"]
        found[title] = (order, np.reshape(cosines, (number, number)))
    return found


def test_ions_are_compared_by_two_measures_in_the_order_of_their_trees(open_page, finished_run, small_images):
    app = open_page("explore/similarity")
    app.multiselect[0].set_value([0, 1, 9]).run()
    found = heat_maps(app)
    assert list(found) == [title_of(JOINT), title_of(IMAGE_VECTORS)]
    for name in (JOINT, IMAGE_VECTORS):
        features = finished_run.features(name)[[0, 1, 9]]
        order = ward_tree(features).order
        names, cosines = found[title_of(name)]
        assert names == [f"{small_images.mz[[0, 1, 9][one]]:.2f}" for one in order]
        np.testing.assert_allclose(cosines, cosine_similarity(features)[np.ix_(order, order)], atol=1e-6)
    tiles = mounted(app, "compared ions")["tiles"]
    assert [tile["ion"] for tile in tiles] == [0, 1, 9]
    app.segmented_control(key="similarity order").set_value("m/z").run()
    assert all(names == sorted(names) for names, _ in heat_maps(app).values())
    app.segmented_control(key="similarity order").set_value("all by the first tree").run()
    first, second = heat_maps(app).values()
    assert first[0] == second[0]


def test_the_usual_three_measures(open_page, finished_run):
    app = open_page("explore/similarity")
    next(button for button in app.button if button.label == "Usual three").click().run()
    assert list(heat_maps(app)) == [title_of(one) for one in (SELF_LABELLED, IMAGE_VECTORS, METASPACE)]
    assert not app.exception
    app.selectbox(key=similarity.THIRD).select(IMAGE_VECTORS).run()
    assert len(heat_maps(app)) == 2


def test_pairs_are_listed_and_given_as_csv(open_page, finished_run, offered):
    app = open_page("explore/similarity")
    app.multiselect[0].set_value([0, 1, 9, 10]).run()
    measured = {name: finished_run.features(name) for name in (JOINT, IMAGE_VECTORS)}
    expected = pairs_table(finished_run.ions(), measured, [0, 1, 9, 10])
    shown = app.dataframe[0].value
    assert shown["ion_i"].tolist() == expected["ion_i"].tolist()
    np.testing.assert_allclose(shown["cosine_image-vectors"], expected["cosine_image-vectors"])
    assert app.subheader[1].value == "6 pairs"
    lines = offered["msiss-small-pairs.csv"]().decode().splitlines()
    assert len(lines) == 7
    assert lines[0].startswith("ion_i,mz_i,name_i,ion_j,mz_j,name_j,cosine_joint,rank_joint,cosine_image-vectors")


def test_ions_come_from_the_selection_or_a_cluster(open_page, finished_run, small_images):
    decide(grouping(finished_run), Moved(ions=(0,), to=2))
    app = open_page("explore/similarity", dataset="small", run=finished_run.path.name, sel="2-4.7")
    app.button(key="take selection").click().run()
    assert app.multiselect[0].value == [2, 3, 4, 7]
    app.selectbox(key="cluster to compare").select(2).run()
    app.button(key="take cluster").click().run()
    assert app.multiselect[0].value == [0, 9, 10, 11]  # as it was corrected


def test_no_clusters_have_to_be_made_to_compare_ions(open_page, finished_run):
    app = open_page("explore/similarity", dataset="small", run=finished_run.path.name, k="5")
    assert len(heat_maps(app)) == 2
    assert not [one for one in app.selectbox if one.label == "A cluster"]
    part(app, similarity.PARTNERS)
    assert "cluster" not in app.dataframe[0].value
    assert not (finished_run.path / "clusters").exists()


def test_of_many_ions_some_are_taken_over_the_whole_range():
    mz = np.array([5.0, 1, 4, 2, 3, 6, 7])
    assert spread_over(mz, [0, 1, 2], 30) == [1, 2, 0]
    assert spread_over(mz, range(7), 3) == [1, 2, 6]


def test_similarity_compares_by_any_two_measures(open_page, finished_run):
    app = open_page("explore/similarity")
    app.selectbox(key=LEFT).select(BANDS).run()
    app.selectbox(key=similarity.RIGHT).select(PRETRAINED).run()
    assert list(heat_maps(app)) == [title_of(BANDS), title_of(PRETRAINED)]
    assert app.selectbox(key=LEFT).options == [title_of(one) for one in finished_run.representations]
    app.selectbox(key=similarity.RIGHT).select(BANDS).run()
    assert len(heat_maps(app)) == 1


@pytest.mark.parametrize("state", [None, State.RUNNING, State.FAILED])
def test_similarity_needs_no_training(open_page, finished_run, small_images, state):
    if state is None:
        finished_run.delete()
    else:
        finished_run.write_status(finished_run.status.model_copy(update={"state": state}))
    app = open_page("explore/similarity")
    assert "need no training" in app.info[0].value
    assert ("is running" in app.info[0].value) == (state is State.RUNNING)
    left, right = app.selectbox(key=LEFT), app.selectbox(key=similarity.RIGHT)
    assert (left.value, right.value) == (FIRST, IMAGE_VECTORS)
    assert sorted(left.options) == sorted(title_of(one) for one in measure_names())
    app.segmented_control(key="similarity order").set_value("m/z").run()
    cleaned = clean(small_images, app.session_state["settings"].prepare)
    chosen = sorted(app.multiselect[0].value)
    for measure in (FIRST, IMAGE_VECTORS):
        expected = cosine_similarity(vectors(measure, cleaned, small_images.mask))[np.ix_(chosen, chosen)]
        np.testing.assert_allclose(heat_maps(app)[title_of(measure)][1], expected, atol=1e-5)
    part(app, similarity.PARTNERS)
    assert len(mounted(app, f"near {FIRST}")["tiles"]) == 8
    part(app, similarity.DISAGREEMENTS)
    assert "start a training first" in " ".join(caption.value for caption in app.caption)
    assert not [one for one in app.segmented_control if "same pattern" in one.label]
    assert any("rank" in caption.value for caption in app.caption)


@pytest.mark.usefixtures("finished_run")
def test_the_measures_to_choose_from_are_explained(open_page):
    app = open_page("explore/similarity")
    told = app.selectbox(key=similarity.RIGHT).help
    assert all(
        f"**{title_of(one)}** {REPRESENTATIONS[one].about}" in told for one in REPRESENTATIONS.names if one != NAME
    )


@pytest.mark.usefixtures("finished_run")
def test_one_ion_is_not_enough_to_compare(open_page):
    app = open_page("explore/similarity")
    app.multiselect[0].set_value([0]).run()
    assert "at least two ions" in app.info[0].value
    assert len(app.get("plotly_chart")) == 0


def test_the_partners_of_an_ion_are_ranked_by_both_measures(
    open_page, finished_run, small_images, offered, monkeypatch
):
    monkeypatch.setattr(partners, "ROWS", 4)
    app = part(open_page("explore/similarity"), similarity.PARTNERS)
    app.main.selectbox[0].select(9).run()
    app.slider[0].set_value(4).run()
    near = mounted(app, f"near {JOINT}")["tiles"]
    assert near[0]["text"] == f"m/z {small_images.mz[9]:.4f}\nlipid 9\nthis ion"
    measured = {name: finished_run.features(name) for name in (JOINT, IMAGE_VECTORS)}
    expected = partners_table(finished_run.ions(), measured, 9, grouping(finished_run))
    assert [tile["ion"] for tile in near] == [9, *expected["ion"][:4]]
    shown = app.dataframe[0].value
    assert shown["ion"].tolist() == expected["ion"][:4].tolist()  # a page of the list
    assert shown["image"].str.startswith("data:image/png").all()
    csv = offered[f"msiss-small-partners-of-{small_images.mz[9]:.4f}.csv"]
    assert len(csv().decode().splitlines()) == 12
    assert csv().decode().splitlines()[1].startswith(f"{expected['ion'][0]},")
    ordered = next(one for one in app.segmented_control if "ordered by" in one.label)
    ordered.set_value(IMAGE_VECTORS).run()
    other = partners_table(finished_run.ions(), dict(reversed(measured.items())), 9)
    assert app.dataframe[0].value["ion"].tolist() == other["ion"][:4].tolist()


def test_another_page_can_ask_for_the_partners_of_an_ion(open_page, finished_run):
    app = part(open_page("explore/similarity"), similarity.PARTNERS)
    app.main.selectbox[0].select(3).run()
    app.switch_page("pages/explore/clusters.py").run()
    app.session_state[similarity.ASKED], app.session_state[similarity.PART] = 7, similarity.PARTNERS
    app.switch_page("pages/explore/similarity.py").run()
    assert app.main.selectbox[0].value == 7
    assert mounted(app, f"near {IMAGE_VECTORS}")["tiles"][0]["ion"] == 7
    app.main.selectbox[0].select(5).run()
    assert app.main.selectbox[0].value == 5  # it was asked for once


def question(app, at=0):
    return [one for one in app.segmented_control if "same pattern" in one.label][at]


def test_people_say_who_is_right_and_it_is_counted_on_quality(open_page, finished_run):
    app = open_page("explore/quality")
    assert any("Nobody has judged" in info.value for info in app.info)
    app.switch_page("pages/explore/similarity.py").run()
    part(app, similarity.DISAGREEMENTS)
    found = disagreeing.compare(finished_run.features(JOINT), finished_run.features(IMAGE_VECTORS))
    first = found.iloc[0]
    near, far = (JOINT, IMAGE_VECTORS) if first["difference"] > 0 else (IMAGE_VECTORS, JOINT)
    assert not [caption for caption in app.caption if "rank" in caption.value]  # the images alone are judged
    question(app).set_value(disagreements.DIFFERENT).run()
    (said,) = judgements(finished_run)
    assert said.ions == (first["i"], first["j"])
    assert said.measures[("first", "second").index(said.right)] == far
    told = next(caption.value for caption in app.caption if "rank" in caption.value)
    assert f"You side with {title_of(far)}." in told
    assert f"{title_of(JOINT)}: rank {first['first_rank']:g} of 11, cosine {first['first_cosine']:.2f}" in told
    next(one for one in app.text_input if "Why" in one.label).set_value("other side of the tissue").run()
    question(app).set_value(disagreements.ALIKE).run()
    (said,) = judgements(finished_run)
    assert said.measures[("first", "second").index(said.right)] == near
    assert said.why == "other side of the tissue"
    app.session_state["who"] = "A"
    question(app, 1).set_value(disagreements.UNSURE).run()
    assert [one.right for one in judgements(finished_run)][1] == "unsure"
    assert recorded(finished_run)[-1].who == "A"
    assert any(one.value.startswith("Of 2 pairs that") for one in app.markdown)
    app.switch_page("pages/explore/quality.py").run()
    assert any(f"sided with {title_of(near)} in 1" in one.value for one in app.markdown)
    assert not app.exception

    app = part(open_page("explore/similarity"), similarity.DISAGREEMENTS)
    assert question(app).value == disagreements.ALIKE  # kept
    question(app).set_value(None).run()
    assert [one.right for one in judgements(finished_run)] == ["unsure"]


def test_the_order_of_the_measures_does_not_change_what_was_said(open_page, finished_run):
    app = part(open_page("explore/similarity"), similarity.DISAGREEMENTS)
    question(app).set_value(disagreements.ALIKE).run()
    app.selectbox(key=LEFT).select(IMAGE_VECTORS).run()
    app.selectbox(key=similarity.RIGHT).select(JOINT).run()
    answers = [one.value for one in app.segmented_control if "same pattern" in one.label]
    assert answers.count(disagreements.ALIKE) == 1


def test_many_ions_are_compared_by_the_engine(open_page, finished_run, monkeypatch, offered):
    monkeypatch.setattr(disagreeing, "AT_ONCE", 5)
    app = part(open_page("explore/similarity"), similarity.DISAGREEMENTS)
    assert not app.error
    expected = disagreeing.compare(finished_run.features(JOINT), finished_run.features(IMAGE_VECTORS))
    lines = offered["msiss-small-joint-image-vectors-disagreements.csv"]().decode().splitlines()
    assert len(lines) == 1 + len(expected)
    assert question(app)


def test_a_measure_does_not_disagree_with_itself(open_page, finished_run):
    app = part(open_page("explore/similarity"), similarity.DISAGREEMENTS)
    app.selectbox(key=LEFT).select(IMAGE_VECTORS).run()
    assert "Choose two different measures" in app.info[0].value
    np.save(finished_run.path / "results" / "features" / f"{BANDS}.npy", finished_run.features(IMAGE_VECTORS))
    app.selectbox(key=LEFT).select(BANDS).run()
    assert "do not disagree" in app.info[0].value
