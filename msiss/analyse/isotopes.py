"""Pairs of ions of the same molecule, found by their mass differences alone.

Isotopologues of a molecule have the same distribution, and its adducts nearly the same, so such pairs test without
labels how well a representation captures co-localization. A mass difference is no proof, as two molecules may differ by
the same mass, so the number of pairs that is expected by chance is reported beside the number found.
"""

from typing import Literal

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from msiss.analyse.masses import CARBON_13, CHLORINE_37, MASS, USUAL_PPM

# Difference of m/z in Th of two singly charged ions of one molecule, heavier minus lighter. The electrons cancel.
_H = MASS["H"]
_AMMONIA = MASS["N"] + 3 * _H
_FORMIC_ACID = MASS["C"] + 2 * _H + 2 * MASS["O"]
_ACETIC_ACID = 2 * MASS["C"] + 4 * _H + 2 * MASS["O"]
POSITIVE = {
    "13C": CARBON_13,
    "H/NH4": _AMMONIA,
    "H/Na": MASS["Na"] - _H,
    "Na/K": MASS["K"] - MASS["Na"],
    "H/K": MASS["K"] - _H,
}
# "-H" is the ion that lost a proton; formate and acetate come with the solvent or the matrix.
NEGATIVE = {
    "13C": CARBON_13,
    "37Cl": CHLORINE_37,
    "-H/Cl": MASS["Cl"] + _H,
    "-H/formate": _FORMIC_ACID,
    "-H/acetate": _ACETIC_ACID,
}

# Chance is estimated at two kinds of decoys. Those beside the true difference are 3 to 23 tolerances away on both
# sides: near enough for the same density of ions, far enough to exclude pairs of the same molecule.
NEAR, FAR = 3, 23
# Ions crowd around each nominal mass, so that decoys some 0.1 Th beside the difference, as wide tolerances have, find
# too few pairs. Others are therefore whole nominal masses away, without the first two, at which 13C2 and H2 have pairs.
NOMINAL_MASS = 1.0005  # Th from the middle of one crowd to the next, that of averagine (Senko et al. 1995)
AWAY = tuple(steps * NOMINAL_MASS for steps in (*range(-12, -2), *range(3, 13)))

Polarity = Literal["positive", "negative", "mixed", "unknown"]


def expected_pairs(
    mz: np.ndarray, *, ppm: float = USUAL_PPM, least: float = 0.0, polarity: Polarity = "unknown"
) -> pd.DataFrame:
    """Find the pairs of ions whose m/z differ as those of isotopes or adducts of one molecule.

    All ions are taken to be singly charged, as nearly all are in MALDI and in imaging of small molecules. The tolerance
    that suits a list of m/z is found by `msiss.analyse.mass_tolerance.find_pairs`.

    Parameters
    ----------
    mz : ndarray of shape (N,)
        m/z in Th, in any order.
    ppm : float
        Tolerance of the difference, in ppm of the heavier m/z.
    least : float
        Least tolerance of the difference in Th, for light ions whose m/z are rounded.
    polarity : {"positive", "negative", "mixed", "unknown"}
        Which differences are searched: `NEGATIVE` for "negative", else `POSITIVE`.

    Returns
    -------
    DataFrame
        Columns i, j (int64; i the lighter ion) and kind (str), by kind and m/z.
    """
    order = np.argsort(mz, kind="stable")
    ordered = np.asarray(mz, dtype=np.float64)[order]
    tables = []
    for kind, difference in differences(polarity).items():
        first, last = _window(ordered, difference, ppm, least)
        number = last - first
        lighter = np.repeat(np.arange(len(ordered)), number)
        # The partners of an ion are adjacent in the ordered list, from the first one on.
        heavier = np.arange(number.sum()) - np.repeat(number.cumsum() - number, number) + np.repeat(first, number)
        tables.append(pd.DataFrame({"i": order[lighter], "j": order[heavier], "kind": kind}))
    return pd.concat(tables, ignore_index=True).astype({"i": np.int64, "j": np.int64, "kind": str})


def expected_by_chance(
    mz: np.ndarray, *, ppm: float = USUAL_PPM, least: float = 0.0, polarity: Polarity = "unknown"
) -> dict[str, float]:
    """Return how many pairs of each kind are expected by chance: the number at decoy differences.

    It is the larger of two estimates: the mean of decoys 3 to 23 tolerances beside the true difference, and the median
    of decoys 3 to 12 nominal masses away. They account for molecules with a difference nearby by coincidence, but not
    for the few with nearly the same difference, such as two lipids that differ by C2 minus H2 (21.9843 Da; H/Na is
    21.9819 Da).

    Parameters
    ----------
    mz, ppm, least, polarity
        As for `expected_pairs`.

    Returns
    -------
    dict of str to float
        By kind.
    """
    ordered = np.sort(np.asarray(mz, dtype=np.float64))
    number = {}
    for kind, difference in differences(polarity).items():
        near, far = (_count(ordered, difference, ppm * times, least * times) for times in (NEAR, FAR))
        # A decoy of no difference would pair each ion with itself.
        away = [difference + more for more in AWAY if difference + more > NOMINAL_MASS / 2]
        counted = [_count(ordered, decoy, ppm, least) for decoy in away]
        number[kind] = max((far - near) / (FAR - NEAR), float(np.median(counted)))
    return number


def differences(polarity: Polarity) -> dict[str, float]:
    """Return the differences of m/z in Th that are searched, by kind of pair."""
    return NEGATIVE if polarity == "negative" else POSITIVE


def molecules(pairs: np.ndarray, number: int) -> np.ndarray:
    """Assign each ion to a molecule: a connected component of the graph of pairs.

    Parameters
    ----------
    pairs : ndarray of shape (M, 2), int
    number : int
        Number of ions N.

    Returns
    -------
    ndarray of shape (N,), int
        Number of each ion's molecule; an ion in no pair is a molecule of its own.
    """
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(number, number))
    return connected_components(links, directed=False)[1]


def _count(ordered: np.ndarray, difference: float, ppm: float, least: float) -> int:
    first, last = _window(ordered, difference, ppm, least)
    return int((last - first).sum())


def _window(ordered: np.ndarray, difference: float, ppm: float, least: float) -> tuple[np.ndarray, np.ndarray]:
    """Return first and last + 1 of the ions that are heavier by `difference`, for each ion of the ascending m/z."""
    wanted = ordered + difference
    width = np.maximum(ppm * 1e-6 * wanted, least)
    later = np.arange(1, len(ordered) + 1)  # a wide window must not pair an ion with itself
    first = np.maximum(np.searchsorted(ordered, wanted - width, "left"), later)
    return first, np.maximum(np.searchsorted(ordered, wanted + width, "right"), first)
