"""The tolerance of mass differences: found again where it is known, and none where m/z are no masses."""

from pathlib import Path

import numpy as np
import pytest

from msiss.analyse.isotopes import POSITIVE, expected_by_chance, expected_pairs
from msiss.analyse.mass_tolerance import PPM, find_pairs, rounding_step
from msiss.analyse.masses import Tolerance
from msiss.phantom.section import make_phantom


def section(
    error: float, *, molecules: int = 100, others: int = 100, low: int = 400, seed: int = 0
) -> tuple[np.ndarray, set[tuple[int, int]]]:
    """Return m/z with normal errors of so many ppm, and the pairs of one molecule among them."""
    rng = np.random.default_rng(seed)
    exact = rng.integers(low, low + 500, molecules + others) * 1.0005 + rng.normal(0, 0.06, molecules + others)
    pairs: list[tuple[int, int]] = []
    for kind, share in (("13C", 0.5), ("H/Na", 0.3), ("H/K", 0.2)):
        lighter = np.flatnonzero(rng.random(molecules) < share)
        pairs += [(int(ion), len(exact) + place) for place, ion in enumerate(lighter)]
        exact = np.concatenate([exact, exact[lighter] + POSITIVE[kind]])
    return exact * (1 + rng.normal(0, error * 1e-6, len(exact))), set(pairs)


def worth(mz: np.ndarray, true: set[tuple[int, int]], ppm: float) -> float:
    """Return the number of true pairs within a tolerance, in standard errors of the number of all."""
    found = expected_pairs(mz, ppm=ppm)
    return len(true & set(zip(found["i"], found["j"], strict=True))) / max(len(found), 1) ** 0.5


@pytest.mark.parametrize("error", [0.5, 1.0, 2.0, 4.0, 8.0, 15.0])
def test_the_tolerance_is_nearly_the_best_that_one_who_knows_the_pairs_would_choose(error: float) -> None:
    shares = []
    for seed in range(5):
        mz, true = section(error, seed=seed)
        tolerance = find_pairs(mz).tolerance
        assert tolerance is not None
        shares.append(worth(mz, true, tolerance.ppm) / max(worth(mz, true, ppm) for ppm in PPM))
    assert np.mean(shares) > 0.9


def test_exact_m_z_have_a_narrow_tolerance_and_inexact_ones_a_wide_one() -> None:
    chosen = [find_pairs(section(error, seed=1)[0]).tolerance for error in (0.3, 4.0, 8.0)]
    assert chosen == [Tolerance(5.0), Tolerance(10.0), Tolerance(20.0)]


def test_the_pairs_and_their_chance_are_those_of_the_tolerance() -> None:
    mz, _ = section(8.0, seed=1)
    found = find_pairs(mz, polarity="positive")
    assert found.tolerance == Tolerance(20.0)
    assert found.table.equals(expected_pairs(mz, ppm=20.0, polarity="positive"))
    assert found.by_chance == expected_by_chance(mz, ppm=20.0, polarity="positive")


def test_a_few_pairs_are_those_of_the_usual_tolerance() -> None:
    lighter = np.array([500.0, 600.0, 700.0, 800.0]) + 0.12345678
    off = np.array([1e-6, 4e-6, 6e-6, 4e-5])
    mz = np.concatenate([lighter, (lighter + POSITIVE["13C"]) * (1 + off)])
    found = find_pairs(mz)
    assert found.tolerance == Tolerance(5.0)
    assert len(found.table) == 2


@pytest.mark.parametrize(("decimals", "least"), [(2, 0.01), (3, 0.001)])
def test_pairs_of_light_ions_with_rounded_m_z_are_found(decimals: int, least: float) -> None:
    mz, true = section(0.1, molecules=60, others=60, low=80)
    rounded = np.round(mz, decimals)
    found = find_pairs(rounded)
    assert found.tolerance is not None
    assert found.tolerance.least == least
    assert len(true & set(zip(found.table["i"], found.table["j"], strict=True))) >= 0.98 * len(true)


