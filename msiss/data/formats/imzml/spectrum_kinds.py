"""Which spectra of a file belong together: those of one polarity, MS level, precursor and compensation voltage."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace

import numpy as np

from msiss.data.stored_images import Polarity

POSITIVE, NEGATIVE = "MS:1000130", "MS:1000129"
CENTROID, PROFILE = "MS:1000127", "MS:1000128"
MS_LEVEL, MS1, MSN = "MS:1000511", "MS:1000579", "MS:1000580"
TERMS = frozenset({POSITIVE, NEGATIVE, CENTROID, PROFILE, MS_LEVEL, MS1, MSN})
PRECURSOR = "precursor"  # stands for the element in a description
FILTER = "MS:1000512"  # the line in which Thermo's programs say how a spectrum was measured
# Parameters that say something in words: names of user parameters, without case, spaces and dashes, and accessions.
_POLARITIES = {"polarity", "scanpolarity", "ionpolarity", "ionmode", "ionizationmode", "ionisationmode", "MS:1000465"}
WORDED = frozenset({"mslevel", FILTER, *_POLARITIES})
_SIGNS = {POSITIVE: re.compile(r"\+1?|p(os(itive)?)?"), NEGATIVE: re.compile(r"-1?|n(eg(ative)?)?")}
_WORDS_BESIDE = re.compile(r"[\s_]+(scan|mode|ion|ions|polarity)$")
_LEVEL = re.compile(r"(?:ms)?[\s_]*0*([1-9]\d?)(?:\.0*)?", re.IGNORECASE)
# Such as "FTMS + p ESI Full ms2 184.07@hcd30.00 [50.00-200.00]" and "ITMS - p NSI Full ms [100,00-800,00]".
_SIGN_IN_FILTER = re.compile(r"(?:^|\s)([+-])\s")
_LEVEL_IN_FILTER = re.compile(r"\bms(\d{0,2})\b")
_NUMBERS_IN_FILTER = {
    "filtered": re.compile(r"\b(\d+(?:[.,]\d+)?)@"),
    "voltage": re.compile(r"\bcv=(-?\d+(?:[.,]\d+)?)"),
}
# Precursors nearer than this, in Th, are one target of isolation.
ONE_TARGET = 0.01
MOST_TARGETS = 10_000

# What a spectrum says about itself: terms with their values, and groups of terms as ("", id of the group).
Description = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SpectrumKind:
    """Spectra that belong together.

    Attributes
    ----------
    polarity : {"positive", "negative", "mixed", "unknown"}
    ms_level : int
        1 for spectra of all ions, 2 for those of fragments.
    precursor : float, optional
        The m/z that was isolated; None if none is given.
    voltage : float, optional
        The compensation voltage of FAIMS in V.
    """

    polarity: Polarity = "unknown"
    ms_level: int = 1
    precursor: float | None = None
    voltage: float | None = None

    @property
    def name(self) -> str:
        """The kind in words, such as "positive MS2 of m/z 184.07"."""
        sign = "" if self.polarity == "unknown" else f"{self.polarity} "
        precursor = "" if self.precursor is None else f" of m/z {self.precursor:.2f}"
        voltage = "" if self.voltage is None else f" at {self.voltage:g} V"
        return f"{sign}MS{self.ms_level}{precursor}{voltage}"

    @property
    def order(self) -> tuple[int, int, float, float]:
        """The place of the kind among others."""
        sign = ("positive", "negative", "mixed", "unknown").index(self.polarity)
        return self.ms_level, sign, self.precursor or 0.0, self.voltage or 0.0


def spectrum_kinds(
    descriptions: Sequence[Description],
    number: np.ndarray,
    resolve: Callable[[str], Description],
    *,
    precursors: np.ndarray,
    voltages: np.ndarray,
    otherwise: Polarity = "unknown",
) -> tuple[tuple[SpectrumKind, ...], np.ndarray]:
    """Return the kinds of spectra of a file, and the index of the kind of each spectrum, shape (n,), int16.

    Parameters
    ----------
    descriptions : sequence of descriptions
        The different ones.
    number : ndarray of shape (n,)
        Index of the description of each spectrum.
    resolve : callable
        Returns the terms of a group.
    precursors, voltages : ndarray of shape (n,)
        Isolated m/z and compensation voltage of each spectrum; NaN if it has none.
    otherwise : {"positive", "negative", "mixed", "unknown"}
        The polarity of spectra that do not give one, where the file says it; else that of the others, if it is one.
    """
    said = [_kind(description, resolve) for description in descriptions]
    signs = {kind.polarity for kind in said} - {"unknown"}
    otherwise = signs.pop() if otherwise == "unknown" and len(signs) == 1 else otherwise
    said = [replace(kind, polarity=otherwise) if kind.polarity == "unknown" else kind for kind in said]
    levels = np.array([kind.ms_level for kind in said], dtype=np.int64)[number]
    targets = _targets(np.where(levels > 1, precursors, np.nan))
    rows = np.stack([number.astype(np.float64), targets, voltages], axis=1)
    different, inverse = np.unique(np.nan_to_num(rows, nan=-np.inf), axis=0, return_inverse=True)
    kinds = [
        replace(said[int(place)], precursor=_finite(target), voltage=_finite(voltage))
        for place, target, voltage in different.tolist()
    ]
    ordered = sorted(set(kinds), key=lambda kind: (kind.order, astuple(kind)[0]))
    places = {kind: place for place, kind in enumerate(ordered)}
    index = np.array([places[kind] for kind in kinds], dtype=np.int16)
    return tuple(ordered), index[inverse.ravel()]


def described(description: Description, resolve: Callable[[str], Description]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the terms that stand in a spectrum itself, with their values, and those of the groups it refers to."""
    own = {term: value for term, value in description if term}
    groups = {term: value for term, group in description if not term for term, value in resolve(group)}
    return own, groups


