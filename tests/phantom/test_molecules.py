import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msiss.phantom.molecules import (
    LEAST_COUNTS,
    LIPIDS,
    MZ_RANGE,
    SEPARATION_PPM,
    draw_ions,
    draw_lipid,
    lipid,
    matrix_cluster,
)

SHARES = [1.0, 2.0, 1.0, 0.5]
MATRIX = 3


def table(number: int = 200, seed: int = 0) -> pd.DataFrame:
    return draw_ions(number, SHARES, matrix=MATRIX, rng=np.random.default_rng(seed))


@pytest.mark.parametrize(
    ("kind", "chain", "double_bonds", "mass"),
    [  # monoisotopic masses in Da as LIPID MAPS lists them, to four decimals
        ("PC", 34, 1, 759.5778),
        ("PE", 34, 1, 717.5309),
        ("PS", 36, 1, 789.5520),
        ("PI", 38, 4, 886.5571),
        ("PA", 36, 2, 700.5043),
        ("SM", 34, 1, 702.5676),
        ("Cer", 34, 1, 537.5121),
        ("LPC", 16, 0, 495.3325),
        ("LPE", 18, 0, 481.3168),
        ("DG", 34, 1, 594.5223),
        ("TG", 52, 2, 858.7676),
        ("MG", 18, 1, 356.2927),
        ("FA", 18, 1, 282.2559),
    ],
)
def test_lipids_have_their_true_mass(kind, chain, double_bonds, mass):
    assert lipid(kind, chain, double_bonds).mass == pytest.approx(mass, abs=1e-4)
    assert lipid(kind, chain, double_bonds).name == f"{kind} {chain}:{double_bonds}"


def test_every_kind_of_lipid_is_checked_above():
    assert len(LIPIDS) == 13


def test_ions_have_their_true_mz():
    pc = lipid("PC", 34, 1)  # m/z as LIPID MAPS lists them, to four decimals
    assert pc.carbons == 42
    assert pc.mz("H") == pytest.approx(760.5851, abs=1e-4)
    assert pc.mz("Na") == pytest.approx(782.5670, abs=1e-4)
    assert pc.mz("K") == pytest.approx(798.5410, abs=1e-4)
    assert pc.mz("H", carbon_13=True) - pc.mz("H") == pytest.approx(1.003355, abs=1e-6)
    assert pc.mz("Na") - pc.mz("H") == pytest.approx(21.98194, abs=1e-5)
    assert pc.mz("K") - pc.mz("Na") == pytest.approx(15.97394, abs=1e-5)


def test_matrix_clusters_have_their_true_mz():
    dhb, water, proton = 154.0266, 18.0106, 1.0073  # monoisotopic masses of C7H6O4, H2O and H+ in Da
    assert matrix_cluster(2, 1).mz("H") == pytest.approx(2 * dhb - water + proton, abs=1e-3)
    assert matrix_cluster(5, 3).mz("H") == pytest.approx(5 * dhb - 3 * water + proton, abs=1e-3)


@settings(max_examples=50)
@given(seed=st.integers(0, 2**32 - 1))
def test_random_lipids_obey_the_nitrogen_rule(seed):
    molecule = draw_lipid(np.random.default_rng(seed))
    kind = molecule.name.split()[0]
    nitrogens = LIPIDS[kind][2]
    assert int(molecule.mass) % 2 == nitrogens % 2


def test_list_is_ordered_complete_and_separated():
    ions = table()
    assert len(ions) == 200
    assert ions["mz"].between(*MZ_RANGE).all()
    assert (np.diff(ions["mz"]) / ions["mz"][1:] * 1e6 > SEPARATION_PPM * 0.99).all()
    assert ions["name"].is_unique
    assert (ions["counts"] >= LEAST_COUNTS).all()
    assert (ions.groupby("class")["molecule"].nunique() >= 2).all()
    assert set(ions["class"]) == set(range(len(SHARES)))
    assert (ions["name"].str.startswith("DHB") == (ions["class"] == MATRIX)).all()


def test_molecules_have_one_class_and_isotopes_the_natural_ratio():
    ions = table()
    for name, group in ions.groupby("molecule"):
        assert group["class"].nunique() == 1
        counts = group.set_index(["adduct", group["kind"] == "13C"])["counts"]
        for adduct in group.loc[group["kind"] == "13C", "adduct"]:
            if (adduct, False) in counts.index and not str(name).startswith("DHB"):
                kind, chains = str(name).split()
                carbons = lipid(kind, *map(int, chains.split(":"))).carbons
                ratio = counts[(adduct, True)] / counts[(adduct, False)]
                assert ratio == pytest.approx(carbons * 0.0108, rel=0.01)


def test_counts_reach_from_abundant_to_barely_detectable():
    counts = table()["counts"]
    assert counts.min() < 0.1
    assert counts.max() > 5


def test_same_generator_state_same_list():
    pd.testing.assert_frame_equal(table(seed=4), table(seed=4))
    assert not table(seed=4)["mz"].equals(table(seed=5)["mz"])
