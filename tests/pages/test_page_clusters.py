"""The page Clusters: what its parts say, and that what a person decides is kept, applied, told and undone."""

import json

import numpy as np
import pytest
from helpers import mounted, pressed

from msiss.analyse.metrics import ari
from msiss.analyse.representations import IMAGE_VECTORS, JOINT
from msiss.home import analyses_folder
from msiss.learn.paper.config import SELF_LABELLED
from msiss.runs.analyses import AnalysisStore
from msiss.runs.decisions import Flagged, Merged, Moved, Named, Noted, Split, record, recorded
from msiss.runs.grouping import decide, grouping
from msiss.runs.refinement import corrections_of, refine
from msiss.ui.explore.clusters import describing
from msiss.ui.explore.clusters.learning import flows
from msiss.ui.explore.clusters.review import KINDS

HOSTILE = "<b>*white* matter"


CLASSES = np.repeat([0, 1, 2], [5, 4, 3])  # of `small_images`


@pytest.fixture
def open_part(open_page):
    """Return a function that opens a part of the page."""

    def open_it(part, *, selected="", **address):
        app = open_page("explore/clusters", **({"sel": selected} if selected else {}), **address)
        app.segmented_control(key="clusters part").set_value(part).run()
        assert not app.exception
        assert not app.error, app.error[0].value
        return app

    return open_it


def sheet(app):
    return mounted(app, "cluster sheet")["clusters"]


def texts(app):
    return [*(one.value for one in app.markdown), *(one.value for one in app.caption), *(one.value for one in app.info)]


def decided(run):
    return [type(one).__name__ for one in recorded(run)]


def clusters(run):
    return grouping(run).labels.tolist()


def test_the_sheet_has_every_cluster_with_what_is_known_about_it(open_page, finished_run):
    before = grouping(finished_run)
    decide(before, Named(cluster=1, name=HOSTILE))
    decide(before, Flagged(cluster=2, tissue=False))
    decide(before, Split(parent=0, first=3, parts=((0, 1),)))
    app = open_page("explore/clusters")
    confidence = finished_run.clusters()["confidence"]
    assert [(one["title"], one["about"], one["tissue"]) for one in sheet(app)] == [
        ("0", f"3 ions, confidence {confidence[2:5].mean():.2f}", True),
        (f"1 {HOSTILE}", f"4 ions, confidence {confidence[5:9].mean():.2f}", True),
        ("2", f"3 ions, confidence {confidence[9:].mean():.2f}\nnot tissue", False),
        ("3", f"2 ions, confidence {confidence[:2].mean():.2f}\npart of 0", True),
    ]
    assert all(one["src"].startswith("data:image/png;base64,") for one in sheet(app))


def test_a_cluster_without_ions_is_told(open_page, finished_run):
    table = finished_run.clusters()
    table[SELF_LABELLED] = table[SELF_LABELLED].replace({1: 0})
    table.to_parquet(finished_run.path / "results" / "clusters.parquet", index=False)
    app = open_page("explore/clusters")
    assert any("1 cluster lost all ions" in text for text in texts(app))
    assert [one["number"] for one in sheet(app)] == [0, 2]


def test_members_are_ordered_and_can_be_dragged_onto_every_other_cluster(open_part, finished_run, small_images):
    app = open_part("One cluster")
    table = finished_run.clusters()
    members = table[table[SELF_LABELLED] == 0].sort_values("confidence", ascending=False)
    shown = mounted(app, "members 0")
    brightest = [np.quantile(small_images.images[ion][small_images.mask], 0.999) for ion in members["ion"]]
    assert [tile["text"] for tile in shown["tiles"]] == [
        f"m/z {row.mz:.4f}\n{row.name}\nconfidence {row.confidence:.2f}\nup to {value:.3g}"
        for row, value in zip(members.itertuples(), brightest, strict=True)
    ]
    assert [target["title"] for target in shown["targets"]] == ["1", "2", "a new cluster"]
    app.segmented_control(key="members order").set_value("m/z").run()
    assert [tile["ion"] for tile in mounted(app, "members 0")["tiles"]] == [0, 1, 2, 3, 4]
    app.segmented_control(key="members order").set_value("least typical").run()
    vectors = finished_run.features(SELF_LABELLED)[:5].astype(float)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    likeness = vectors @ vectors.T
    assert [tile["ion"] for tile in mounted(app, "members 0")["tiles"]] == np.argsort(likeness.sum(axis=1)).tolist()
    app.selectbox(key="clusters by").select(IMAGE_VECTORS).run()  # no confidence there
    assert app.segmented_control(key="members order").options == ["by m/z", "least typical first"]


