"""The pairs that two measures judge most differently."""

from itertools import combinations

import numpy as np
import pytest

from msiss.analyse import disagreement
from msiss.analyse.disagreement import disagreements
from msiss.analyse.similarity import TIE, cosine_similarity


def rank_oracle(similarity: np.ndarray, ion: int, partner: int) -> int:
    """Count the partners that are as similar, the partner itself among them."""
    others = [one for one in range(len(similarity)) if one != ion]
    return sum(similarity[ion, one] >= similarity[ion, partner] - np.float32(TIE) for one in others)


def oracle(first: np.ndarray, second: np.ndarray, near: int) -> dict[tuple[int, int], tuple[float, float, float]]:
    """Return the ranks of each pair that is near by one measure, and the difference of its percentiles."""
    found = {}
    for i, j in combinations(range(len(first)), 2):
        ranks = []
        for vectors in (first, second):
            similarity = cosine_similarity(vectors)
            ranks.append((rank_oracle(similarity, i, j) + rank_oracle(similarity, j, i)) / 2)
        if min(ranks) <= near < max(ranks):
            last = len(first) - 1
            percentiles = [1 - (rank - 1) / (last - 1) for rank in ranks]
            found[i, j] = (*ranks, percentiles[0] - percentiles[1])
    return found


def vectors(ions: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(ions, 6)).astype(np.float32), rng.normal(size=(ions, 9)).astype(np.float32)


@pytest.mark.parametrize("blocks", [disagreement.BLOCK_BYTES, 5000])
def test_as_counted_pair_by_pair(blocks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disagreement, "BLOCK_BYTES", blocks)
    first, second = vectors(24, 0)
    first[3] = first[7]  # a tie everywhere
    second[11] = 0  # similar to none
    for near in (1, 2):
        expected = oracle(first, second, near)
        found = disagreements(first, second, number=1000, most_per_ion=1000, near=near)
        rows = {(row.i, row.j): (row.first_rank, row.second_rank, row.difference) for row in found.itertuples()}
        assert rows.keys() == expected.keys()
        for pair, values in rows.items():
            assert values == pytest.approx(expected[pair])
        assert (np.diff(found["difference"].abs()) <= 0).all()
        for column, features in (("first_cosine", first), ("second_cosine", second)):
            np.testing.assert_allclose(found[column], cosine_similarity(features)[found["i"], found["j"]], atol=1e-6)


def test_half_of_the_pairs_are_near_by_each_measure_and_no_ion_is_in_many() -> None:
    first, second = vectors(60, 1)
    found = disagreements(first, second, number=9, most_per_ion=2)
    assert (found["difference"] > 0).sum() == 5
    assert (found["difference"] < 0).sum() == 4
    assert np.unique(found[["i", "j"]], return_counts=True)[1].max() <= 2
    largest = max(oracle(first, second, 5).items(), key=lambda pair: abs(pair[1][2]))
    assert (found["i"][0], found["j"][0]) == largest[0]
    one_each = disagreements(first, second, number=1000, most_per_ion=1)
    assert np.unique(one_each[["i", "j"]], return_counts=True)[1].max() == 1


def test_one_side_makes_up_for_the_other() -> None:
    rng = np.random.default_rng(2)
    first = rng.normal(size=(40, 5)).astype(np.float32)
    second = np.ones((40, 2), dtype=np.float32)  # all alike: by the worst rank in ties, none is near
    found = disagreements(first, second, number=10)
    assert len(found) == 10
    assert (found["difference"] > 0).all()
    assert (found["second_rank"] == 39).all()


def test_measures_that_agree_have_no_such_pair() -> None:
    first, _ = vectors(30, 3)
    assert disagreements(first, 3 * first).empty


@pytest.mark.parametrize("ions", [0, 1, 2])
def test_too_few_ions(ions: int) -> None:
    found = disagreements(*vectors(ions, 0))
    assert found.empty
    assert found.dtypes.to_dict() == disagreement.COLUMNS


def test_other_ions_are_refused() -> None:
    with pytest.raises(ValueError, match="of 5 and of 6 ions"):
        disagreements(np.eye(5), np.eye(6))


def test_it_says_how_far_it_is_and_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disagreement, "BLOCK_BYTES", 16 * (20 + 9) * 5)
    said: list[float] = []
    disagreements(*vectors(20, 0), progress=said.append)
    assert said == [0, 0.25, 0.5, 0.75]

    def stop(fraction: float) -> None:
        if fraction > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        disagreements(*vectors(20, 0), progress=stop)
