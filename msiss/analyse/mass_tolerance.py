"""The tolerance of the mass differences by which pairs of ions are found, from the m/z themselves.

How exact a list of m/z is depends on the instrument, on its calibration and on how the list was written. Two things of
a list tell: the step to which its m/z are rounded, and how far the differences of its ions scatter around the true
ones, compared with decoy differences, at which only chance has pairs.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import pdtr, pdtrc

from msiss.analyse.isotopes import Polarity, expected_by_chance, expected_pairs
from msiss.analyse.masses import USUAL_PPM, Tolerance

PPM = (3.0, USUAL_PPM, 10.0, 20.0, 50.0)  # from FT-ICR to a TOF on uneven tissue
# Th. From m/z that are rounded to more than this no isotope can be told from another ion of the next nominal mass:
# ions of one nominal mass lie within some 0.1 Th.
COARSEST = 0.02
MOST_DECIMALS = 4  # and these of m/z below 335 only: single precision shows no more
SINGLE = 2.0**-24  # relative error of an m/z that was stored in single precision
TELLING = 0.2  # in steps; with larger errors any m/z might be a multiple of the step
ON_STEP = 0.95  # share of the ions whose m/z are multiples of the step: a few may be from another list
FEWEST_GAPS = 10  # fewer bins may be evenly spaced by chance
UNEVEN = 0.01  # deviation of evenly spaced bins, in widths of a bin
FEWEST = 10  # pairs; fewer do not tell one tolerance from another, nor one representation
# Probability of as many pairs by chance alone (Poisson), at one tolerance, above which there are none.
BY_CHANCE = 0.01
# Standard errors of the number of true pairs, by which another tolerance must be better than the usual one, and below
# which a narrower one is as good.
CLEARLY = 0.5


@dataclass(frozen=True, eq=False)
class FoundPairs:
    """The pairs of a list of m/z.

    Attributes
    ----------
    table : DataFrame
        From `msiss.analyse.isotopes.expected_pairs`.
    by_chance : dict of str to float
        From `msiss.analyse.isotopes.expected_by_chance`; 0 for all kinds if there is no tolerance.
    tolerance : Tolerance or None
        None if the m/z are too coarse for pairs, or have no more than chance has at any tolerance.
    """

    table: pd.DataFrame
    by_chance: dict[str, float]
    tolerance: Tolerance | None


def find_pairs(mz: np.ndarray, *, polarity: Polarity = "unknown") -> FoundPairs:
    """Find the pairs of isotopes and adducts with the tolerance that suits the m/z.

    Of several tolerances it is the narrowest at which the number of pairs beyond chance, compared with its standard
    error, is within half a standard error of the largest; the usual one, 5 ppm, if it is among these. There is none
    where the m/z are rounded to more than 0.02 Th, such as bins of a unit mass, or where the pairs are no more than
    chance has.

    Parameters
    ----------
    mz : ndarray of shape (N,)
        m/z in Th, in any order.
    polarity : {"positive", "negative", "mixed", "unknown"}
        As for `expected_pairs`.

    Returns
    -------
    FoundPairs
    """
    tolerance = _choose(mz, polarity)
    if tolerance is None:
        none = expected_pairs(mz[:0], polarity=polarity)
        return FoundPairs(none, expected_by_chance(mz[:0], polarity=polarity), None)
    how = {"ppm": tolerance.ppm, "least": tolerance.least}
    chance = expected_by_chance(mz, **how, polarity=polarity)
    return FoundPairs(expected_pairs(mz, **how, polarity=polarity), chance, tolerance)


def rounding_step(mz: np.ndarray) -> float:
    """Return the step to which m/z are rounded, in Th: a power of 10, or the width of evenly spaced bins.

    Parameters
    ----------
    mz : ndarray of shape (N,)
        m/z in Th, in any order.

    Returns
    -------
    float
        0 if no step can be told, as of m/z with more decimals than single precision shows: three, below m/z 335 four.
    """
    values = np.asarray(mz, dtype=np.float64)
    for decimals in range(MOST_DECIMALS + 1):
        scaled = values * 10.0**decimals
        off = np.maximum(scaled * SINGLE, 1e-9)  # of multiples of the step
        if np.mean((np.abs(scaled - np.round(scaled)) <= off) & (off < TELLING)) >= ON_STEP:
            return max(10.0**-decimals, _bin_width(values))
    return _bin_width(values)


def _bin_width(mz: np.ndarray) -> float:
    """Return the distance of neighbouring bins if all m/z are centres of bins of one width, else 0."""
    gaps = np.diff(np.unique(mz))
    if len(gaps) < FEWEST_GAPS:
        return 0.0
    width = gaps.min()
    steps = gaps / width
    return float(width) if (np.abs(steps - np.round(steps)) <= UNEVEN).all() else 0.0


def _choose(mz: np.ndarray, polarity: Polarity) -> Tolerance | None:
    # The difference of two rounded m/z is off by up to one step.
    step = rounding_step(mz) if len(mz) else 0.0
    if step > COARSEST:
        return None
    numbers = [_numbers(mz, ppm, step, polarity) for ppm in PPM]
    peaked = _are_peaked(np.array([found for found, _ in numbers]))
    excess = {
        ppm: (found - chance) / np.sqrt(found)
        for ppm, (found, chance), is_peak in zip(PPM, numbers, peaked, strict=True)
        if is_peak and found and pdtrc(found - 1, chance) < BY_CHANCE
    }
    if not excess:
        return None
    few = all(found < FEWEST for ppm, (found, _) in zip(PPM, numbers, strict=True) if ppm in excess)
    good = [ppm for ppm, one in excess.items() if few or one >= max(excess.values()) - CLEARLY]
    return _named(mz, USUAL_PPM if USUAL_PPM in good else good[0], step)


def _are_peaked(found: np.ndarray) -> list[bool]:
    """Return for each tolerance whether its pairs are about as dense nearer the true difference as at its edge.

    Where they are not, those at the edge have another difference, such as that of O (15.9949 Da; Na/K is 15.9739 Da).
    """
    rings, widths = np.diff(found, prepend=0), np.diff(PPM, prepend=0)
    return [
        bool((pdtr(rings[:edge], rings[edge] / widths[edge] * widths[:edge]) >= BY_CHANCE).all())
        for edge in range(len(PPM))
    ]


def _named(mz: np.ndarray, ppm: float, step: float) -> Tolerance:
    """Return a tolerance, without the rounding where it matters for no ion."""
    return Tolerance(ppm, step if step > ppm * 1e-6 * mz.min() else 0.0)


def _numbers(mz: np.ndarray, ppm: float, step: float, polarity: Polarity) -> tuple[int, float]:
    """Return the number of pairs of all kinds, and that expected by chance."""
    chance = expected_by_chance(mz, ppm=ppm, least=step, polarity=polarity)
    return len(expected_pairs(mz, ppm=ppm, least=step, polarity=polarity)), sum(chance.values())