@pytest.mark.usefixtures("finished_run")
def test_the_cluster_stays_open_while_pages_change(open_part):
    app = open_part("One cluster")
    pressed(app, "Next cluster")
    pressed(app, "Next cluster")
    assert app.selectbox(key="cluster picker").value == 2
    app.switch_page("pages/explore/map.py").run()
    app.switch_page("pages/explore/clusters.py").run()
    assert app.selectbox(key="cluster picker").value == 2
    pressed(app, "Next cluster")
    assert app.selectbox(key="cluster picker").value == 0


def test_the_part_and_the_cluster_are_in_the_address(open_part, open_page, finished_run):
    app = open_part("One cluster")
    pressed(app, "Next cluster")
    link = {"dataset": "small", "run": finished_run.path.name}
    assert app.query_params == link | {"part": "one", "cluster": "1"}
    again = open_page("explore/clusters", **app.query_params)  # a refresh, or a link
    assert not again.toast
    assert again.segmented_control(key="clusters part").value == "One cluster"
    assert again.selectbox(key="cluster picker").value == 1
    again.selectbox(key="clusters by").select(IMAGE_VECTORS).run()  # other clusters have other numbers
    assert again.query_params == link | {"by": "image-vectors", "part": "one"}
    again.segmented_control(key="clusters part").set_value("All clusters").run()
    assert "part" not in again.query_params


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"part": "two"}, "The link asks for the part “two” of this page"),
        ({"cluster": "9"}, "There is no cluster “9” among those shown"),
        ({"part": "one", "cluster": "<b>"}, "There is no cluster “\\<b>” among those shown"),
    ],
)
def test_a_part_or_cluster_that_does_not_exist_is_told_once(open_page, finished_run, wrong, said):
    app = open_page("explore/clusters", dataset="small", run=finished_run.path.name, **wrong)
    assert said in app.toast[0].value
    app.run()
    assert not app.toast
    kept = {name: value for name, value in wrong.items() if value == "one"}
    assert app.query_params == {"dataset": "small", "run": finished_run.path.name} | kept


@pytest.mark.usefixtures("finished_run")
def test_the_picture_of_a_cluster_is_scaled_measured_or_against_the_rest(open_part, small_images):
    app = open_part("One cluster")
    found = {}
    for what in ("Mean", "Measured", "Against the rest"):
        app.segmented_control(key="cluster picture").set_value(what).run()
        (figure,) = (json.loads(chart.proto.spec) for chart in app.get("plotly_chart"))
        found[what] = figure
        assert figure["layout"]["annotations"][0]["text"] == "50 µm"
    titles = [one["data"][0]["colorbar"]["title"]["text"] for one in found.values()]
    assert titles == ["Intensity (0 to 1)", "Intensity (a.u.)", "Brighter than the other ions (robust s.d.)"]
    measured = small_images.images[:5].mean(axis=0)[small_images.mask]
    assert found["Measured"]["data"][0]["zmax"] == pytest.approx(np.quantile(measured, 0.999), rel=1e-5)
    assert found["Against the rest"]["data"][0]["zmin"] == -found["Against the rest"]["data"][0]["zmax"]


def test_a_description_is_kept_with_who_gave_it_and_undone_step_by_step(open_part, finished_run):
    app = open_part("One cluster")
    app.sidebar.text_input(key="who").set_value("A. B.").run()
    next(one for one in app.text_input if one.label == "Name").set_value(HOSTILE)
    next(one for one in app.text_area if one.label == "Note").set_value("seen in the *stain*")
    next(one for one in app.color_picker if one.label == "Colour").set_value("#aa00ff")
    next(one for one in app.checkbox if one.label == "Shows no tissue").check()
    next(one for one in app.button if one.label == "Save" and one.key != "save selection").click().run()
    assert decided(finished_run) == ["Named", "Noted", "Coloured", "Flagged"]
    assert {one.who for one in recorded(finished_run)} == {"A. B."}
    cluster = grouping(finished_run).clusters[0]
    assert (cluster.name, cluster.note, cluster.colour, cluster.tissue) == (
        HOSTILE,
        "seen in the *stain*",
        "#aa00ff",
        False,
    )
    assert any("seen in the \\*stain\\*" in text for text in texts(app))
    assert any("#aa00ff" in text and "**not tissue**" in text for text in texts(app))
    pressed(app, "undo correction")
    assert grouping(finished_run).clusters[0].tissue
    app.session_state["corrections"] = True
    app.run()
    assert any("Cluster 0 is drawn in #aa00ff" in text for text in texts(app))
    assert any(text.endswith("A. B.") for text in texts(app))
    pressed(app, "redo correction")
    assert not grouping(finished_run).clusters[0].tissue


