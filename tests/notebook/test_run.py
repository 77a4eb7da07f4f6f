"""The figures and tables of a run, as in a notebook."""

import io
from dataclasses import replace
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers import run_example
from PIL import Image
from safetensors import safe_open

import msiss
from msiss.analyse.disagreement import disagreements
from msiss.analyse.similarity import cosine_similarity
from msiss.data.prepare import prepare
from msiss.errors import DataError, MsissError, RunError, SettingError
from msiss.runs import store
from msiss.runs.grouping import grouping
from msiss.runs.quality.by_data import reasons_by_data
from msiss.runs.quality.evidence import evidence_of
from msiss.runs.quality.judgement import judge
from msiss.runs.quality.scores import score
from msiss.share.similar import partners_table
from msiss.share.tables import clusters_table


def test_the_whole_job(run: msiss.Run, images: msiss.IonImages, section: Path, tmp_path: Path) -> None:
    table = run.table()
    np.testing.assert_array_equal(table["mz"], images.mz)
    pd.testing.assert_frame_equal(table, clusters_table(run.stored))
    assert repr(run).startswith("Run(data set: demo; method: paper; clusters: 3; state: done; took: ")

    figure = run.map()
    drawn = {ion: trace.name for trace in figure.data for ion in trace.customdata}
    assert drawn == {ion: f"Cluster {cluster}" for ion, cluster in enumerate(table["cluster"])}

    ion = int(table["ion"][table["cluster"] == 0].iloc[0])
    similar = run.similar(images.mz[ion])
    assert similar.table["ion"].iloc[0] == ion

    assert run.export(tmp_path / "out") == tmp_path / "out"
    np.testing.assert_array_equal(pd.read_csv(tmp_path / "out" / "clusters.csv")["cluster"], table["cluster"])

    evidence = evidence_of(run.stored)
    assert evidence is not None
    assert list(run.trust().answers) == judge(evidence)
    assert list(run.trust().reasons) == reasons_by_data(evidence)

    again = msiss.Run(str(section / "run"))
    pd.testing.assert_frame_equal(again.table(), table)
    assert again.images.fingerprint == images.fingerprint


@pytest.fixture
def small_run(finished_run: store.Run) -> msiss.Run:
    """Return a run of twelve ions in the classes 0 0 0 0 0 1 1 1 1 2 2 2, and its data set "small"."""
    return msiss.Run(finished_run.path)


def test_a_gallery_has_the_members_the_most_confident_first(small_run: msiss.Run) -> None:
    gallery = small_run.gallery(1)  # confidence grows with the number of the ion
    assert gallery.table["ion"].tolist() == [8, 7, 6, 5]
    assert gallery.table["name"].tolist() == ["lipid 8", "lipid 7", "lipid 6", "lipid 5"]
    assert gallery._repr_html_().count("<img") == 4
    assert "m/z 691.1545<br>lipid 8<br>confidence 0.86" in gallery._repr_html_()
    assert repr(gallery).startswith("Cluster 1: 4 ions\n")


def test_a_gallery_without_confidence_goes_by_mz(small_run: msiss.Run) -> None:
    gallery = small_run.gallery(1, by="image-vectors")  # which takes ion 4 for one of class 1
    assert gallery.table["ion"].tolist() == [4, 5, 6, 7, 8]
    assert "confidence" not in gallery._repr_html_()


def test_a_gallery_says_how_many_it_leaves_out(small_run: msiss.Run) -> None:
    gallery = small_run.gallery(0, most=2)
    assert (len(gallery), gallery.more) == (2, 3)
    assert repr(gallery).startswith("Cluster 0: 5 ions; 3 more are not shown\n")
    with Image.open(io.BytesIO(gallery.png(columns=1))) as sheet:
        assert sheet.height > sheet.width


def test_similar_ions_are_those_of_the_largest_cosine(small_run: msiss.Run) -> None:
    mz = small_run.images.mz
    for by in (None, "spearman"):
        features = small_run.stored.features(small_run._by(by))
        cosines = cosine_similarity(features)[9]
        expected = [9, *(ion for ion in np.argsort(-cosines) if ion != 9)][:5]
        found = small_run.similar(round(float(mz[9]), 2), number=4, by=by)
        assert found.table["ion"].tolist() == expected
        np.testing.assert_allclose(found.table["cosine"][1:], cosines[expected[1:]], atol=1e-6)
        assert "this ion" in found._repr_html_()


def test_an_ion_is_found_by_mz_or_name(small_run: msiss.Run) -> None:
    mz = small_run.images.mz
    assert small_run.similar(mz[3]).table["ion"][0] == 3
    assert small_run.similar("lipid 10").table["ion"][0] == 10
    with pytest.raises(SettingError, match=r"No ion at m/z 399\. The nearest is 400\.1000"):
        small_run.similar(399)
    with pytest.raises(SettingError, match=r"3 ions with “lipid 1”\. Say which one by its m/z: 436\.4818, 763\.9"):
        small_run.similar("lipid 1")


