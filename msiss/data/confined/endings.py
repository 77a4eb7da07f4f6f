"""Errors for the end of a child: those that it reports, and explanations of crashes and exceeded limits."""

import signal
from typing import Any

from pydantic import TypeAdapter

from msiss import errors
from msiss.data.confined.limits import Limits
from msiss.data.findings import DataStop, HealthRow
from msiss.errors import DataError, MsissError

# Output of libraries before they abort a process for lack of memory.
_OF_MEMORY = ("MemoryError", "bad_alloc", "allocate", "out of memory")
_AGAIN = "Check that it was copied whole, or export it again from the program that wrote it."


class Unforeseen(Exception):
    """A child ended with an unexpected error, whose traceback is a note of this one."""


def reported(answer: dict[str, Any], most: Limits, name: str) -> Exception:
    """Return the error that the child reports."""
    kind, message, details = answer["error"], str(answer.get("message", "")), str(answer.get("details", ""))
    if kind == "MemoryError":
        return _no_memory(most, name)
    cause = _of_system(answer.get("cause"))
    known = getattr(errors, str(kind), None)
    error: Exception
    if kind == "DataStop" and isinstance(answer.get("row"), dict):
        error = _Reported(message, TypeAdapter(HealthRow).validate_python(answer["row"]))
    elif isinstance(known, type) and issubclass(known, MsissError):
        error = known(message)
    else:
        error = cause if kind == "OSError" and cause is not None else Unforeseen(message)
        error.add_note(details)
    if error is not cause:
        error.__cause__ = cause
    return error


def _of_system(cause: Any) -> OSError | None:
    if not isinstance(cause, list):
        return None
    number, words = cause
    return OSError(number, str(words)) if isinstance(number, int) else OSError(str(words))


class _Reported(DataStop):
    """A `DataStop` with the message of the child."""

    def __init__(self, message: str, row: HealthRow) -> None:
        DataError.__init__(self, message)
        self.row = row


def died(code: int, most: Limits, name: str, said: str) -> DataStop:
    """Return the error for the end of a child without a result."""
    signals = {-getattr(signal, key): key for key in ("SIGXCPU", "SIGKILL") if hasattr(signal, key)}
    if signals.get(code) == "SIGXCPU":
        error = too_long(most, name)
    elif signals.get(code) == "SIGKILL" or any(words in said for words in _OF_MEMORY):
        error = _no_memory(most, name)
    else:
        found = "The program that reads this kind of file crashed on it."
        meaning = "The file is damaged, or made to do harm. Nothing else was touched."
        error = DataStop(HealthRow("file", "stop", found, meaning, _AGAIN), name)
    error.add_note(f"The process ended with {code}.\n{said}")
    return error


def too_long(most: Limits, name: str) -> DataStop:
    """Return the error for a child process that exceeded its limit of processor time or of elapsed time."""
    found = (
        f"Reading it takes longer than {most.processor / 60:.0f} min of computing, "
        f"or {most.clock / 60:.0f} min in all, and was ended."
    )
    meaning = "A file of this size needs far less, so it is damaged, or made to do harm."
    return DataStop(HealthRow("time", "stop", found, meaning, _AGAIN), name)


def _no_memory(most: Limits, name: str) -> DataStop:
    found = f"Reading it takes more memory than it may have, {most.data / 1e9:.1f} GB, and was ended."
    meaning = "A file of this size needs far less, unless the computer has too little memory for it."
    action = f"{_AGAIN} If it is whole, choose fewer ions, or use a computer with more memory."
    return DataStop(HealthRow("memory", "stop", found, meaning, action), name)