def test_only_what_differs_is_decided(finished_run):
    cluster = grouping(finished_run).clusters[1]
    same = describing.changes(cluster, "  ", "", cluster.colour.upper(), tissue=True)
    assert same == []
    (named,) = describing.changes(cluster, " cortex ", "", cluster.colour, tissue=True)
    assert (named.cluster, named.name) == (1, "cortex")


def test_selected_ions_are_moved_to_a_new_cluster_with_the_reason(open_part, finished_run):
    app = open_part("All clusters", selected="0.5")
    app.session_state["move popover"] = True
    app.run()
    assert app.button(key="move selected").disabled
    app.selectbox(key="move selected to").set_value(-1).run()
    app.text_input(key="move selected why").set_value("only at the rim").run()
    pressed(app, "move selected")
    (moved,) = recorded(finished_run)
    assert (moved.ions, moved.to, moved.why) == ((0, 5), 3, "only at the rim")
    assert "2 ions moved to the new cluster 3." in app.toast[0].value
    assert [one["about"].split(",")[0] for one in sheet(app)] == ["4 ions", "3 ions", "3 ions", "2 ions"]
    assert "sel" not in app.query_params  # or the next move would take them along
    app.session_state["corrections"] = True
    app.run()
    assert any("only at the rim" in text for text in texts(app))
    scores = app.dataframe[0].value.set_index("Score")
    after = [3, 0, 0, 0, 0, 3, 1, 1, 1, 2, 2, 2]
    assert scores.loc["ARI"].tolist() == pytest.approx([1, ari(np.array(after), CLASSES)])
    assert scores.loc["Purity"].tolist() == pytest.approx([1, 11 / 12])
    assert scores.loc["Compactness", "After"] < scores.loc["Compactness", "Before"]


def test_a_merged_cluster_is_shown_as_part_of_the_other(open_part, finished_run):
    app = open_part("One cluster")
    app.selectbox(key="merge 0").set_value(2).run()
    pressed(app, "merge clusters")
    (merged,) = recorded(finished_run)
    assert isinstance(merged, Merged)
    assert app.selectbox(key="cluster picker").value == 2
    assert len(mounted(app, "members 2")["tiles"]) == 8


def test_a_cluster_is_divided_after_a_look(open_part, finished_run):
    app = open_part("One cluster")
    pressed(app, "split cluster")
    about = [image.captions[0] for image in app.image]
    assert [text.split(":")[0] for text in about] == ["part 1", "part 2"]
    assert decided(finished_run) == []
    pressed(app, "divide cancel")
    assert not any(one.key == "divide accept" for one in app.button)
    pressed(app, "split cluster")
    pressed(app, "divide accept")
    (split,) = recorded(finished_run)
    assert (split.parent, split.first) == (0, 3)
    assert sorted(ion for part in split.parts for ion in part) == [0, 1, 2, 3, 4]
    assert app.selectbox(key="cluster picker").value == 3
    assert any("part of cluster 0" in text for text in texts(app))


def test_doubtful_ions_are_kept_moved_or_skipped(open_part, finished_run):
    table = finished_run.clusters()
    table.loc[[0, 9], SELF_LABELLED] = 1
    table.loc[0, "confidence"] = 0.2
    table.to_parquet(finished_run.path / "results" / "clusters.parquet", index=False)
    app = open_part("Review")
    assert mounted(app, "review gallery")["tiles"][0]["ion"] == 0
    assert any("low confidence (0.20)" in text for text in texts(app))
    assert app.button(key="review move").label == "Move to 0"
    first = [tile["ion"] for tile in mounted(app, "review gallery")["tiles"]]
    pressed(app, "review skip")
    assert [tile["ion"] for tile in mounted(app, "review gallery")["tiles"]] == first[1:]
    second = first[1]
    pressed(app, "review keep")
    assert grouping(finished_run).table["by_hand"].tolist() == [ion == second for ion in range(12)]
    while any(button.key == "review skip" for button in app.button):
        pressed(app, "review skip")
    next(one for one in app.button if "skipped ones" in one.label).click().run()
    pressed(app, "review move")
    assert clusters(finished_run)[0] == 0
    assert "No ion is left to look at" in app.success[0].value


