"""What a run tells about doubtful ions: its confidence, neighbours, isotopes and other clusterings."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from msiss.analyse.mass_tolerance import find_pairs
from msiss.analyse.representations import BANDS, IMAGE_VECTORS, title_of
from msiss.analyse.review import NEIGHBOURS, SEEN, review
from msiss.analyse.similarity import nearest_among
from msiss.data.axis import Axis
from msiss.data.ion_images import IonImages
from msiss.learn.paper.config import SELF_LABELLED
from msiss.runs.decisions import Confirmed, Flagged
from msiss.runs.grouping import decide, grouping
from msiss.runs.reviewing import kept_nearest_ions, nearest_ions, pairs_of, review_of
from msiss.runs.store import Run


def test_an_ion_that_others_see_differently_comes_first(finished_run: Run) -> None:
    table = review_of(grouping(finished_run, IMAGE_VECTORS))  # which takes ion 4 for one of class 1
    first = table.iloc[0]
    assert (first["ion"], first["proposed"]) == (4, 0)
    seen = [reason.about for reason in first["reasons"] if reason.kind == SEEN]
    assert seen[0] == title_of(SELF_LABELLED)
    assert len(seen) == 3


def with_an_ion_elsewhere(run: Run) -> None:
    table = run.clusters()
    table.loc[0, BANDS] = 1
    table.to_parquet(run.path / "results" / "clusters.parquet", index=False)


def test_everything_that_is_known_is_asked(finished_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("msiss.runs.reviewing.NEAREST", 4)
    with_an_ion_elsewhere(finished_run)
    corrected = grouping(finished_run, BANDS)
    others = {
        title_of(one): finished_run.clusters()[one].to_numpy() for one in (SELF_LABELLED, "joint", "hub-corrected")
    }
    nearest = nearest_among(finished_run.features(BANDS), np.arange(12), 4)
    expected = review(corrected.labels, nearest=nearest, pairs=pairs_of(finished_run), others=others)
    found = review_of(corrected)
    assert found.to_dict("list") == expected.to_dict("list")
    assert {reason.kind for reasons in found["reasons"] for reason in reasons} == {NEIGHBOURS, SEEN}


def test_the_neighbours_are_not_asked_where_the_cluster_is_too_small_for_most_of_them(finished_run: Run) -> None:
    with_an_ion_elsewhere(finished_run)
    found = review_of(grouping(finished_run, BANDS))  # its clusters have at most five ions, and ten are asked
    assert {reason.kind for reasons in found["reasons"] for reason in reasons} == {SEEN}


def test_what_a_person_has_said_is_left_out(finished_run: Run) -> None:
    before = review_of(grouping(finished_run, IMAGE_VECTORS))
    decide(grouping(finished_run, IMAGE_VECTORS), Confirmed(ions=(4,)))
    decide(grouping(finished_run, IMAGE_VECTORS), Flagged(cluster=2, tissue=False))
    left = set(review_of(grouping(finished_run, IMAGE_VECTORS))["ion"])
    assert left == set(before["ion"]) - {4, 9, 10, 11}


def test_the_nearest_ions_are_kept(finished_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept_nearest_ions(finished_run, BANDS) is None
    found = nearest_ions(finished_run, BANDS)
    np.testing.assert_array_equal(found, nearest_among(finished_run.features(BANDS), np.arange(12), 10))
    monkeypatch.setattr(Run, "features", lambda *_: pytest.fail("looked for again"))
    np.testing.assert_array_equal(nearest_ions(finished_run, BANDS), found)
    (path,) = (finished_run.path / "nearest").iterdir()
    path.write_bytes(b"damaged")
    assert kept_nearest_ions(finished_run, BANDS) is None


def test_pairs_need_no_data_set_but_an_axis_of_mz(finished_run: Run, tmp_path: Path, monkeypatch) -> None:
    mz = np.array([500.1, 501.10335, 502.1067, *np.linspace(600, 700, 9)])
    table = finished_run.clusters().assign(mz=mz)
    monkeypatch.setattr(Run, "clusters", lambda _: table)
    expected = find_pairs(mz, polarity="positive").table
    assert pairs_of(finished_run).to_dict("list") == expected.to_dict("list")
    shifts = replace(IonImages.load(finished_run.request.dataset), axis=Axis("Raman shift", "cm⁻¹"))
    shifts.save(tmp_path / "shifts")
    finished_run.use_dataset(tmp_path / "shifts")
    assert pairs_of(finished_run).empty
    finished_run.use_dataset(tmp_path / "gone")
    assert pairs_of(finished_run).to_dict("list") == find_pairs(mz).table.to_dict("list")
