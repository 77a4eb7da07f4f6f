"""Numbers in the cells of a column, as people and programs write them.

"760.585 ± 0.005", "~760.6", "760.5850*", "760.585 Da" and "1 234,56" are numbers; a range such as "760.58-760.60" is
the number in its middle. Whether a comma or a point is the decimal sign is decided from the whole column. A cell that
can be read in two ways is no number.
"""

import math
import re
import unicodedata
from collections.abc import Sequence

from msiss.data.column_names import LONGEST_NUMBER

_PLAIN = r"\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?"
_SIMPLE = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_UNIT = r"(?:ppm|mda|da|th|u|amu|%)"
_BARE = re.compile(
    r"(?:m\s*/?\s*z\s*[:=]?|[~≈]|ca\.?|=)?\s*"
    rf"(?P<number>[+-]?{_PLAIN})"
    r"\s*(?:da|th|u|amu|m/z)?"
    rf"(?:\s*(?:±|\+/-|\+-|-/\+)\s*{_PLAIN}\s*{_UNIT}?|\s*\(\s*(?:±|\+/-|\+-)?\s*{_PLAIN}\s*{_UNIT}?\s*\))?"
    r"\s*(?:da|th|u|amu|m/z)?\s*[*†‡§]*",
    re.IGNORECASE,
)
_RANGE = re.compile(rf"(?P<low>{_PLAIN})\s*(?:-|–|—|\.\.\.?|\bto\b|\bbis\b)\s*(?P<high>{_PLAIN})", re.IGNORECASE)
_GROUPS = re.compile(r"(?<=\d)[ '’](?=\d{3}(?!\d))")  # in 1 234.56 and, in Switzerland, 1'234.56
_GROUPED = {"1,234.5": re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d+|[+-]?\d{1,3}(?:,\d{3}){2,}")}
_GROUPED["1.234,5"] = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d+|[+-]?\d{1,3}(?:\.\d{3}){2,}")
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")  # with three digits behind the sign, it may group thousands
WIDEST_RANGE = 0.005  # of the m/z; wider ones are of several ions


def numbers(texts: Sequence[str]) -> list[float]:
    """Return the number in each cell of a column, NaN where there is none or it can be read in two ways."""
    if all(map(_SIMPLE.fullmatch, texts)) and all(len(text) <= LONGEST_NUMBER for text in texts):
        return [float(text) for text in texts]  # most columns
    bare = [_bare(text) for text in texts]
    ranges = [_ends(text) for text in texts]
    commas, points = _evidence([*bare, *(end for ends in ranges for end in ends or ())])
    found = []
    for ends, cell in zip(ranges, bare, strict=True):
        if ends is None:
            found.append(_value(cell, commas, points))
            continue
        low, high = (_value(end, commas, points) for end in ends)
        found.append((low + high) / 2 if 0 <= high - low <= WIDEST_RANGE * high else math.nan)
    return found


def is_range(text: str) -> bool:
    """Return whether a cell is a range of numbers, such as "760.58-760.60"."""
    return _ends(text) is not None


def is_two_ways(text: str) -> bool:
    """Return whether the sign before three digits may be a decimal sign or group the thousands, as in "782,567"."""
    return _EITHER.fullmatch(_bare(text)) is not None


def _ends(text: str) -> tuple[str, str] | None:
    match = _RANGE.fullmatch(_flat(text))
    return (match["low"], match["high"]) if match else None


def _bare(text: str) -> str:
    """Return the number of a cell without what stands around it; empty if there is none."""
    match = _BARE.fullmatch(_flat(text))
    return match["number"] if match else ""


def _flat(text: str) -> str:
    if len(text) > LONGEST_NUMBER:
        return ""
    if text.isascii() and " " not in text and "'" not in text and '"' not in text:
        return text
    text = unicodedata.normalize("NFKC", text).replace("−", "-").strip().removeprefix("=").strip('"').strip()
    return _GROUPS.sub("", text)


def _evidence(cells: Sequence[str]) -> tuple[set[str], set[str]]:
    """Return what commas and what points are in a column: "decimal" or "group", each if some cell leaves no doubt."""
    meanings: dict[str, set[str]] = {",": set(), ".": set()}
    for cell in cells:
        if _GROUPED["1,234.5"].fullmatch(cell):
            meanings[","].add("group")
            meanings["."].add("decimal")
        elif _GROUPED["1.234,5"].fullmatch(cell):
            meanings["."].add("group")
            meanings[","].add("decimal")
        elif not _EITHER.fullmatch(cell):
            meanings[","] |= {"decimal"} if cell.count(",") == 1 else set()
            meanings["."] |= {"decimal"} if cell.count(".") == 1 else set()
    if not any(meanings.values()):  # all have three digits behind it, or none
        signs = {sign for sign in meanings if any(sign in cell for cell in cells)}
        decimal = "." if "." in signs else ","
        meanings[decimal].add("decimal")
    return meanings[","], meanings["."]


def _value(cell: str, commas: set[str], points: set[str]) -> float:
    if not cell:
        return math.nan
    if _GROUPED["1,234.5"].fullmatch(cell):
        return float(cell.replace(",", ""))
    if _GROUPED["1.234,5"].fullmatch(cell):
        return float(cell.replace(".", "").replace(",", "."))
    if cell.count(",") + cell.count(".") > 1:
        return math.nan
    if _EITHER.fullmatch(cell):
        own, other = (commas, points) if "," in cell else (points, commas)
        if own == {"group"}:
            return float(cell.replace(",", "").replace(".", ""))
        if own != {"decimal"} or "decimal" in other:
            return math.nan
    return float(cell.replace(",", "."))
