"""The molecules of the phantom: lipids and matrix clusters with true formulas and exact masses."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from msiss.analyse.masses import CARBON_13, ELECTRON, MASS

ADDUCTS = ("H", "Na", "K")
# 13C atoms per 12C atom: 1.07 % of carbon is 13C (NIST, like the masses).
CARBON_13_RATIO = 0.0107 / 0.9893

MZ_RANGE = (200.0, 1000.0)
# Least distance of two ions, so that a window of +-10 ppm contains only one of them.
SEPARATION_PPM = 40.0
# Mean counts per pixel of all adducts of a molecule together (log-uniform), and least mean counts of a listed ion.
COUNTS = (0.1, 30.0)
LEAST_COUNTS = 0.05
# Parameter of the Dirichlet distribution of counts over adducts; smaller values favour a single adduct.
EVENNESS = 0.3

# Formula of a lipid with c carbons and d double bonds in its chains: C(c + 1st number) H(2c - 2d + 2nd) N(3rd) O(4th)
# P(5th); then the range of c. SM and Cer with two oxygens at the sphingoid base, O2 in shorthand notation.
LIPIDS = {
    "PC": (8, 16, 1, 8, 1, 28, 44),
    "PE": (5, 10, 1, 8, 1, 28, 44),
    "PS": (6, 10, 1, 10, 1, 30, 42),
    "PI": (9, 15, 0, 13, 1, 30, 42),
    "PA": (3, 5, 0, 8, 1, 30, 42),
    "SM": (5, 13, 2, 6, 1, 30, 44),
    "Cer": (0, 1, 1, 3, 0, 30, 44),
    "LPC": (8, 18, 1, 7, 1, 14, 24),
    "LPE": (5, 12, 1, 7, 1, 14, 24),
    "DG": (3, 4, 0, 5, 0, 28, 40),
    "TG": (3, 2, 0, 6, 0, 42, 56),
    "MG": (3, 6, 0, 4, 0, 12, 24),
    "FA": (0, 0, 0, 2, 0, 12, 24),
}


@dataclass(frozen=True)
class Molecule:
    """A neutral molecule.

    Attributes
    ----------
    name : str
        Shorthand name, such as "PC 34:1".
    mass : float
        Monoisotopic mass in Da.
    carbons : int
        Carbon atoms.
    """

    name: str
    mass: float
    carbons: int

    def mz(self, adduct: str, *, carbon_13: bool = False) -> float:
        """Return the m/z in Th of the singly charged ion with `adduct`, or of its first 13C isotope."""
        return self.mass + MASS[adduct] - ELECTRON + carbon_13 * CARBON_13


def _molecule(name: str, **atoms: int) -> Molecule:
    return Molecule(name, sum(MASS[element] * number for element, number in atoms.items()), atoms["C"])


def lipid(kind: str, chain: int, double_bonds: int) -> Molecule:
    """Return a lipid by its class and the carbons and double bonds of its chains together, such as "PC", 34, 1."""
    carbons, hydrogens, nitrogen, oxygen, phosphorus, *_ = LIPIDS[kind]
    return _molecule(
        f"{kind} {chain}:{double_bonds}",
        C=chain + carbons,
        H=2 * (chain - double_bonds) + hydrogens,
        N=nitrogen,
        O=oxygen,
        P=phosphorus,
    )


def matrix_cluster(units: int, waters: int) -> Molecule:
    """Return a cluster of molecules of the matrix DHB (2,5-dihydroxybenzoic acid, C7H6O4) that lost water."""
    return _molecule(f"DHB{units}-{waters}H2O", C=7 * units, H=6 * units - 2 * waters, O=4 * units - waters)


def draw_lipid(rng: np.random.Generator) -> Molecule:
    """Return a random lipid, with a double bond per four carbons at most, and no more than six."""
    kind = tuple(LIPIDS)[rng.integers(len(LIPIDS))]
    shortest, longest = LIPIDS[kind][-2:]
    chain = int(rng.integers(shortest, longest + 1))
    return lipid(kind, chain, int(rng.integers(0, min(6, chain // 4) + 1)))


def draw_matrix_cluster(rng: np.random.Generator) -> Molecule:
    """Return a random matrix cluster of two to six units."""
    units = int(rng.integers(2, 7))
    return matrix_cluster(units, int(rng.integers(0, units)))


def draw_ions(number: int, shares: Sequence[float], *, matrix: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw molecules, and list their ions until there are `number` of them.

    Parameters
    ----------
    number : int
        Number of ions.
    shares : sequence of C float
        Relative frequencies of the molecules of each class. Every class has at least two molecules.
    matrix : int
        The class of matrix clusters; the molecules of all others are lipids.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    DataFrame of `number` rows, ordered by mz
        mz (Th), class, name, molecule, kind ("H", "Na", "K" or "13C"), adduct, counts (mean per pixel).
    """
    probabilities = np.asarray(shares) / np.sum(shares)
    ions: list[dict] = []
    molecules: set[str] = set()
    while len(ions) < number:
        turn = len(molecules)
        spatial = turn % len(shares) if turn < 2 * len(shares) else int(rng.choice(len(shares), p=probabilities))
        molecule = draw_matrix_cluster(rng) if spatial == matrix else draw_lipid(rng)
        new = _ions_of(molecule, spatial, rng)
        if new and molecule.name not in molecules and _separate(new, ions):
            molecules.add(molecule.name)
            ions += new
    return pd.DataFrame(ions[:number]).sort_values("mz", ignore_index=True)


def _ions_of(molecule: Molecule, spatial: int, rng: np.random.Generator) -> list[dict]:
    ions = []
    total = np.exp(rng.uniform(*np.log(COUNTS)))
    for adduct, share in zip(ADDUCTS, rng.dirichlet([EVENNESS] * 3), strict=True):
        name = f"{molecule.name} [M+{adduct}]+"
        for kind, suffix, ratio in ((adduct, "", 1.0), ("13C", " 13C", molecule.carbons * CARBON_13_RATIO)):
            ion = {
                "mz": molecule.mz(adduct, carbon_13=kind == "13C"),
                "class": spatial,
                "name": name + suffix,
                "molecule": molecule.name,
                "kind": kind,
                "adduct": adduct,
                "counts": total * share * ratio,
            }
            if ion["counts"] >= LEAST_COUNTS and MZ_RANGE[0] <= ion["mz"] <= MZ_RANGE[1]:
                ions.append(ion)
    return ions


def _separate(new: list[dict], ions: list[dict]) -> bool:
    taken = np.array([ion["mz"] for ion in ions])
    return all((np.abs(taken - ion["mz"]) > SEPARATION_PPM * 1e-6 * ion["mz"]).all() for ion in new)
