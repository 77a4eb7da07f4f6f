"""Records by name, in the order in which they were added: what of a kind there is to choose from.

A method, an encoder, a measure, a score and an input format are each one record in a registry. Everything that lists,
shows, checks or runs them goes through the record, so that another one is added in one place, also from outside of
msiss.
"""

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any, Generic, Protocol, TypeVar

from msiss.errors import SettingError


class Named(Protocol):
    """What a registry holds."""

    @property
    def name(self) -> str:
        """What users, files and settings call it."""


Record = TypeVar("Record", bound=Named)


class Registry(Generic[Record]):
    """Records that are found by their name.

    Parameters
    ----------
    noun : str
        What a record is, for messages.
    records : iterable
        The first ones.
    """

    def __init__(self, noun: str, records: Iterable[Record] = ()) -> None:
        self.noun = noun
        self._records: dict[str, Record] = {}
        for record in records:
            self.add(record)

    def add(self, record: Record) -> None:
        """Add a record behind the others.

        Raises
        ------
        ValueError
            If there is another one of this name.
        """
        if self._records.setdefault(record.name, record) is not record:
            raise ValueError(f"There is a {self.noun} named {record.name} already.")

    def remove(self, name: str) -> None:
        """Remove the record of this name."""
        del self._records[name]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all records, in the order in which they were added."""
        return tuple(self._records)

    def __getitem__(self, name: str) -> Record:
        """Return the record of this name.

        Raises
        ------
        SettingError
            If there is none; the message lists what there is.
        """
        try:
            return self._records[name]
        except KeyError:
            raise SettingError(
                f"There is no {self.noun} named {name}. There are: {', '.join(self._records)}."
            ) from None

    def __contains__(self, name: object) -> bool:
        return name in self._records

    def __iter__(self) -> Iterator[Record]:
        return iter(tuple(self._records.values()))

    def __len__(self) -> int:
        return len(self._records)


def load(reference: str) -> Any:
    """Import what ``"module:name"`` refers to, so that a record can name code that is slow to import."""
    module, _, name = reference.partition(":")
    return getattr(import_module(module), name)
