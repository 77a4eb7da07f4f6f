"""The number of clusters of a run: which pairs and which halves are compared."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from msiss.analyse.clustering import spectral_clusters
from msiss.analyse.halves import halves
from msiss.analyse.mass_tolerance import FoundPairs
from msiss.analyse.metrics import ami
from msiss.analyse.representations import IMAGE_VECTORS, JOINT
from msiss.analyse.similarity import image_vectors
from msiss.data.axis import Axis
from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig, clean
from msiss.errors import SettingError
from msiss.learn.paper.config import CONTRASTIVE
from msiss.runs.cluster_numbers import choose_k_of, kept_choice
from msiss.runs.store import Run

CARBON_13 = 1.00335484


def test_isotopes_are_found_by_their_masses(finished_run: Run, small_images: IonImages) -> None:
    mz = small_images.mz.copy()
    mz[[3, 8]] = mz[[2, 1]] + CARBON_13  # one pair of one class, one of two
    images = replace(small_images, mz=mz)
    features = finished_run.features(JOINT)
    table = choose_k_of(finished_run, images, JOINT, numbers=[2, 3]).table
    for k, same in zip(table["k"], table["same_cluster"], strict=True):
        clusters = spectral_clusters(features, int(k))
        assert same == np.mean([clusters[2] == clusters[3], clusters[1] == clusters[8]])


def test_an_axis_without_mz_has_no_isotopes(finished_run: Run, small_images: IonImages) -> None:
    mz = small_images.mz.copy()
    mz[3] = mz[2] + CARBON_13
    images = replace(small_images, mz=mz, axis=Axis(name="wavenumber", unit="1/cm"))
    assert choose_k_of(finished_run, images, JOINT, numbers=[3]).table["isotopes"].isna().all()


def test_halves_are_even_and_odd_pixels_each_cleaned_by_itself(finished_run: Run, small_images: IonImages) -> None:
    said: list[str] = []
    choice = choose_k_of(
        finished_run,
        small_images,
        IMAGE_VECTORS,
        numbers=[3],
        with_halves=True,
        progress=lambda _, text: said.append(text),
    )
    one, other = (
        spectral_clusters(
            image_vectors(clean(replace(small_images, images=half), PrepareConfig()), small_images.mask), 3
        )
        for half in halves(small_images.images, small_images.mask)
    )
    assert choice.table["split_half"].tolist() == [pytest.approx(ami(one, other))]
    assert said == ["Measuring both halves of the pixels", "3 clusters"]


def test_what_was_trained_on_whole_images_has_no_halves(finished_run: Run, small_images: IonImages) -> None:
    with pytest.raises(SettingError, match="contrastive was trained on whole images"):
        choose_k_of(finished_run, small_images, CONTRASTIVE, with_halves=True)


def test_isotopes_are_those_of_the_polarity(
    finished_run: Run, small_images: IonImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def remember(mz: np.ndarray, *, polarity: str) -> FoundPairs:
        asked.append((mz[0], polarity))
        table = pd.DataFrame({"i": [0, 0], "j": [1, 10], "kind": ["13C", "37Cl"]})
        return FoundPairs(table, {"13C": 0.0}, None)

    monkeypatch.setattr("msiss.runs.quality.asked.find_pairs", remember)
    pixels = small_images.images.copy()
    pixels[1] = pixels[0]  # a copy is not asked about
    images = replace(small_images, polarity="negative", images=pixels)
    table = choose_k_of(finished_run, images, JOINT, numbers=[3]).table
    assert asked == [(images.mz[0], "negative")]
    clusters = spectral_clusters(finished_run.features(JOINT), 3, n_neighbours=finished_run.config.neighbours)
    assert table["same_cluster"].tolist() == [clusters[0] == clusters[2]]  # 37Cl is no carbon isotope


def test_numbers_with_and_without_halves_are_kept_beside_each_other(
    finished_run: Run, small_images: IonImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = (finished_run, small_images, JOINT)
    made = [choose_k_of(*asked, with_halves=with_halves) for with_halves in (False, True)]
    monkeypatch.setattr(Run, "features", lambda *_: pytest.fail("looked again"))
    for with_halves, first in zip((False, True), made, strict=True):
        table = choose_k_of(*asked, with_halves=with_halves).table
        pd.testing.assert_frame_equal(table, first.table)
        assert table["split_half"].notna().all() == with_halves


def test_numbers_of_a_run_that_was_deleted_meanwhile_are_not_kept(finished_run: Run, small_images: IonImages) -> None:
    def delete_and_train_again(*_: object) -> None:
        finished_run.write_status(finished_run.status.model_copy(update={"finished": 1.0}))

    choose_k_of(finished_run, small_images, JOINT, progress=delete_and_train_again)
    assert kept_choice(finished_run, JOINT) is None


def test_numbers_by_default_are_looked_at_once(
    finished_run: Run, small_images: IonImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = (finished_run, small_images, JOINT)
    assert kept_choice(finished_run, JOINT) is None
    choose_k_of(*asked, numbers=[2, 3])
    assert kept_choice(finished_run, JOINT) is None  # somebody's own numbers
    first = choose_k_of(*asked)
    monkeypatch.setattr(Run, "features", lambda *_: pytest.fail("looked again"))
    again = choose_k_of(*asked)
    pd.testing.assert_frame_equal(again.table, first.table)
    assert (again.suggestion, again.reason, again.ions) == (first.suggestion, first.reason, first.ions)
    assert kept_choice(finished_run, JOINT, with_halves=True) is None
    monkeypatch.setattr("msiss.runs.cluster_numbers.method_version", lambda: "another")
    assert kept_choice(finished_run, JOINT) is None
    monkeypatch.undo()
    (path,) = (finished_run.path / "clusters").iterdir()
    path.write_text(path.read_text()[:100])
    assert kept_choice(finished_run, JOINT) is None