def test_many_doubtful_ions_are_decided_at_once(open_part, finished_run):
    table = finished_run.clusters()
    table.loc[[0, 5], SELF_LABELLED] = [1, 0]
    table.to_parquet(finished_run.path / "results" / "clusters.parquet", index=False)
    app = open_part("Review", selected="0.5")
    assert app.button(key="review keep many").label == "Keep selected (2)"
    pressed(app, "review move many")
    assert clusters(finished_run) == CLASSES.tolist()


def test_where_nothing_is_doubtful_the_review_says_so(open_part, finished_run):
    table = finished_run.clusters()
    table["confidence"] = np.float32(0.9)
    table.to_parquet(finished_run.path / "results" / "clusters.parquet", index=False)
    app = open_part("Review")
    assert "No ion is doubtful" in app.success[0].value


def test_the_kinds_of_reasons_are_those_of_the_review():
    from msiss.analyse import review

    assert list(KINDS) == [review.UNSURE, review.NEIGHBOURS, review.TORN, review.SEEN]


def test_learning_needs_corrections_and_shows_what_would_move(open_part, finished_run):
    app = open_part("Learn", dataset="small", run=finished_run.path.name, by=IMAGE_VECTORS)

    def now():
        return grouping(finished_run, IMAGE_VECTORS)

    assert "Nothing to learn from yet" in app.info[0].value
    first = now().labels.tolist()
    decide(now(), Moved(ions=(5, 6), to=3))
    app.run()
    assert any("2 ions moved or confirmed by hand, in 1 cluster." in text for text in texts(app))
    pressed(app, "refine")
    assert decided(finished_run) == ["Moved"]  # nothing is kept before it is seen
    pressed(app, "refine drop")
    assert not any(one.key == "refine accept" for one in app.button)
    pressed(app, "refine")
    expected = refine(finished_run, IMAGE_VECTORS, corrections_of(now()))
    moving = sorted(tile["ion"] for tile in mounted(app, "refine gallery")["tiles"])
    assert moving == np.flatnonzero(expected["moved"]).tolist() != []
    pressed(app, "refine accept")
    assert decided(finished_run) == ["Moved", "Refined"]
    assert now().labels.tolist() == expected["cluster"].tolist()
    assert any("has been learned from" in one.value for one in app.info)
    assert sorted(tile["ion"] for tile in mounted(app, "refine gallery")["tiles"]) == moving  # still shown
    pressed(app, "undo correction")
    assert now().labels.tolist() == [*first[:5], 3, 3, *first[7:]]


def test_ions_follow_by_the_joint_measure_unless_the_classifier_is_chosen(open_part, finished_run):
    decide(grouping(finished_run), Moved(ions=(5, 6), to=3))
    app = open_part("Learn", dataset="small", run=finished_run.path.name)
    assert app.segmented_control(key="refine along").value == JOINT
    pressed(app, "refine")
    asked = [job.request.question.along for job in AnalysisStore(analyses_folder())]
    assert asked == [JOINT]
    app = open_part("Learn", dataset="small", run=finished_run.path.name, by=IMAGE_VECTORS)
    assert not any(one.key == "refine along" for one in app.get("segmented_control"))


def test_what_moves_is_counted_by_where_it_goes():
    before, after = np.array([0, 0, 1, 2, 2, 2]), np.array([1, 0, 0, 0, 0, 2])
    assert flows(before, after) == [(2, 0, 2), (0, 1, 1), (1, 0, 1)]
    assert flows(before, before) == []


def test_decisions_that_cannot_be_applied_are_told(open_page, finished_run):
    other = Noted(cluster=0, note="x", by=SELF_LABELLED, clusters=3, base="0" * 12)
    record(finished_run, other)
    app = open_page("explore/clusters")
    assert any("1 decision about these clusters cannot be applied" in text for text in texts(app))
