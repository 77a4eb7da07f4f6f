"""Tables of similar ions."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from msiss.analyse.disagreement import disagreements
from msiss.analyse.representations import IMAGE_VECTORS, JOINT
from msiss.analyse.similarity import cosine_similarity
from msiss.data.ion_images import IonImages
from msiss.runs.decisions import Moved, Named
from msiss.runs.grouping import decide, grouping
from msiss.runs.store import Run
from msiss.share.similar import disagreements_table, ions_table, pairs_table, partners_table


@pytest.fixture
def measured(finished_run: Run) -> dict[str, np.ndarray]:
    return {name: finished_run.features(name) for name in (JOINT, IMAGE_VECTORS)}


def place(vectors: np.ndarray, ion: int, partner: int) -> int:
    cosines = cosine_similarity(vectors)[ion]
    return 1 + sum(cosines[one] > cosines[partner] for one in range(len(vectors)) if one not in (ion, partner))


def test_all_partners_of_an_ion(finished_run: Run, measured: dict[str, np.ndarray]) -> None:
    decide(grouping(finished_run), Named(cluster=1, name="=white matter"))
    decide(grouping(finished_run), Moved(ions=(11,), to=1))
    table = partners_table(finished_run.ions(), measured, 9, grouping(finished_run))
    assert sorted(table["ion"]) == [*range(9), 10, 11]
    assert table["rank_joint"].tolist() == list(range(1, 12))
    for row in table.itertuples():
        assert row.rank_joint == place(measured[JOINT], 9, row.ion)
        assert table.loc[row.Index, "rank_image-vectors"] == place(measured[IMAGE_VECTORS], 9, row.ion)
    cosines = cosine_similarity(measured[IMAGE_VECTORS])[9, table["ion"]]
    np.testing.assert_allclose(table["cosine_image-vectors"], cosines, atol=1e-6)
    moved = table.set_index("ion").loc[11]
    assert (moved["cluster"], moved["cluster_name"], moved["name"]) == (1, "=white matter", "lipid 11")


def test_without_clusters(finished_run: Run, measured: dict[str, np.ndarray]) -> None:
    table = partners_table(finished_run.ions(), {JOINT: measured[JOINT]}, 0)
    assert list(table) == ["ion", "mz", "name", "cosine_joint", "rank_joint"]


def test_each_pair_once(finished_run: Run, measured: dict[str, np.ndarray]) -> None:
    table = pairs_table(finished_run.ions(), measured, [7, 2, 9])
    assert sorted(zip(table["ion_i"], table["ion_j"], strict=True)) == [(2, 9), (7, 2), (7, 9)]
    assert (np.diff(table["cosine_joint"]) <= 0).all()
    for row in table.to_dict("records"):
        i, j = row["ion_i"], row["ion_j"]
        assert (row["name_i"], row["name_j"]) == (f"lipid {i}", f"lipid {j}")
        for name, vectors in measured.items():
            assert row[f"cosine_{name}"] == pytest.approx(cosine_similarity(vectors)[i, j], abs=1e-6)
            assert row[f"rank_{name}"] == (place(vectors, i, j) + place(vectors, j, i)) / 2


def test_pairs_that_measures_judge_differently(finished_run: Run, measured: dict[str, np.ndarray]) -> None:
    found = disagreements(measured[JOINT], measured[IMAGE_VECTORS])
    table = disagreements_table(finished_run.ions(), found, JOINT, IMAGE_VECTORS)
    assert len(table) > 0
    assert table["ion_i"].tolist() == found["i"].tolist()
    np.testing.assert_array_equal(table["mz_j"], finished_run.ions()["mz"].to_numpy()[found["j"]])
    np.testing.assert_array_equal(table["rank_image-vectors"], found["second_rank"])
    np.testing.assert_array_equal(table["difference"], found["difference"])


def test_no_pairs_at_all() -> None:
    ions = pd.DataFrame({"ion": [0, 1], "mz": [1.0, 2.0], "name": ["a", "b"]})
    found = disagreements(np.eye(2), np.eye(2))
    assert disagreements_table(ions, found, JOINT, IMAGE_VECTORS).empty


def test_the_ions_of_a_data_set(small_images: IonImages) -> None:
    images = replace(small_images, annotations={"formula": tuple("abcdefghijkl")})
    table = ions_table(images)
    assert list(table) == ["ion", "mz", "name", "formula"]
    assert table.iloc[3].tolist() == [3, images.mz[3], "lipid 3", "d"]
