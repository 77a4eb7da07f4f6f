"""Names of columns in lists of m/z, tables of classes and pairs, tables of pixels, and AnnData files.

Names are compared by their letters and digits in lower case, without a unit in brackets: "m/z [Th]" is "mz". If several
columns match, the one whose name is listed first here is used.
"""

import re
from collections.abc import Iterable, Sequence

from msiss.data.column_words import (
    COLUMNS,
    ENDS,
    LOWER,
    PLACES,
    PLANES,
    UPPER,
    adduct_in,
    is_mass,
    is_mz,
    is_neutral,
    plain,
    says_mobility,
    words,
)

__all__ = ["COLUMNS", "PLANES", "plain"]

# Positions for the instrument and on its stage, in what msiss writes.
IN_FILE, ON_STAGE = ("x_in_file", "y_in_file"), ("x_on_stage", "y_on_stage")

LONGEST_NUMBER = 200  # characters; no number is longer, and the time for parsing grows with the length
MOST_NAMES = 300  # cells of a line in which names are looked for
_NAMES = {name for names in COLUMNS.values() for name in names} | {name for pair in PLACES for name in pair}
# Words of columns beside the m/z: tolerances, errors and the like.
_NOT_MZ = {
    *("error", "err", "ppm", "width", "window", "tolerance", "tol", "diff", "difference", "delta", "shift", "range"),
    *("accuracy", "deviation", "std", "sd", "rsd", "fehler", "abweichung", "toleranz", "breite", "erreur", "ecart"),
    *(*ENDS, "mda", "intensity", "count", "score", "rank", "id", "index", "number"),
}
_UNIT = r"(?:th|da|u|amu|m/?z)"
_IN_BRACKETS = re.compile(r"[\[(](?:th|da|u|amu|m/z|[µμu]m|mm|px|pixels?|a\.?u\.?|counts)[\])]\s*$", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"\s*[+-]?\d+,\d+(?:e[+-]?\d+)?\s*", re.IGNORECASE)
_MZ_TEXT = re.compile(
    r"(?:x|mz|m/z|m\.z|mass)?(?:[\s_.:=-]*)"  # R writes X700.12 or m.z.700.12
    r"(\d+(?:[.,]\d+)?(?:e[+-]?\d+)?)"
    rf"(?:[\s_]*\(?{_UNIT}\)?)?(?:\s*(?:±|\+/-)\s*[\d.,]+\s*(?:ppm|m?{_UNIT})?"  # SCiLS Lab: m/z 700.12 ± 0.01
    rf"|\s*\(\s*(?:±|\+/-)?\s*[\d.,]+\s*(?:ppm|m?{_UNIT})\s*\))?",
    re.IGNORECASE,
)


def find(columns: Iterable[str], wanted: Sequence[str]) -> str | None:
    """Return the column with the first of the names `wanted` that exists, or None."""
    known = _known(columns)
    return next((known[name] for name in wanted if name in known), None)


def find_fields(columns: Sequence[str], fields: Iterable[str]) -> dict[str, str]:
    """Return the columns of `fields`, keys of `COLUMNS`; each column is assigned to the first matching field only.

    If there is no other column of m/z, a single one whose name begins with "mz", such as "mz_lockmass", is used.
    """
    found: dict[str, str] = {}
    for field in fields:
        left = [column for column in columns if column not in found.values()]
        column = find(left, COLUMNS[field])
        if field == "mz":
            column = next(iter([*mz_columns(left), *([column] if column else []), *_similar(left)]), None)
        if column is not None:
            found[field] = column
    return found


def mz_columns(columns: Sequence[str]) -> list[str]:
    """Return the columns whose name says m/z, the preferred first; those of the name mass are not among them."""
    columns = [column for column in columns if mz_in(column) is None]  # thousands in a table of pixels
    first = find([column for column in columns if not is_mass(column)], COLUMNS["mz"])
    return list(dict.fromkeys([*([first] if first else []), *filter(is_mz, columns)]))


