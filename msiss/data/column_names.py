"""Names of columns in lists of m/z, tables of classes and pairs, tables of pixels, and AnnData files.

Names are compared by their letters and digits in lower case, without a unit in brackets: "m/z [Th]" is "mz". If several
columns match, the one whose name is listed first here is used.
"""

import re
from collections.abc import Iterable, Sequence

PLACES = (
    ("ionimagepixelx", "ionimagepixely"),  # as METASPACE's converter writes
    ("x", "y"),
    ("xcoord", "ycoord"),
    ("xcoordinate", "ycoordinate"),
    ("coordx", "coordy"),
    ("xpos", "ypos"),
    ("posx", "posy"),
    ("xposition", "yposition"),
    ("positionx", "positiony"),
    ("pixelx", "pixely"),
    ("xpixel", "ypixel"),
    ("xum", "yum"),
    ("xmm", "ymm"),
    ("spotx", "spoty"),
    ("col", "row"),
    ("column", "row"),
    ("arraycol", "arrayrow"),
    ("imagecol", "imagerow"),
)
IN_FILE = ("x_in_file", "y_in_file")  # positions for the instrument, in what msiss writes
PLANES = ("z", "plane", "slice", "zcoord", "positionz", "zposition", "ionimagepixelz")
COLUMNS = {
    "mz": (
        *("mz", "rawmz", "mzvalue", "ionmz", "theoreticalmz", "mztheoretical", "mzmeasured", "measuredmz"),
        *("moleculemz", "observedmz", "moverz", "masstocharge", "centroid", "centroidmz", "inputmass", "mass"),
    ),
    "intensity": ("intensity", "intensities", "abundance", "signal", "value", "counts"),
    "name": (
        *("name", "names", "compound", "molecule", "moleculename", "moleculenames", "annotation", "lipid"),
        *("allisomernames", "ion", "label"),
    ),
    "formula": ("formula", "allformulas", "sumformula", "molecularformula", "molformula", "ionformula"),
    "adduct": ("adduct", "adducts", "alladducts"),
    "class": (
        *("class", "classes", "lipidclass", "moleculeclass", "compoundclass", "category", "mainclass"),
        *("label", "labels"),
    ),
    "cluster": ("cluster", "clusters", "clusternumber", "clustername", "group"),
    "mz_i": ("mzi",),
    "mz_j": ("mzj",),
    "i": ("i",),
    "j": ("j",),
    "kind": ("kind",),
}

LONGEST_NUMBER = 200  # characters; no number is longer, and the time for parsing grows with the length
_UNIT = r"(?:th|da|u|amu|m/?z)"
_IN_BRACKETS = re.compile(r"[\[(](?:th|da|u|amu|m/z|[µμu]m|mm|px|pixels?|a\.?u\.?|counts)[\])]\s*$", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"\s*[+-]?\d+,\d+(?:e[+-]?\d+)?\s*", re.IGNORECASE)
_MZ_TEXT = re.compile(
    r"(?:x|mz|m/z|m\.z|mass)?(?:[\s_.:=-]*)"  # R writes X700.12 or m.z.700.12
    r"(\d+(?:[.,]\d+)?(?:e[+-]?\d+)?)"
    rf"(?:[\s_]*\(?{_UNIT}\)?)?",
    re.IGNORECASE,
)


def plain(text: object) -> str:
    """Return the letters and digits of a name in lower case; Greek µ becomes u."""
    return re.sub(r"[^a-z0-9]", "", str(text).lower().replace("µ", "u").replace("μ", "u"))


def find(columns: Iterable[str], wanted: Sequence[str]) -> str | None:
    """Return the column with the first of the names `wanted` that exists, or None."""
    known = _known(columns)
    return next((known[name] for name in wanted if name in known), None)


def find_fields(columns: Sequence[str], fields: Iterable[str]) -> dict[str, str]:
    """Return the columns of `fields`, keys of `COLUMNS`; each column is assigned to the first matching field only.

    If there is no other column of m/z, a single one whose name begins with "mz", such as "mz_calc", is used.
    """
    found: dict[str, str] = {}
    for field in fields:
        left = [column for column in columns if column not in found.values()]
        column = find(left, COLUMNS[field])
        if column is None and field == "mz":
            similar = [other for other in left if plain(other).startswith("mz") and mz_in(other) is None]
            column = similar[0] if len(similar) == 1 else None
        if column is not None:
            found[field] = column
    return found


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
