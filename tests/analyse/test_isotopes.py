"""Pairs of ions of one molecule: against the slow way, against simulated molecules, and on real data."""

from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msiss.analyse.isotopes import NEGATIVE, POSITIVE, differences, expected_by_chance, expected_pairs, molecules
from msiss.phantom.section import make_phantom


def triples(pairs: pd.DataFrame) -> set[tuple[int, int, str]]:
    return set(zip(pairs["i"], pairs["j"], pairs["kind"], strict=True))


def slow_pairs(mz: np.ndarray, ppm: float, least: float, polarity: str) -> list[tuple[int, int, str]]:
    return [
        (i, j, kind)
        for kind, difference in differences(polarity).items()
        for i, j in permutations(range(len(mz)), 2)
        if abs(mz[j] - mz[i] - difference) <= max(ppm * 1e-6 * mz[j], least)
    ]


@pytest.mark.parametrize(
    ("kind", "difference"),
    [  # to five decimals, as tables of adducts list them (m/z of the adducts of a neutral mass less one another)
        ("13C", 1.00335),
        ("H/NH4", 17.02655),
        ("H/Na", 21.98194),
        ("Na/K", 15.97394),
        ("H/K", 37.95588),
    ],
)
def test_differences_of_positive_ions(kind: str, difference: float) -> None:
    assert POSITIVE[kind] == pytest.approx(difference, abs=5e-6)


@pytest.mark.parametrize(
    ("kind", "difference"),
    [("13C", 1.00335), ("37Cl", 1.99705), ("-H/Cl", 35.97668), ("-H/formate", 46.00548), ("-H/acetate", 60.02113)],
)
def test_differences_of_negative_ions(kind: str, difference: float) -> None:
    assert NEGATIVE[kind] == pytest.approx(difference, abs=5e-6)


def test_the_ions_of_a_lipid_by_hand() -> None:
    # PC 34:1: [M+H]+, its 13C isotope, [M+Na]+ and [M+K]+ in a mixed order, and an ion 0.01 Th beside [M+Na]+.
    mz = np.array([798.5410, 760.5851, 782.5670, 761.5885, 782.5770])
    assert triples(expected_pairs(mz)) == {(1, 3, "13C"), (1, 2, "H/Na"), (2, 0, "Na/K"), (1, 0, "H/K")}


def test_the_tolerance_counts_from_the_heavier_ion() -> None:
    heavier = 1000.0
    for off, found in ((4.99, 1), (5.01, 0), (-4.99, 1), (-5.01, 0)):
        lighter = heavier - POSITIVE["13C"] - off * 1e-6 * heavier
        assert len(expected_pairs(np.array([heavier, lighter]), ppm=5)) == found


@pytest.mark.parametrize(("tolerances", "number"), [(2.9, 0), (3.1, 1), (22.9, 1), (23.1, 0)])
@pytest.mark.parametrize("side", [1, -1])
def test_chance_is_counted_from_3_to_23_tolerances_beside_the_difference(
    tolerances: float, number: int, side: int
) -> None:
    heavier = 1000.0
    lighter = heavier - POSITIVE["13C"] - side * tolerances * 5e-6 * heavier
    assert expected_by_chance(np.array([heavier, lighter]), ppm=5)["13C"] == pytest.approx(number / 20)


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from([400.0, 500.0]), min_size=2, max_size=8),
    st.lists(st.sampled_from([0.0, *POSITIVE.values(), *NEGATIVE.values()]), min_size=8, max_size=8),
    st.integers(0, 2**31),
    st.sampled_from(["positive", "negative", "mixed", "unknown"]),
    st.sampled_from([0.0, 0.001, 0.0022, 0.01]),
)
def test_pairs_are_those_of_the_slow_way(
    bases: list[float], added: list[float], seed: int, polarity: str, least: float
) -> None:
    exact = np.array([base + more for base, more in zip(bases, added, strict=False)])
    mz = exact * (1 + np.random.default_rng(seed).normal(0, 4e-6, len(exact)))
    pairs = expected_pairs(mz, least=least, polarity=polarity)
    assert not pairs.duplicated().any()
    assert triples(pairs) == set(slow_pairs(mz, 5.0, least, polarity))