def window_columns(columns: Sequence[str], word: str) -> tuple[str, str] | None:
    """Return the columns of the lower and the upper ends of windows, such as "m/z min" and "m/z max", or None.

    Parameters
    ----------
    columns : sequence of str
    word : str
        What the windows are of: "mz" or "mobility".
    """
    ends: dict[tuple[str, ...], str] = {}
    for column in columns:
        found = words(column)
        if "mz" in found if word == "mz" else says_mobility(column):
            ends.setdefault(tuple(end for end in found if end in ENDS), column)
    pairs = ((ends.get((low,)), ends.get((high,))) for low, high in zip(LOWER, UPPER, strict=True))
    return next(((low, high) for low, high in pairs if low is not None and high is not None), None)


def says_other(column: str) -> bool:
    """Return whether the name of a column tells of a tolerance, an error, an end of a window or the like."""
    return bool(_NOT_MZ & {*words(column)})


def _similar(columns: Sequence[str]) -> list[str]:
    similar = [
        other
        for other in columns
        if plain(other).startswith("mz") and mz_in(other) is None and not says_other(other) and not adduct_in(other)
    ]
    return similar if len(similar) == 1 else []


def fields_in(cells: Sequence[str]) -> int:
    """Return how many cells of a line are names of columns; 0 if it names no m/z, masses, coordinates or adducts."""
    cells = cells[:MOST_NAMES]
    texts = [cell for cell in cells if number(cell) is None]
    named = sum(map(_is_named, texts))
    essential = (
        find_places(cells) is not None
        or {"mz_i", "mz_j"} <= find_fields(cells, ("mz_i", "mz_j")).keys()
        or {"i", "j"} <= find_fields(cells, ("i", "j")).keys()
        or window_columns(texts, "mz") is not None
        or len(find_fields(texts, ("formula", "adduct"))) == 2
        or (len(texts) == len(cells) and any(map(_holds_mz, cells)))
    )
    return named if essential else 0


def _is_named(cell: str) -> bool:
    return plain(_IN_BRACKETS.sub("", cell)) in _NAMES or _holds_mz(cell)


def _holds_mz(cell: str) -> bool:
    return 0 < len(cell) <= LONGEST_NUMBER and (
        plain(_IN_BRACKETS.sub("", cell)) in COLUMNS["mz"]
        or is_mz(cell)
        or is_mass(cell)
        or is_neutral(cell)
        or bool(adduct_in(cell))
    )


def find_places(columns: Sequence[str]) -> tuple[str, str] | None:
    """Return the columns of the horizontal and the vertical coordinate, or None."""
    known = _known(columns)
    return next(((known[x], known[y]) for x, y in PLACES if x in known and y in known), None)


def _known(columns: Iterable[str]) -> dict[str, str]:
    known: dict[str, str] = {}
    columns = list(columns)
    for names in (map(plain, columns), (plain(_IN_BRACKETS.sub("", column)) for column in columns)):
        for name, column in zip(names, columns, strict=True):
            known.setdefault(name, column)
    return known


def mz_in(text: str) -> float | None:
    """Return the m/z in Th in the name of a column, such as 700.12 for "mz_700.12" and "X700.12", or None."""
    if len(text) > LONGEST_NUMBER:
        return None
    match = _MZ_TEXT.fullmatch(text.strip().strip("[]'\""))
    value = float(match[1].replace(",", ".")) if match else 0.0
    return value if 0 < value < float("inf") else None


def are_counted(values: Sequence[float]) -> bool:
    """Whether the values are 0, 1, 2 ... or 1, 2, 3 ...: then they are indices of columns, not m/z."""
    return len(values) > 1 and list(values) in (list(range(len(values))), list(range(1, len(values) + 1)))


def isomers(names: Sequence[object]) -> str:
    """Return the first of the isomers of a formula and the number of others, as in "Glucose (+11)"."""
    first = str(names[0]) if names else ""
    return f"{first} (+{len(names) - 1})" if len(names) > 1 else first


def number(text: str) -> float | None:
    """Return the number in `text`, with a decimal point or comma, or None."""
    if len(text) > LONGEST_NUMBER:
        return None
    try:
        return float(text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text)
    except ValueError:
        return None
