"""Selections of ions that people keep with a data set, and the text by which an address names a selection.

They are append-only lines in ``selections.jsonl`` of the data set's folder. A selection without a name is one that an
address was too short for.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from msiss.durable import append_line, read_lines
from msiss.errors import DataError

FILE = "selections.jsonl"
LONGEST_NAME = 80
LONGEST_TEXT = 120  # characters in an address; longer selections are kept, and named by their hash
_KEPT = re.compile(r"~[0-9a-f]{10}")
_RANGES = re.compile(r"\d{1,9}(-\d{1,9})?(\.\d{1,9}(-\d{1,9})?)*")


class Selection(BaseModel):
    """Some ions of a data set.

    Attributes
    ----------
    name : str
        Empty for one that only an address names.
    ions : tuple of int
        Without ions, a selection of that name was deleted.
    who : str
    when : datetime
    """

    model_config = ConfigDict(frozen=True)

    name: str = Field("", max_length=LONGEST_NAME)
    ions: tuple[Annotated[int, Field(ge=0)], ...] = ()
    who: str = Field("", max_length=LONGEST_NAME)
    when: datetime = Field(default_factory=lambda: datetime.now(UTC))


def saved(folder: Path) -> dict[str, Selection]:
    """Return the named selections of the data set in `folder`, by name, the newest last."""
    found: dict[str, Selection] = {}
    for one in _read(folder):
        found.pop(one.name, None)
        if one.name and one.ions:
            found[one.name] = one
    return found


def save(folder: Path, selection: Selection) -> None:
    """Keep a selection with the data set in `folder`; one of that name is replaced, and deleted if it has no ions.

    Raises
    ------
    DataError
        If it cannot be written.
    """
    path = folder / FILE
    try:
        append_line(path, selection.model_dump_json())
    except OSError as error:
        raise DataError(
            f"The selection cannot be kept in {path}: {error.strerror or error}. Check the free space and the "
            "permissions of that folder."
        ) from error


def text_of(folder: Path, ions: Sequence[int]) -> str:
    """Return a short text that names some ions in an address, such as "3-5.9"; a long list is kept in `folder`.

    Raises
    ------
    DataError
        If it cannot be kept.
    """
    text = _ranges(ions)
    if len(text) <= LONGEST_TEXT:
        return text
    key = _key(ions)
    if not any(_key(one.ions) == key for one in _read(folder) if not one.name):
        save(folder, Selection(ions=tuple(sorted(ions))))
    return key


def ions_of(folder: Path, text: str, number: int) -> list[int]:
    """Return the ions that a text of `text_of` names.

    Parameters
    ----------
    folder : Path
        Of the data set.
    text : str
        Not to be trusted: it comes from an address.
    number : int
        Number of ions of the data set.

    Raises
    ------
    DataError
        If it names no ions of this data set, or a selection that does not exist any more.
    """
    if _KEPT.fullmatch(text):
        found = next((one.ions for one in _read(folder) if not one.name and _key(one.ions) == text), None)
        if found is None or max(found) >= number:
            raise DataError("The selection of this link does not exist any more.")
        return sorted(found)
    if not _RANGES.fullmatch(text):
        raise DataError("The selection of this link is not one of msiss.")
    ions: set[int] = set()
    for part in text.split("."):
        first, _, last = part.partition("-")
        low, high = int(first), int(last or first)
        if not low <= high < number:
            raise DataError(f"The selection of this link names ions that are not among the {number} of this data set.")
        ions.update(range(low, high + 1))
    return sorted(ions)


def _ranges(ions: Sequence[int]) -> str:
    parts: list[list[int]] = []
    for ion in sorted(set(ions)):
        if parts and ion == parts[-1][1] + 1:
            parts[-1][1] = ion
        else:
            parts.append([ion, ion])
    return ".".join(str(low) if low == high else f"{low}-{high}" for low, high in parts)


def _key(ions: Sequence[int]) -> str:
    return "~" + hashlib.sha256(_ranges(ions).encode()).hexdigest()[:10]


def _read(folder: Path) -> list[Selection]:
    found = []
    for line in read_lines(folder / FILE):
        try:
            found.append(Selection.model_validate_json(line))
        except ValidationError:  # cut off, or written by another version
            continue
    return found
