"""Registries: records by name, in the order in which they were added.

Methods, encoders, measures, scores and input formats are each a record in a registry. All code that lists, shows,
checks or runs them uses the record, so that another one is added in one place, also by another package: its entry
point in the group ``msiss`` is a function that adds its records. Every process calls it before it first looks one up.
"""

import threading
import warnings
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Generic, Protocol, TypeVar

from msiss.errors import MsissWarning, SettingError

ENTRY_POINTS = "msiss"


class Named(Protocol):
    """The interface of a record."""

    @property
    def name(self) -> str:
        """Its name for users, files and settings."""


Record = TypeVar("Record", bound=Named)


class Registry(Generic[Record]):
    """Records by name.

    Parameters
    ----------
    noun : str
        Noun for a record, for messages.
    records : iterable
        The initial records.
    """

    def __init__(self, noun: str, records: Iterable[Record] = ()) -> None:
        self.noun = noun
        self._records: dict[str, Record] = {}
        for record in records:
            self.add(record)

    def add(self, record: Record) -> None:
        """Append a record.

        Raises
        ------
        ValueError
            If there is a record of this name already.
        """
        if self._records.setdefault(record.name, record) is not record:
            raise ValueError(f"There is a {self.noun} named {record.name} already.")

    def remove(self, name: str) -> None:
        """Remove the record of this name."""
        del self._records[name]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all records, in the order in which they were added."""
        return tuple(self._all())

    def __getitem__(self, name: str) -> Record:
        """Return the record of this name.

        Raises
        ------
        SettingError
            If there is none; the message lists all names.
        """
        if name not in self:
            raise SettingError(f"There is no {self.noun} named {name}. There are: {', '.join(self.names)}.")
        return self._all()[name]

    def __contains__(self, name: object) -> bool:
        return name in self._all()

    def __iter__(self) -> Iterator[Record]:
        return iter(tuple(self._all().values()))

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> dict[str, Record]:
        """Return the records with those of other packages."""
        _add_from_packages()
        return self._records


def load(reference: str) -> Any:
    """Import what ``"module:name"`` refers to, so that a record can name code that is slow to import."""
    module, _, name = reference.partition(":")
    return getattr(import_module(module), name)


class _Packages:
    """Other packages that add records, each once per process."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a package may look up records while it adds its own
        self._added = False

    def add(self) -> None:
        with self._lock:
            if self._added:
                return
            self._added = True
            for entry in entry_points(group=ENTRY_POINTS):
                try:
                    entry.load()()
                except Exception as error:  # whatever another package does wrong
                    package = entry.dist.name if entry.dist else entry.name
                    warnings.warn(
                        f"The package {package} was not added to msiss: {type(error).__name__}: {error}. Update or "
                        "uninstall it.",
                        MsissWarning,
                        stacklevel=2,
                    )


_add_from_packages = _Packages().add
