"""What the columns of a table of pixels are called in the wild."""

import re
from collections.abc import Iterable, Sequence

# Compared without anything but letters and digits, in lower case; the first that is there is taken.
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
PLANES = ("z", "plane", "slice", "zcoord", "positionz", "zposition", "ionimagepixelz")
MZ = (
    *("mz", "rawmz", "mzvalue", "ionmz", "theoreticalmz", "mztheoretical", "mzmeasured", "moleculemz"),
    *("centroid", "centroidmz", "mass"),
)
INTENSITY = ("intensity", "intensities", "abundance", "signal", "value", "counts")
NAMES = (
    "moleculenames",
    "moleculename",
    "name",
    "names",
    "compound",
    "molecule",
    "annotation",
    "lipid",
    "label",
    "ion",
)
FORMULA = ("formula", "sumformula", "molecularformula", "ionformula")
ADDUCT = ("adduct", "adducts")
CLASS = ("class", "lipidclass", "moleculeclass", "compoundclass")

LONGEST_NUMBER = 200  # letters; no number is written with so many, and parsing takes longer the more there are
_UNIT = r"(?:th|da|u|amu|m/?z)"
_MZ_TEXT = re.compile(
    r"(?:x|mz|m/z|m\.z|mass)?(?:[\s_.:=-]*)"  # R writes X700.12 or m.z.700.12
    r"(\d+(?:[.,]\d+)?(?:e[+-]?\d+)?)"
    rf"(?:[\s_]*\(?{_UNIT}\)?)?",
    re.IGNORECASE,
)


def plain(text: object) -> str:
    """Return a name in lower case with its letters and digits only; Greek µ counts as u."""
    return re.sub(r"[^a-z0-9]", "", str(text).lower().replace("µ", "u").replace("μ", "u"))


def find(columns: Iterable[str], wanted: Sequence[str]) -> str | None:
    """Return the column that is called as the first of `wanted` that is there, or None."""
    known = _known(columns)
    return next((known[name] for name in wanted if name in known), None)


def find_places(columns: Sequence[str]) -> tuple[str, str] | None:
    """Return the columns of the horizontal and the vertical coordinate, or None."""
    known = _known(columns)
    return next(((known[x], known[y]) for x, y in PLACES if x in known and y in known), None)


def _known(columns: Iterable[str]) -> dict[str, str]:
    known: dict[str, str] = {}
    for column in columns:
        known.setdefault(plain(column), column)
    return known


def mz_in(text: str) -> float | None:
    """Return the m/z in Th that the name of a column gives, such as 700.12 in "mz_700.12" and "X700.12", or None."""
    if len(text) > LONGEST_NUMBER:
        return None
    match = _MZ_TEXT.fullmatch(text.strip().strip("[]'\""))
    value = float(match[1].replace(",", ".")) if match else 0.0
    return value if 0 < value < float("inf") else None


def are_counted(values: Sequence[float]) -> bool:
    """Whether the values are just 0, 1, 2 ... or 1, 2, 3 ...: then they number the columns and are no m/z."""
    return len(values) > 1 and list(values) in (list(range(len(values))), list(range(1, len(values) + 1)))


def isomers(names: Sequence[object]) -> str:
    """Return the first of the names that one formula may have, and how many others there are: "Glucose (+11)"."""
    first = str(names[0]) if names else ""
    return f"{first} (+{len(names) - 1})" if len(names) > 1 else first


def number(text: str) -> float | None:
    """Return the number that is written in `text`, or None."""
    if len(text) > LONGEST_NUMBER:
        return None
    try:
        return float(text)
    except ValueError:
        return None
