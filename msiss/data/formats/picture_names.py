"""The m/z in the names of pictures, decided over all names of a folder, or of the pages of a file.

Names also count the pictures and hold dates, sizes and numbers of samples. What is the same in all names is no m/z, nor
is what counts from 0 or 1; a number that is called m/z comes before others, and one with decimals before one without.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from msiss.data.formats.name_numbers import Number, numbers_in
from msiss.data.recipe import LONGEST_FILE_NAME

SMALLEST = 10.0  # m/z; what is smaller in all names is one only if nothing else can be
MANY = 4  # so many numbers in ascending order are hardly so by chance
_TOTAL = re.compile(r"(^|[^a-z])(tic|total[ _-]?ion([ _-]?(image|count|current))?|sum)([^a-z]|$)", re.IGNORECASE)
Column = tuple[Number | None, ...]
_Names = list[list[tuple[Number, Number | None]]]


@dataclass(frozen=True)
class Reading:
    """What was read in names.

    Attributes
    ----------
    mz : list of float or None
        In Th; None for a name without a clear m/z.
    doubt : str
        What else the numbers may be, in words; empty if nothing.
    note : str
        What was decided, in words; empty if nothing.
    """

    mz: list[float | None]
    doubt: str = ""
    note: str = ""


@dataclass
class _Choice:
    column: Column
    others: list[Column] = field(default_factory=list)


def read_names(names: Sequence[str]) -> Reading:
    """Return the m/z in the names of all pictures of one section.

    If two readings are equally plausible, no m/z is returned, and `Reading.doubt` names both.
    """
    found = [numbers_in(name) for name in names]
    for free in (True, False):  # numbers beside letters only if there are no others
        choice = _choose(found, free=free)
        if choice is not None and choice.others:
            one, other = _example(choice.column, choice.others[0])
            place = next(place for place, number in enumerate(choice.column) if number is one)
            doubt = f"In {names[place]}, both {one.text} and {other.text} may be the m/z."
            return Reading([None] * len(names), doubt=doubt)
        if choice is not None:
            return _reading(names, found, choice.column)
    return Reading([_alone(numbers, whole=len(names) == 1) for numbers in found])


def is_total(name: str) -> bool:
    """Return whether a name is that of the total ion image, not of one ion with a prefix such as tic-normalized."""
    if len(name) > LONGEST_FILE_NAME or not _TOTAL.search(name):
        return False
    return all(one.whole and not one.label for one, _ in numbers_in(name))


def _choose(found: _Names, *, free: bool) -> _Choice | None:
    """Return the numbers that are the m/z, and those that may be it as well."""
    columns = [column for column in _columns(found, free=free) if _usable(column)]
    large = [column for column in columns if min(_values(column)) >= SMALLEST]
    if large:
        columns = [column for column in columns if max(_values(column)) >= SMALLEST]
    for label in ("before", "behind"):
        labelled = [column for column in columns if _label(column) == label]
        if labelled:
            joined = [column for column in labelled if _is_joined(column)]
            return _Choice((joined or labelled)[0])
    precise = [column for column in columns if not _is_joined(column) and _decimals(column)]
    if precise:
        most = max(map(_decimals, precise))
        return _first(column for column in precise if _decimals(column) == most)
    joined = [column for column in columns if _is_joined(column)]
    if joined:
        plain = [column for column in columns if not _is_joined(column) and _rises_with(column, joined[0])]
        return _Choice(joined[0], plain[:1])
    counted = [column for column in columns if _counts(column)]
    return _first([column for column in columns if column not in counted] or counted)


def _first(columns: Iterator[Column] | list[Column]) -> _Choice | None:
    listed = list(columns)
    return _Choice(listed[0], listed[1:]) if listed else None


def _columns(found: _Names, *, free: bool) -> list[Column]:
    """Return the numbers at the same place in all names, counted from the start, from the end and from a label."""
    picked = [
        [(one, joined) for one, joined in numbers if not (free and one.glued and not one.label)] for numbers in found
    ]
    before = [[pair for pair in numbers if pair[0].label == "before"] for numbers in picked]
    behind = [[pair for pair in numbers if any(one and one.label == "behind" for one in pair)] for numbers in picked]
    columns: dict[Column, None] = {}
    for group in (before, behind, picked):
        longest = max(map(len, group), default=0)
        for place in (*range(longest), *range(-1, -longest - 1, -1)):
            there = [pairs[place] if -len(pairs) <= place < len(pairs) else None for pairs in group]
            if 2 * sum(pair is not None for pair in there) < len(found):
                continue
            together = _together(there)
            if together:
                columns[together] = None
            columns[tuple(pair and pair[0] for pair in there)] = None
    return list(columns)


def _together(there: Sequence[tuple[Number, Number | None] | None]) -> Column | None:
    """Return numbers with the next ones as their decimals, if these are no index and the same in no two names."""
    pairs = [pair for pair in there if pair is not None and pair[1] is not None]
    if 2 * len(pairs) < len(there):
        return None
    first = tuple(pair[0] for pair in pairs)
    fractions = tuple(Number(pair[1].fraction, float(pair[1].fraction), whole=True) for pair in pairs if pair[1])
    labelled = all(number.label == "before" for number in first)
    same_first, same_fraction = (len(pairs) > 1 and len(set(_values(part))) == 1 for part in (first, fractions))
    if same_fraction or _is_count(fractions) or (not labelled and (same_first or _is_index(first))):
        return None
    if any(pair[1].glued for pair in pairs if pair[1]) and not labelled:
        return None
    if len(pairs) == 1 and not labelled:
        return None
    return tuple(pair and (pair[1] or pair[0]) for pair in there)


def _usable(column: Column) -> bool:
    """Return whether numbers may be m/z: they vary, and do not just count the pictures."""
    values = _values(column)
    varies = len(values) == 1 or len(set(values)) > 1
    return varies and max(values) > 0 and not _is_index(tuple(number for number in column if number))


def _is_index(numbers: Sequence[Number]) -> bool:
    """Return whether numbers count pictures: 0 or 1 and on, with zeros in front, or all too small for an m/z."""
    if not all(number.whole for number in numbers):
        return False
    if any(number.text.startswith("0") for number in numbers):
        return True
    labelled = all(number.label for number in numbers)
    if not labelled and max(number.value for number in numbers) < SMALLEST:
        return True
    return len(numbers) > 1 and _is_count(numbers)


def _is_count(numbers: Sequence[Number]) -> bool:
    """Return whether numbers are 0 or 1 and on, without a gap."""
    values = sorted({number.value for number in numbers})
    return len(values) > 1 and values[0] <= 1 and values[-1] - values[0] == len(values) - 1


def _counts(column: Column) -> bool:
    values = sorted(_values(column))
    return len(values) > 1 and values[-1] - values[0] == len(values) - 1 and all(n.whole for n in column if n)


def _rises_with(column: Column, other: Column) -> bool:
    """Return whether numbers are in the order of the first part of others, as an index of sorted m/z is."""
    whole = [(int(two.value), one.value) for one, two in zip(column, other, strict=True) if one and two]
    if len(whole) < MANY or all(float(first) == value for first, value in whole):
        return False
    whole.sort()
    return all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(whole))


def _values(column: Sequence[Number | None]) -> list[float]:
    return [number.value for number in column if number]


def _label(column: Column) -> str:
    labels = {number.label for number in column if number}
    return labels.pop() if len(labels) == 1 else ""


def _is_joined(column: Column) -> bool:
    return any(number.fraction for number in column if number)


def _decimals(column: Column) -> float:
    """Return the share of names in which the number has decimals."""
    return sum(number is not None and not number.whole for number in column) / len(column)


def _example(one: Column, other: Column) -> tuple[Number, Number]:
    return next((a, b) for a, b in zip(one, other, strict=True) if a and b and a != b)


def _reading(names: Sequence[str], found: _Names, column: Column) -> Reading:
    mz = [
        number.value if number and number.value > 0 else _alone(numbers)
        for number, numbers in zip(column, found, strict=True)
    ]
    joined = next((place for place, number in enumerate(column) if number and number.fraction), None)
    if joined is not None and (number := column[joined]):
        sign = number.text[-len(number.fraction) - 1]
        said = f'"{sign}" is read as the decimal point: {names[joined]} is m/z {number.value:.10g}.'
        sure = _label(column) or any(number and number.fraction.startswith("0") for number in column)
        return Reading(mz, note=said) if sure else Reading(mz, doubt=said)
    if not _label(column) and len(names) > 1 and _counts(column):
        return Reading(mz, doubt="The numbers in the names have no gap and may only count the pictures.")
    return Reading(mz)


def _alone(numbers: list[tuple[Number, Number | None]], *, whole: bool = True) -> float | None:
    """Return the m/z of a name that differs from the others, with decimals unless `whole`; None if it is not clear."""
    alone = [one for one, _ in numbers if whole or not one.whole]
    for kind in ("before", "behind"):
        if labelled := [one for one in alone if one.label == kind]:
            return labelled[0].value or None if len(labelled) == 1 else None
    precise = [one for one in alone if not one.whole and not one.glued]
    return precise[0].value or None if len(precise) == 1 else None
