"""How many clusters: planted groups give their number, each column is what a slow way gives, odd data is no crash."""

import warnings

import numpy as np
import pandas as pd
import pytest
from helpers import ODD_VECTORS, odd_vectors
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, silhouette_score

from msiss.analyse import choose_k as module
from msiss.analyse.choose_k import agreement, choose_k, default_numbers, eigengaps, suggest
from msiss.analyse.clustering import cut, neighbour_graph, spectral_clusters
from msiss.errors import SettingError

COLUMNS = [
    *("k", "clusters", "eigengap", "silhouette", "stability", "stability_ari", "split_half", "split_half_ari"),
    *("same_cluster", "chance", "isotopes"),
]


def groups(number: int, *, size: int = 20, spread: float = 0.3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return vectors around as many centres, and the group of each."""
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(number), size)
    return np.eye(number, 24)[truth] + rng.normal(scale=spread / 5, size=(len(truth), 24)), truth


@pytest.mark.parametrize("number", [2, 3, 6, 9])
def test_clear_groups_give_their_number(number: int) -> None:
    features, _ = groups(number)
    choice = choose_k(features, range(2, 13))
    assert choice.suggestion == number
    assert f"agree on {number} clusters by AMI 1.00" in choice.reason
    best = choice.table.set_index("k")
    assert best["silhouette"].idxmax() == number
    assert best.loc[number, "stability"] == pytest.approx(1)
    assert best.loc[number, "clusters"] == number


def test_noise_is_said_to_have_no_clear_groups() -> None:
    features = np.random.default_rng(0).normal(size=(100, 100))
    assert "there may be no clear groups" in choose_k(features, range(2, 9)).reason


def test_eigengaps_of_blocks_without_links() -> None:
    # Each block is a complete graph of m ions without links to themselves: its eigenvalues are 0 and m / (m - 1).
    sizes = [5, 5, 5]
    blocks = np.repeat(range(3), sizes)
    graph = csr_array((blocks[:, None] == blocks).astype(float))
    np.testing.assert_allclose(eigengaps(graph, 5), [0, 0, 5 / 4, 0, 0], atol=1e-12)


def test_eigengaps_are_those_of_the_laplacian_written_out() -> None:
    features, _ = groups(3, size=8, spread=2)
    graph = neighbour_graph(features, 5)
    links = graph.toarray() - np.diag(np.diag(graph.toarray()))
    root = np.diag(1 / np.sqrt(links.sum(axis=1)))
    values = np.linalg.eigvalsh(np.eye(24) - root @ links @ root)
    np.testing.assert_allclose(eigengaps(graph, 10), np.diff(values)[:10], atol=1e-12)


def test_the_graph_and_its_clusters_are_those_of_spectral_clustering() -> None:
    features, _ = groups(4, spread=2)
    for k in (3, 4, 7):
        expected = spectral_clusters(features, k, n_neighbours=8, seed=5)
        assert adjusted_rand_score(expected, cut(neighbour_graph(features, 8), k, seed=5)) == 1


def test_columns_are_what_a_slow_way_gives() -> None:
    features, truth = groups(4, spread=2.5)
    halves = groups(4, spread=3, seed=1)[0], groups(4, spread=3, seed=2)[0]
    pairs = np.array([[0, 1], [0, 25], [41, 60]])
    row = choose_k(features, [4], halves=halves, pairs=pairs, seed=3).table.iloc[0]
    clusters = spectral_clusters(features, 4, seed=3)
    first, second = (spectral_clusters(half, 4, seed=3) for half in halves)
    assert row["silhouette"] == pytest.approx(silhouette_score(features, clusters, metric="cosine"), abs=1e-6)
    assert row["split_half"] == pytest.approx(adjusted_mutual_info_score(first, second))
    assert row["split_half_ari"] == pytest.approx(adjusted_rand_score(first, second))
    assert row["same_cluster"] == np.mean([clusters[i] == clusters[j] for i, j in pairs])
    chance = np.mean([clusters[i] == clusters[j] for i in range(80) for j in range(80) if i != j])
    assert row["chance"] == pytest.approx(chance)
    assert row["isotopes"] == pytest.approx(row["same_cluster"] - chance)
    assert len(truth) == 80


def test_the_agreement_alone_is_that_of_the_comparison() -> None:
    features, halves = groups(4, spread=2.5)[0], (groups(4, spread=3, seed=1)[0], groups(4, spread=3, seed=2)[0])
    row = choose_k(features, [4], halves=halves, n_neighbours=8, seed=3).table.iloc[0]
    found = agreement(features, 4, halves=halves, n_neighbours=8, seed=3)
    assert found == (row["split_half"], row["stability"])
    assert np.isnan(agreement(features, 4)[0])


def test_stability_compares_subsets_on_the_ions_they_share(monkeypatch: pytest.MonkeyPatch) -> None:
    features, _ = groups(3, spread=3)
    subsets = [np.arange(0, 40), np.arange(20, 60), np.arange(10, 50)]
    monkeypatch.setattr(module, "_draw", lambda number, seed: (np.arange(number), subsets))
    row = choose_k(features, [3]).table.iloc[0]
    parts = [dict(zip(subset, spectral_clusters(features[subset], 3), strict=True)) for subset in subsets]
    expected = []
    for one, other in [(0, 1), (0, 2), (1, 2)]:
        both = sorted(set(parts[one]) & set(parts[other]))
        labels = [[part[ion] for ion in both] for part in (parts[one], parts[other])]
        expected.append([adjusted_mutual_info_score(*labels), adjusted_rand_score(*labels)])
    np.testing.assert_allclose(row[["stability", "stability_ari"]].astype(float), np.mean(expected, axis=0))


def test_subsets_are_four_fifths_of_the_ions_and_differ() -> None:
    chosen, subsets = module._draw(50, 0)
    np.testing.assert_array_equal(chosen, np.arange(50))
    assert [len(set(subset)) for subset in subsets] == [40] * module.SUBSETS
    assert len({tuple(subset) for subset in subsets}) == module.SUBSETS


def test_of_very_many_ions_some_are_drawn_and_pairs_keep_their_ions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 60)
    features, truth = groups(4, size=30)
    pairs = np.stack([np.arange(119), np.arange(1, 120)], axis=1)  # neighbours; only 3 pairs are of two groups
    choice = choose_k(features, [4], pairs=pairs, halves=(features, features))
    assert choice.ions == 60
    row = choice.table.iloc[0]
    chosen, _ = module._draw(120, 0)
    kept = [truth[i] == truth[j] for i, j in pairs if i in chosen and j in chosen]
    assert 0 < len(kept) < 119
    assert row["same_cluster"] == pytest.approx(np.mean(kept))
    assert row["split_half"] == pytest.approx(1)


def test_the_suggestion_has_the_widest_gap_of_those_with_nearly_the_best_silhouette() -> None:
    table = pd.DataFrame(
        {
            "k": [2, 3, 4, 5],
            "eigengap": [0.9, 0.3, 0.3, 0.2],
            "silhouette": [0.39, 0.41, 0.5, 0.45],
            "stability": [1.0, 0.8, 0.9, 0.7],
        }
    )
    number, reason = suggest(table)
    assert number == 3  # 2 has too poor a silhouette, 4 has more clusters than 3
    assert reason == (
        "Of the 3 numbers with nearly the best silhouette, 3 has the widest eigengap. "
        "Random subsets of the ions agree on 3 clusters by AMI 0.80."
    )
    assert suggest(table.assign(silhouette=[-0.5, -0.4, -0.44, -0.6]))[0] == 3
    assert suggest(table.assign(silhouette=np.nan))[0] == 2
    assert suggest(table.iloc[:1])[1].startswith("2 clusters have the best silhouette by far.")


def test_what_was_not_given_is_not_a_number() -> None:
    table = choose_k(groups(3)[0], [2, 3]).table
    assert list(table) == COLUMNS
    assert table[["split_half", "split_half_ari", "same_cluster", "chance", "isotopes"]].isna().all(axis=None)
    assert table["k"].tolist() == [2, 3]


def test_progress_is_told_before_each_number() -> None:
    told: list[tuple[float, str]] = []
    choose_k(groups(3)[0], [2, 5], progress=lambda fraction, text: told.append((fraction, text)))
    assert told == [(0, "2 clusters"), (0.5, "5 clusters")]


@given(
    number=st.integers(4, 40),
    kind=st.sampled_from(ODD_VECTORS),
    seed=st.integers(0, 99),
)
@settings(max_examples=25, deadline=None)
def test_any_data_stays_within_bounds(number: int, kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    features = odd_vectors(kind, number, rng)
    numbers = [k for k in default_numbers(number) if k in (2, 3, 7)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        choice = choose_k(features, numbers, seed=seed)
    assert choice.suggestion in numbers
    table = choice.table
    assert (table["eigengap"] > -1e-9).all()
    assert (table["eigengap"] < 2).all()
    for name in ("silhouette", "stability", "stability_ari"):
        assert table[name].dropna().between(-1 - 1e-9, 1 + 1e-9).all()
    if (
        kind != "duplicates"
    ):  # the cut through a block of equal ions is decided by rounding, which differs between calls
        pd.testing.assert_frame_equal(table, choose_k(features, numbers, seed=seed).table)


@pytest.mark.parametrize(("ions", "last"), [(4, 2), (12, 6), (280, 30)])
def test_default_numbers_leave_two_ions_per_cluster(ions: int, last: int) -> None:
    assert list(default_numbers(ions)) == list(range(2, last + 1))


@pytest.mark.parametrize(
    ("ions", "numbers", "message"),
    [(3, None, "too few"), (20, [], "2 to 15"), (20, [1, 2], "2 to 15"), (20, [2, 16], "2 to 15")],
)
def test_impossible_numbers_are_refused_in_words(ions: int, numbers: list[int] | None, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        choose_k(np.eye(ions), numbers)
