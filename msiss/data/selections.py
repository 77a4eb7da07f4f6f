"""Selections of ions that people keep with a data set, and the text by which an address names a selection.

Named selections are append-only lines in ``selections.jsonl`` of the data set's folder. Selections that are too long
for an address are files in its folder ``links``, named by a hash; the newest are kept.
"""

import contextlib
import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from msiss.durable import append_line, keeping, read_lines, replace_text
from msiss.errors import DataError

FILE = "selections.jsonl"
LONGEST_NAME = 80
LINKS = "links"
LONGEST_TEXT = 120  # characters in an address; longer selections are kept, and named by their hash
MOST_LINKS = 500  # of some kilobytes each
_KEPT = re.compile(r"~[0-9a-f]{10}")
_RANGES = re.compile(r"\d{1,9}(-\d{1,9})?(\.\d{1,9}(-\d{1,9})?)*")


class Selection(BaseModel):
    """Some ions of a data set.

    Attributes
    ----------
    name : str
    ions : tuple of int
        Without ions, a selection of that name was deleted.
    who : str
    when : datetime
    """

    model_config = ConfigDict(frozen=True)

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    ions: tuple[Annotated[int, Field(ge=0)], ...] = ()
    who: str = Field("", max_length=LONGEST_NAME)
    when: datetime = Field(default_factory=lambda: datetime.now(UTC))


def saved(folder: Path) -> dict[str, Selection]:
    """Return the named selections of the data set in `folder`, by name, the newest last."""
    found: dict[str, Selection] = {}
    for line in read_lines(folder / FILE):
        with contextlib.suppress(ValidationError):  # cut off, or written by another version
            one = Selection.model_validate_json(line)
            found.pop(one.name, None)
            if one.ions:
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
    with keeping("The selection", path, DataError):
        append_line(path, selection.model_dump_json())


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
    path = _link(folder, text)
    with keeping("The selection", path, DataError):
        path.parent.mkdir(exist_ok=True)
        replace_text(path, text)
    others = sorted(path.parent.glob("[!.]*"), key=lambda file: file.stat().st_mtime, reverse=True)
    for old in others[MOST_LINKS:]:
        old.unlink(missing_ok=True)
    return path.name


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
        try:
            text = (folder / LINKS / text).read_text(encoding="utf-8")
        except OSError as error:
            raise DataError("The selection of this link does not exist any more.") from error
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


def _link(folder: Path, text: str) -> Path:
    return folder / LINKS / f"~{hashlib.sha256(text.encode()).hexdigest()[:10]}"