def meant(name: str, value: str) -> Description:
    """Return what a parameter means that says something of the kind of a spectrum in words of its own.

    Parameters
    ----------
    name : str
        One of `WORDED`.
    value : str
    """
    if name == "mslevel":
        return ((MS_LEVEL, value),)
    if name == FILTER:
        sign, level = _SIGN_IN_FILTER.search(value), _LEVEL_IN_FILTER.search(value.lower())
        said = f"{sign[1] if sign else ''}{level[1] or 1 if level else ''}"
        return ((FILTER, said),) if said else ()
    word = _WORDS_BESIDE.sub("", _WORDS_BESIDE.sub("", value.strip().lower()))
    return tuple((term, value) for term, said in _SIGNS.items() if said.fullmatch(word))


def numbers_of_filter(line: str) -> dict[str, float]:
    """Return the isolated m/z and the compensation voltage in the line of a filter, as far as they are there."""
    found = {name: pattern.findall(line) for name, pattern in _NUMBERS_IN_FILTER.items()}
    return {name: float(values[-1].replace(",", ".")) for name, values in found.items() if values}


def _kind(description: Description, resolve: Callable[[str], Description]) -> SpectrumKind:
    own, groups = described(description, resolve)
    signs = next((found for terms in (own, groups) if (found := _signs(terms))), set())
    polarity: Polarity = "unknown"
    if signs:
        polarity = "mixed" if len(signs) == 2 else "positive" if POSITIVE in signs else "negative"
    level, of_groups = _level(own), _level(groups)
    if not level:
        level = max(2, of_groups) if PRECURSOR in own else of_groups or 1
    return SpectrumKind(polarity, level)


def _signs(terms: Mapping[str, str]) -> set[str]:
    """Return the polarities that are said; what a filter says counts only where there are no terms."""
    return {POSITIVE, NEGATIVE} & terms.keys() or {
        term for term, sign in ((POSITIVE, "+"), (NEGATIVE, "-")) if terms.get(FILTER, "").startswith(sign)
    }


def _level(terms: Mapping[str, str]) -> int:
    """Return the MS level that is said, or 0. Writers that always write level 1 do not contradict "MSn spectrum"."""
    number = _LEVEL.fullmatch(terms.get(MS_LEVEL, "").strip())
    if number:
        return max(int(number[1]), 2 if MSN in terms and MS1 not in terms else 1)
    return 1 if MS1 in terms else 2 if MSN in terms else int(terms.get(FILTER, "").lstrip("+-") or 0)


def _targets(precursors: np.ndarray) -> np.ndarray:
    """Return the median of the precursors that are one target, for each of them; NaN remains.

    None are told apart where there are more than any method has, as where an instrument chooses them by itself.
    """
    values, inverse = np.unique(precursors, return_inverse=True)
    known = np.isfinite(values)
    target = np.cumsum(np.diff(values[known], prepend=-np.inf) > ONE_TARGET) - 1
    if not known.any() or target[-1] >= MOST_TARGETS:
        return np.full(len(precursors), np.nan)
    starts = np.flatnonzero(np.diff(target, prepend=-1))
    middle = (starts + np.append(starts[1:], len(target)) - 1) // 2
    medians = np.full(len(values), np.nan)
    medians[known] = values[known][middle][target]
    return medians[inverse.ravel()]


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
