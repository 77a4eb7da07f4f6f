"""One finding about a data file: the same row stops an import, warns during it, or is listed by the health check."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from msiss.errors import DataError, MsissWarning

Level = Literal["pass", "warning", "stop"]
LONGEST = 600  # letters of what is told about a file


@dataclass(frozen=True)
class HealthRow:
    """One thing that was looked at in a file.

    Attributes
    ----------
    check : str
        What was looked at.
    level : {"pass", "warning", "stop"}
        "stop" where the file cannot be used.
    found : str
        What is in the file.
    meaning : str
        What that does to the ion images.
    action : str
        What to do about it; empty where there is nothing to do.
    file : str
        Name of the file, where the row stands beside those of other files.
    """

    check: str
    level: Level
    found: str
    meaning: str = ""
    action: str = ""
    file: str = ""

    def __post_init__(self) -> None:
        if len(self.found) > LONGEST:  # it repeats what a damaged file says
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


def settle(rows: Iterable[HealthRow], name: str) -> None:
    """Raise the first row that stops and warn of the rows that warn, each with the file's `name` in front.

    Raises
    ------
    DataStop
        At the first row of the level "stop".
    """
    for row in rows:
        if row.level == "stop":
            raise DataStop(row, name)
        if row.level == "warning":
            warnings.warn(f"{name}: {row.text}", MsissWarning, stacklevel=2)