def test_all_partners_by_two_representations(small_run: msiss.Run) -> None:
    table = small_run.partners("lipid 9", by="spearman")
    measured = {name: small_run.stored.features(name) for name in ("spearman", "image-vectors")}
    expected = partners_table(small_run.stored.ions(), measured, 9, grouping(small_run.stored))
    pd.testing.assert_frame_equal(table, expected)
    nearest = small_run.similar("lipid 9", number=11).table["ion"]
    assert small_run.partners("lipid 9")["ion"].tolist() == nearest[1:].tolist()
    with pytest.raises(SettingError, match="by: this run has no 'nothing'"):
        small_run.partners("lipid 9", against="nothing")


def test_pairs_on_which_two_representations_disagree(small_run: msiss.Run) -> None:
    pairs = small_run.disagreements(by="joint", number=2)
    found = disagreements(small_run.stored.features("joint"), small_run.stored.features("image-vectors"), number=2)
    assert pairs.table["ion_i"].tolist() == found["i"].tolist()
    assert pairs.table["ion_j"].tolist() == found["j"].tolist()
    assert len(pairs) == 2
    assert pairs._repr_html_().count("<img") == 4
    first = pairs.table.iloc[0]
    assert f"Joint measure (four together): rank {first['rank_joint']:g}, cosine" in pairs._repr_html_()
    assert repr(pairs).startswith("2 pairs that Joint measure (four together) and Image vectors")
    with pytest.raises(SettingError, match="joint is compared with itself"):
        small_run.disagreements(by="joint", against="joint")


def test_of_several_ions_the_one_nearest_to_a_number_is_meant(small_run: msiss.Run) -> None:
    mz = small_run.images.mz.copy()
    mz[[2, 3]] = 741.528, 741.531  # both round to 741.53
    run = msiss.Run(small_run.folder, images=replace(small_run.images, mz=mz))
    assert run.similar(741.53).table["ion"][0] == 3
    assert run.similar(741.528).table["ion"][0] == 2


def test_other_clusters_and_representations(small_run: msiss.Run) -> None:
    assert small_run.table(by="image-vectors")["cluster"][4] == 1
    assert small_run.table(clusters=2)["cluster"].nunique() == 2
    assert small_run.representations[0] == "self-labelled"
    figure = small_run.map("image-vectors", method="tsne", by="image-vectors", selected=[2])
    maps = small_run.stored.maps()
    place = maps[(maps["representation"] == "image-vectors") & (maps["method"] == "tsne") & (maps["ion"] == 4)]
    (trace,) = (trace for trace in figure.data if trace.name == "Cluster 1")
    at = list(trace.customdata).index(4)
    assert (trace.x[at], trace.y[at]) == (place["x"].item(), place["y"].item())
    assert figure.data[-1].marker.symbol == "circle-open"  # the selected ion


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda run: run.table(by="pixels"), "by: this run has no 'pixels'. It has: self-labelled, "),
        (lambda run: run.table(clusters=13), "13"),
        (lambda run: run.map("spearman"), "There is no map of spearman by umap. .* of: self-labelled"),
        (lambda run: run.map(method="pca"), "There is no map of self-labelled by pca"),
        (lambda run: run.gallery(3), "There is no cluster 3: they are 0 to 2"),
    ],
)
def test_wrong_arguments_are_named(small_run: msiss.Run, call, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        call(small_run)


def test_scores_are_those_of_the_command_line(small_run: msiss.Run, tmp_path: Path) -> None:
    found = small_run.scores()
    assert found.loc["self-labelled", "ari"] == 1.0
    expected = score(small_run.stored, labels=small_run.images.labels)["representations"]
    assert found["purity"].to_dict() == {name: row["purity"] for name, row in expected.items()}
    assert found["top5"].isna().all()
    (tmp_path / "pairs.csv").write_text("i,j,kind\n0,1,13C\n0,11,13C\n")
    assert small_run.scores(pairs=tmp_path / "pairs.csv").loc["self-labelled", "same_cluster"] == 0.5


def test_known_classes_can_be_given(small_run: msiss.Run) -> None:
    names = ["PC"] * 5 + ["PE"] * 4 + ["", "SM", None]  # type: ignore[list-item]
    for labels in (names, [0] * 5 + [1] * 4 + [-1, 2, -1]):
        assert small_run.scores(labels=labels).loc["image-vectors", "purity"] == 0.9
    with pytest.raises(DataError, match="labels has 2 classes, but the run has 12 ions"):
        small_run.scores(labels=[0, 1])


def test_a_run_without_evidence_says_so(small_run: msiss.Run) -> None:
    with pytest.raises(RunError, match="without these checks"):
        small_run.trust()


def test_trust_as_text_html_and_figure(run: msiss.Run) -> None:
    found = run.trust()
    assert repr(found).splitlines()[:2] == list(found.answers)
    assert all(escape(answer) in found._repr_html_() for answer in found.answers)
    assert set(found.table) == {"halves", "agreement", "stability", "top5", "apart", "above_chance"}
    assert list(found.table.index) == list(run.representations)
    halves = next(trace for trace in found.figure().data if trace.name == "Found again in half the pixels")
    assert sorted(halves.x) == sorted(found.table["halves"].dropna())
    assert f'<td style="text-align:left">{found.table["stability"].iloc[0]:.2f}</td>' in found._repr_html_()


def test_without_its_data_set_a_run_still_has_its_tables(small_run: msiss.Run, finished_run: store.Run) -> None:
    images = small_run.images
    finished_run.use_dataset(finished_run.path / "gone")
    alone = msiss.Run(finished_run.path)
    alone.stored.use_dataset(finished_run.path / "gone")
    assert alone.table()["name"].tolist() == list(images.names)
    assert alone.map().data[0].text[0] == "lipid 0"
    with pytest.raises(DataError, match="is not a data set"):
        alone.gallery(0)
    given = msiss.Run(finished_run.path, images=images)
    given.stored.use_dataset(finished_run.path / "gone")
    assert len(given.gallery(0)) == 5


def test_another_data_set_under_the_name_of_the_old_is_refused(small_run: msiss.Run, tmp_path: Path) -> None:
    small_run.images.subset(range(5)).save(tmp_path / "other")
    other = msiss.Run(small_run.folder)
    other.stored.use_dataset(tmp_path / "other")
    with pytest.raises(DataError, match="has changed since this run was made"):
        other.similar(500.0)


def test_a_folder_that_holds_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"is not a run of msiss: it has no config\.json"):
        msiss.Run(tmp_path)


