"""Several molecules in one cell of a list, as METASPACE and others write them."""

import re
from collections.abc import Sequence

from msiss.data.column_names import isomers

LONGEST_NAME = 60
_LIST = re.compile(r"\s*\[(.*)\]\s*", re.DOTALL)  # of Python, as pandas writes the results of METASPACE's client
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_OPENS, _CLOSES = "([{", ")]}"


def candidates(cell: str) -> list[str]:
    """Return the molecules in a cell that separates them by semicolons, or is a list of quoted names."""
    listed = _LIST.fullmatch(cell) if "[" in cell else None
    if listed and (quoted := _QUOTED.findall(listed[1])):
        return [single or double for single, double in quoted]
    return [part.strip() for part in cell.split(";") if part.strip()]


def between_commas(names: str, ids: str) -> list[str]:
    """Return the molecules in a cell of METASPACE, which separates them by a comma and a space.

    Parameters
    ----------
    names : str
        Names, which may hold commas themselves: those in brackets do not separate.
    ids : str
        The ids of the same molecules, which hold no commas; empty if unknown. If there is only one, so is the name.
    """
    if _LIST.fullmatch(names) or ";" in names:
        return candidates(names)
    if ids and ", " not in ids:
        return [names] if names else []
    depth, parts = 0, [""]
    for place, sign in enumerate(names):
        depth = max(0, depth + (sign in _OPENS) - (sign in _CLOSES))
        if sign == "," and not depth and names[place + 1 : place + 2] == " ":
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts if part.strip()]


def first_of(found: Sequence[str]) -> str:
    """Return the first of several candidates, shortened, and the number of others, as in "PC 34:1 (+2)"."""
    if not found:
        return ""
    first, *others = found
    first = first if len(first) <= LONGEST_NAME else first[: LONGEST_NAME - 1].rstrip() + "…"
    return isomers([first, *others])
