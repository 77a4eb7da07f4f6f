"""What a file says about its own measurement, such as the instrument: titles, and texts within bounds.

The texts are those of a foreign file and are shown literally. Personal data, such as names and addresses of people, are
no part of them. To tell more, add a title here and let a reader find its text.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime

INSTRUMENT = "Instrument"
SERIAL_NUMBER = "Serial number"
ION_SOURCE = "Ion source"
ANALYZER = "Mass analyzer"
DETECTOR = "Detector"
RESOLVING_POWER = "Resolving power"
MEASURED_ON = "Measured on"
SOFTWARE = "Software"
SOURCE_FILE = "Source file"
MZ_RANGE = "m/z range"
NUMBER_TYPE = "Number type"
PIXEL_SIZE = "Pixel size"
ORIGIN = "Origin on the stage"
SCAN_PATTERN = "Scan pattern"
SCAN_DIRECTION = "Scan direction"
ORGANISM = "Organism"
TISSUE = "Tissue"
CONDITION = "Condition"
PREPARATION = "Sample preparation"
MATRIX = "Matrix"
DESCRIPTION = "Description"
TITLES = (
    INSTRUMENT,
    SERIAL_NUMBER,
    ION_SOURCE,
    ANALYZER,
    DETECTOR,
    RESOLVING_POWER,
    MEASURED_ON,
    SOFTWARE,
    SOURCE_FILE,
    MZ_RANGE,
    NUMBER_TYPE,
    PIXEL_SIZE,
    ORIGIN,
    SCAN_PATTERN,
    SCAN_DIRECTION,
    ORGANISM,
    TISSUE,
    CONDITION,
    PREPARATION,
    MATRIX,
    DESCRIPTION,
)
# Texts that say nothing, as forms and programs write them.
NOTHING = {"", "-", "none", "n/a", "na", "not applicable", "not available", "not specified", "unknown", "unspecified"}
MOST, LONGEST_TITLE, LONGEST_TEXT = 40, 60, 500  # entries, and characters


def told(said: Mapping[str, object]) -> dict[str, str]:
    """Return plain texts by their titles, in the order of `TITLES` and then of `said`, within the bounds.

    Line breaks and control characters become spaces, texts that say nothing are left out, and long ones end in "…".
    """
    plain = {_plain(title, LONGEST_TITLE): _plain(text, LONGEST_TEXT) for title, text in said.items()}
    first = {title: plain[title] for title in TITLES if title in plain}
    kept = [(title, text) for title, text in (first | plain).items() if title and text.lower() not in NOTHING]
    return dict(kept[:MOST])


def together(said: Sequence[Mapping[str, str]], names: Sequence[str]) -> dict[str, str]:
    """Return what several files say: a text that is the same in all of them once, others after the names of files."""
    titles = dict.fromkeys(title for one in said for title in one)
    joined = {}
    for title in titles:
        texts = [one.get(title, "") for one in said]
        each = [f"{name}: {text}" for name, text in zip(names, texts, strict=True) if text]
        joined[title] = texts[0] if len(set(texts)) == 1 else "; ".join(each)
    return told(joined)


def in_words(said: Mapping[str, str], titles: Sequence[str] = TITLES) -> str:
    """Return what is said as a part of a sentence, such as "instrument: Q Exactive HF; matrix: DHB"."""
    known = {title: said[title] for title in titles if title in said}
    return "; ".join(f"{title[0].lower()}{title[1:]}: {text}" for title, text in known.items())


def moment(text: str) -> datetime | None:
    """Return the date and time of a text in ISO 8601, as `MEASURED_ON` has it; None if it is something else."""
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def _plain(text: object, longest: int) -> str:
    letters = (" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in str(text)[: 10 * longest])
    short = " ".join("".join(letters).split())
    return short if len(short) <= longest else f"{short[: longest - 1]}…"
