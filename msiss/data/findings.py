"""Findings about data files: the same row stops an import, warns during it, or is listed by the health check."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from msiss.errors import DataError, MsissWarning

Level = Literal["pass", "note", "warning", "stop"]
LONGEST = 600  # characters of a finding


@dataclass(frozen=True)
class HealthRow:
    """One check of a file and its result.

    Attributes
    ----------
    check : str
        Name of the check.
    level : {"pass", "note", "warning", "stop"}
        "note" if the program decided something that the user may want to know, "stop" if the file cannot be used.
    found : str
        What was found in the file.
    meaning : str
        Consequence for the ion images.
    action : str
        Recommended action; may be empty.
    file : str
        Name of the file, in reports about several files.
    setting : str
        The setting of `msiss.data.recipe.ReadConfig` by which the user decides what the file leaves open; may be empty.
    options : tuple of tuple of str
        Values of that setting, each with its meaning in words; the one in use is first. For the m/z of pictures, the
        names of the files, each with the m/z that was read.
    """

    check: str
    level: Level
    found: str
    meaning: str = ""
    action: str = ""
    file: str = ""
    setting: str = ""
    options: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if len(self.found) > LONGEST:  # it quotes a damaged file
            object.__setattr__(self, "found", f"{self.found[: LONGEST // 2]} ... {self.found[-LONGEST // 2 :]}")

    @property
    def text(self) -> str:
        """The whole row as one message."""
        return " ".join(part for part in (self.found, self.meaning, self.action) if part)


class DataStop(DataError):
    """A file cannot be used for the reason in `row`."""

    def __init__(self, row: HealthRow, name: str) -> None:
        super().__init__(f"{name}: {row.text}")
        self.row = row


def raise_or_warn(rows: Iterable[HealthRow], name: str) -> None:
    """Raise the first row of the level "stop", and warn of the rows of the level "warning".

    Raises
    ------
    DataStop
        If there is a row of the level "stop"; rows after it are not evaluated.
    """
    for row in rows:
        if row.level == "stop":
            raise DataStop(row, name)
        if row.level == "warning":
            warnings.warn(f"{name}: {row.text}", MsissWarning, stacklevel=2)