def test_without_pairs_the_table_is_empty_but_has_its_columns() -> None:
    for mz in (np.array([]), np.array([500.0]), np.array([500.0, 700.0])):
        pairs = expected_pairs(mz)
        assert list(pairs) == ["i", "j", "kind"]
        assert len(pairs) == 0
        assert pairs["i"].dtype == np.int64
        assert set(expected_by_chance(mz)) == set(POSITIVE)


def test_all_true_pairs_of_a_phantom_are_found_and_hardly_others() -> None:
    phantom = make_phantom(shape=(24, 30), ions=200)
    pairs, truth = expected_pairs(phantom.images.mz, polarity="positive"), phantom.pairs()
    assert triples(truth) <= triples(pairs)
    molecule = phantom.truth["molecule"].to_numpy()
    wrong = (molecule[pairs["i"]] != molecule[pairs["j"]]).sum()
    # Also those that share a difference exactly, such as lipids that differ by C2 less H2, which nothing here can tell.
    assert wrong <= 3 * sum(expected_by_chance(phantom.images.mz).values())
    assert wrong <= 0.1 * len(pairs)


def test_chance_is_what_random_masses_give() -> None:
    rng = np.random.default_rng(0)
    found, chance = [], []
    for _ in range(30):
        mz = rng.uniform(400, 900, 1500)
        found.append(expected_pairs(mz)["kind"].value_counts().reindex(POSITIVE, fill_value=0))
        chance.append(expected_by_chance(mz))
    # A window of +- 5 ppm of 650 Th in 500 Th, for 1500 ions: about 29 pairs of a kind with a small difference.
    found_mean, chance_mean = pd.DataFrame(found).mean(), pd.DataFrame(chance).mean()
    error = np.sqrt(found_mean / 30)
    assert ((found_mean - chance_mean[found_mean.index]).abs() < 4 * error).all()
    assert chance_mean["13C"] == pytest.approx(1500**2 / 500 * 2 * 5e-6 * 650, rel=0.05)


def test_chance_is_not_underestimated_where_ions_crowd_around_each_nominal_mass() -> None:
    rng = np.random.default_rng(0)
    found, chance = [], []
    for _ in range(10):
        mz = rng.integers(400, 900, 500) * 1.0005 + rng.normal(0, 0.05, 500)
        found.append(len(expected_pairs(mz, ppm=20)))
        chance.append(sum(expected_by_chance(mz, ppm=20).values()))
    # Decoys of 3 to 23 tolerances lie up to 0.3 Th beside the difference, where hardly any two ions are.
    assert np.mean(chance) == pytest.approx(np.mean(found), rel=0.15)


def test_true_pairs_do_not_raise_the_level_of_chance() -> None:
    base = np.arange(300, 900, 40) + 0.2
    mz = np.concatenate([base, base + POSITIVE["13C"], base + POSITIVE["H/Na"]])
    assert len(expected_pairs(mz)) == 2 * len(base)
    assert sum(expected_by_chance(mz).values()) == 0


def test_molecules_join_what_is_linked() -> None:
    group = molecules(np.array([[0, 2], [2, 5], [1, 4]]), 6)
    same = group[:, None] == group
    expected = np.eye(6, dtype=bool)
    for one in ([0, 2, 5], [1, 4]):
        expected[np.ix_(one, one)] = True
    np.testing.assert_array_equal(same, expected)
    assert len(set(molecules(np.zeros((0, 2), int), 4))) == 4


def test_pairs_of_the_bladder(test_data: Path) -> None:
    mz = np.load(test_data / "bladder" / "bladder79.npz")["mz"]
    listed = triples(pd.read_csv(test_data / "bladder" / "pairs_bladder79.csv"))
    assert listed <= triples(expected_pairs(mz, ppm=10, polarity="positive"))
    # The list allows 4 mDa, more than 5 ppm for its lightest ions: one of its 25 pairs is 7 ppm off.
    narrow = triples(expected_pairs(mz, polarity="positive"))
    assert len(listed & narrow) == 24
    assert sum(expected_by_chance(mz).values()) < 2


def test_no_decoy_pairs_an_ion_with_itself() -> None:
    # At m/z above 872 and 50 ppm, 23 tolerances are wider than the difference of 13C.
    assert expected_by_chance(np.arange(900, 1500, 7.3), ppm=50)["13C"] == 0