def test_of_heavy_ions_the_rounding_does_not_matter() -> None:
    found = find_pairs(np.round(section(0.5)[0], 4))
    assert found.tolerance == Tolerance(5.0)
    assert str(found.tolerance) == "5 ppm"
    assert str(Tolerance(5.0, 0.001)) == "5 ppm, or 0.001 Th if that is more"


RNG = np.random.default_rng(0)
NO_MASSES = {
    "no ions": np.zeros(0),
    "one ion": np.array([500.0]),
    "numbers of channels": np.arange(1.0, 301),
    "bins of a unit mass": RNG.permutation(800)[:400] + 100.0,
    "centres of bins of 0.5 Th": RNG.permutation(1600)[:400] * 0.5 + 100.25,
    "bins of 0.1 Th": RNG.permutation(8000)[:1000] * 0.1 + 100,
    "bins of a thirtieth of a Th": RNG.permutation(24000)[:3000] / 30 + 100,
    "bins of 2000 ppm": 100 * np.exp(np.arange(1000) * 2e-3),
    "random numbers": RNG.uniform(100, 900, 1500),
    "a crowd around each nominal mass": RNG.integers(100, 900, 1500) * 1.0005 + RNG.normal(0, 0.02, 1500),
}


@pytest.mark.parametrize("name", NO_MASSES)
@pytest.mark.parametrize("polarity", ["positive", "negative"])
def test_what_has_no_masses_has_no_pairs(name: str, polarity: str) -> None:
    found = find_pairs(NO_MASSES[name], polarity=polarity)  # type: ignore[arg-type]
    assert found.tolerance is None
    assert len(found.table) == 0
    assert list(found.table) == ["i", "j", "kind"]
    assert set(found.by_chance.values()) == {0.0}


@pytest.mark.parametrize(
    ("mz", "step"),
    [
        (np.array([500.123, 600.4, 700.02]), 1e-3),
        (np.array([500.12, 600.4, 700.0]), 1e-2),
        (np.array([500.12, 600.4, 700.0], dtype=np.float32), 1e-2),
        (np.array([500.0, 600.0]), 1.0),
        (np.array([500.123456789, 600.987654321]), 0.0),
        (np.append(np.arange(99) * 7.31 + 100, 500.12345), 1e-2),  # one of a hundred is from another list
        (np.arange(20) * 0.04 + 100, 0.04),
        (np.arange(11) / 3 + 100, 1 / 3),
        (np.arange(3) / 3 + 100, 0.0),  # three ions may be evenly spaced by chance
    ],
)
def test_the_step_of_rounded_m_z(mz: np.ndarray, step: float) -> None:
    assert rounding_step(mz) == pytest.approx(step)


def test_differences_that_another_atom_explains_do_not_widen_the_tolerance() -> None:
    # As many ions differ by O (15.9949) as by Na/K (15.9739), 21 mTh apart: 26 to 50 ppm.
    base = np.linspace(430.1234567, 800.7654321, 30)
    mz = np.concatenate([base, base + POSITIVE["Na/K"], base + 15.9949146])
    found = find_pairs(mz)
    assert found.tolerance == Tolerance(5.0)
    assert len(found.table) == 30


def test_all_pairs_of_a_phantom_are_found() -> None:
    phantom = make_phantom(shape=(24, 30), ions=200)
    found, truth = find_pairs(phantom.images.mz, polarity="positive"), phantom.pairs()
    assert found.tolerance is not None
    assert found.tolerance.ppm <= 5
    pairs = set(zip(found.table["i"], found.table["j"], found.table["kind"], strict=True))
    assert set(zip(truth["i"], truth["j"], truth["kind"], strict=True)) <= pairs


@pytest.mark.parametrize(
    ("file", "tolerance", "pairs"),
    [
        ("bladder/bladder79.npz", Tolerance(5.0), 25),
        ("real/barley101.npz", Tolerance(5.0, 0.001), 61),  # three decimals from m/z 74 on; hexoses are not searched
        ("real/bacillus_neg40h.npz", None, 0),  # bins of 0.5 Th
    ],
)
def test_real_lists(test_data: Path, file: str, tolerance: Tolerance | None, pairs: int) -> None:
    found = find_pairs(np.load(test_data / file)["mz"], polarity="positive")
    assert found.tolerance == tolerance
    assert len(found.table) == pairs