def test_nothing_foreign_is_overwritten(small_run: msiss.Run, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(MsissError, match="contains other files"):
        small_run.export(str(tmp_path))


def test_texts_of_files_are_only_text(small_run: msiss.Run, hostile: msiss.IonImages) -> None:
    run = msiss.Run(small_run.folder, images=hostile)
    shown = [
        run.gallery(0)._repr_html_(),
        run.disagreements()._repr_html_(),
        run.similar(400.1)._repr_html_(),
        hostile._repr_html_(),
        run._repr_html_(),
    ]
    for html in shown:
        assert "<script" not in html
        assert "<img src=x" not in html
    assert "&lt;script&gt;alert(0)&lt;/script&gt;" in shown[0]
    assert "&lt;img src=x onerror=y&gt;.npz" in shown[3]
    texts = [text for trace in run.map().data for text in trace.text]
    assert "400.1000 · &lt;script&gt;alert(0)&lt;/script&gt; · &lt;script&gt;alert(0)&lt;/script&gt;" in texts


def test_the_representations_of_other_objects(small_run: msiss.Run) -> None:
    assert repr(small_run.images) == (
        "IonImages(ion images: 12 of 16 × 20 pixels; m/z: 400.1000 to 800.3000; measured pixels: 305; pixel size: "
        "10 × 10 µm; polarity: positive; ions with a known class: 12; from: small.npz)"
    )
    assert '<td style="text-align:left">10 × 10 µm</td>' in small_run.images._repr_html_()
    assert '<td style="text-align:left">small</td>' in small_run._repr_html_()
    assert small_run.config is small_run.stored.config


def test_formats_and_ions_can_be_named(small_run: msiss.Run, tmp_path: Path) -> None:
    small_run.export(tmp_path / "out", formats=["csv", "h5ad", "ome-tiff"], ions=[3, 8])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["clusters.csv", "ions.h5ad", "ions.ome.tif"]
    images = msiss.read(tmp_path / "out" / "ions.h5ad")
    np.testing.assert_array_equal(images.images, small_run.images.images[[3, 8]])
    with pytest.raises(SettingError, match=r"There is no export named pdf\. There are: csv, "):
        small_run.export(tmp_path / "out", formats=["pdf"])


def test_the_encoder_that_is_taken_away_gives_the_features_of_the_run(run: msiss.Run, tmp_path: Path) -> None:
    run.export(tmp_path, formats=["encoder"])
    with safe_open(tmp_path / "encoder.safetensors", framework="np") as file:
        example = file.metadata()["example"]
    images = prepare(run.images, run.config.prepare).images
    features = run.stored.features("self-labelled")
    np.testing.assert_allclose(run_example(example, tmp_path, images), features, atol=1e-3)


def test_clusters_are_found_again_around_what_is_said(small_run: msiss.Run, tmp_path: Path) -> None:
    moved = small_run.refine({"lipid 4": 0, float(small_run.images.mz[9]): "tumour"}, by="image-vectors", who="A")
    assert moved[["ion", "name", "before", "after"]].iloc[0].tolist() == [4, "lipid 4", 1, 0]
    assert moved.set_index("ion")["by_hand"][[4, 9]].all()
    assert moved.set_index("ion")["after"][9] == 3
    while small_run.undo(by="image-vectors"):
        pass
    table = tmp_path / "corrections.csv"
    table.write_text(f"mz,cluster\n{small_run.images.mz[4]},0\n")
    assert small_run.refine(table, by="image-vectors")["ion"].tolist() == [4]
    with pytest.raises(SettingError, match="-1 is no number of a cluster"):
        small_run.refine({"lipid 0": -1}, by="image-vectors")
