"""The numbers in the name of a picture, each with what stands around it."""

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from msiss.data.recipe import LONGEST_FILE_NAME

MOST_NUMBERS = 20  # of one name
LARGEST = 1e5  # no m/z is larger, but dates and times are
NARROW = 0.02  # two numbers that differ by less than this share are the ends of a window

Label = Literal["before", "behind", ""]

_ENDING = re.compile(r"(?:\.ome)?\.(?:png|tiff?)$", re.IGNORECASE)
_AMOUNT = r"\d+(?:[.,]\d+)?"
# What holds numbers, but never an m/z: adducts, tolerances and the chains of lipids.
_ASIDE = re.compile(
    r"\[[^\]]{0,40}\]\d?[+-]?"
    rf"|(?:±|\+/?-)[\s_]*{_AMOUNT}[\s_]*(?:ppm|mda|da|u|th|%)?(?![a-z])"
    rf"|{_AMOUNT}[\s_]*ppm(?![a-z])"
    r"|(?<!\d)\d{1,2}:\d{1,2}(?!\d)",
    re.IGNORECASE,
)
# With a separator of thousands, or with a decimal sign, which some programs replace by letters.
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:\.\d{3})+,\d+|\d+(?:(?:[.,]|pt?|dot|point)\d+)?")
_SIGN = re.compile(r"[.,]|[a-z]+")
_MZ_BEFORE = re.compile(r"(?:mz|(?<![a-z])m[\s_./:∕⁄-]z|(?<![a-z])mass)[\s_=:.,~(-]*$", re.IGNORECASE)
_MZ_BEHIND = re.compile(r"[\s_]*(?:mz|m[\s_./∕⁄-]z|th|da|u|amu)(?![a-z])", re.IGNORECASE)
_POINT = re.compile(r"[_-]")  # in place of a decimal point
_TO = re.compile(r"\s*(?:[-\u2013_]|to|_to_|\.\.)\s*")
_NEAR = 20  # characters in which a label is searched


@dataclass(frozen=True)
class Number:
    """A number in a name.

    Attributes
    ----------
    text : str
        As it stands there.
    value : float
    whole : bool
        Whether it has no decimals.
    label : {"before", "behind", ""}
        Where it is called an m/z, or a mass.
    glued : bool
        Whether it stands directly beside a letter, as in formulas, lengths and names of samples.
    fraction : str
        The digits that are taken for the decimals, if they follow behind "_" or "-".
    """

    text: str
    value: float
    whole: bool
    label: Label = ""
    glued: bool = False
    fraction: str = ""


def bare(name: str) -> str:
    """Return a name without the ending of its file."""
    return _ENDING.sub("", name)


def numbers_in(name: str) -> list[tuple[Number, Number | None]]:
    """Return the numbers in a name, in order, each alone and together with the next one as its decimals, if it may be.

    Of the two ends of a narrow window, such as 760.58-760.60, the middle is returned.
    """
    if len(name) > LONGEST_FILE_NAME:
        return []
    stem = _ASIDE.sub(" ", bare(name))
    matches = list(_NUMBER.finditer(stem))[:MOST_NUMBERS]
    numbers = [_number(stem, match) for match in matches]
    gaps = [stem[one.end() : other.start()] for one, other in pairwise(matches)]
    found: list[tuple[Number, Number | None]] = []
    place = 0
    while place < len(numbers):
        one, other, gap = numbers[place], None, ""
        if place < len(gaps):
            other, gap = numbers[place + 1], gaps[place]
        if other and _is_window(one, other, gap):
            text = f"{one.text}{gap}{other.text}"
            label = one.label or other.label
            found.append((replace(one, text=text, value=round((one.value + other.value) / 2, 6), label=label), None))
            place += 2
            continue
        found.append((one, _joined(one, other, gap) if other else None))
        place += 1
    return found


def _number(stem: str, match: re.Match[str]) -> Number:
    text, start, end = match[0], match.start(), match.end()
    before, behind = stem[:start], stem[end:]
    sign = _SIGN.search(text)
    if sign and text.count(",") + text.count(".") > 1:  # with a separator of thousands
        decimal = max(text.rfind("."), text.rfind(","))
        value = float(re.sub(r"\D", "", text[:decimal]) + "." + text[decimal + 1 :])
    else:
        value = float(_SIGN.sub(".", text))
    label: Label = ""
    if _MZ_BEFORE.search(before[-_NEAR:]):
        label = "before"
    elif _MZ_BEHIND.match(behind):
        label = "behind"
    beside = before[-1:].isalpha() or (behind[:1].isalpha() and not _MZ_BEHIND.match(behind))
    dotted = re.search(r"\d[.,]$", before) or re.match(r"[.,]\d", behind)  # of a version or a date
    glued = (beside and label != "before") or bool(dotted) or not 0 <= value <= LARGEST
    return Number(text, value, whole=not sign, label=label, glued=glued)


def _is_window(one: Number, other: Number, gap: str) -> bool:
    narrow = 0 < other.value - one.value < NARROW * one.value
    return narrow and not one.whole and not other.whole and bool(_TO.fullmatch(gap))


def _joined(one: Number, other: Number, gap: str) -> Number | None:
    """Return two whole numbers as the parts of one before and behind a decimal point that a program replaced."""
    if not (one.whole and other.whole and _POINT.fullmatch(gap)) or one.value > LARGEST or len(other.text) > 9:
        return None
    text = f"{one.text}{gap}{other.text}"
    glued = one.glued or (other.glued and other.value <= LARGEST)
    return Number(
        text,
        float(f"{one.text}.{other.text}"),
        whole=False,
        label=one.label or other.label,
        glued=glued,
        fraction=other.text,
    )
