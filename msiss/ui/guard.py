"""Turns what goes wrong into plain sentences: the one place where the dashboard catches errors."""

import sys
import traceback
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from threading import Lock
from typing import Any

import streamlit as st

from msiss.errors import HomeError, MsissError, MsissWarning
from msiss.home import home, made
from msiss.ui.literal import literal

_caught: ContextVar[list[str] | None] = ContextVar("caught", default=None)
_putting_in = Lock()
_otherwise: Callable[..., None] = warnings.showwarning


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show what the ``with`` block raises as a sentence; the details of what nobody foresaw go to a log file.

    A function that a widget calls, which runs before the page, is decorated with it.
    """
    try:
        yield
    except MsissError as error:
        st.error(literal(error), icon=":material/error:")
    except Exception as error:
        st.error(
            "Something went wrong that msiss did not foresee. Your data and your trainings are safe. Load the page "
            f"again; if it happens once more, {literal(_log(error))} to the person who looks after msiss.",
            icon=":material/error:",
        )


@contextmanager
def caught_warnings() -> Iterator[list[str]]:
    """Collect the warnings of the ``with`` block that are meant for the user, each once; the list is full after it.

    Sessions run in threads of one process, and `warnings.catch_warnings` would give one session the warnings of
    another. So one listener is put in for the whole process, and each thread has a list of its own.
    """
    _listen()
    warned: list[str] = []
    caught: list[str] = []
    outer = _caught.set(caught)
    try:
        yield warned
    finally:
        _caught.reset(outer)
        warned += dict.fromkeys(caught)


def show_warnings(messages: list[str]) -> None:
    """Show what `caught_warnings` collected."""
    for message in messages:
        st.warning(literal(message), icon=":material/warning:")


def _listen() -> None:
    """Make `_hear` what Python calls for every warning, unless it is so already."""
    global _otherwise
    with _putting_in:
        if warnings.showwarning is not _hear:
            _otherwise = warnings.showwarning
            warnings.showwarning = _hear
        action, _, category, *_ = next(iter(warnings.filters), ("", None, Warning))
        if (action, category) != ("always", MsissWarning):
            warnings.simplefilter("always", MsissWarning)


def _hear(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
    caught = _caught.get()
    if caught is not None and issubclass(category, MsissWarning):
        caught.append(str(message))
    else:
        _otherwise(message, category, *where, **more)


def _log(error: Exception) -> str:
    """Write an error down, and return what of it is to be sent."""
    number = uuid.uuid4().hex[:8]
    details = "".join(traceback.format_exception(error))
    text = f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S} error {number}\n{details}\n"
    file = home() / "app.log"
    try:
        made(file.parent)
        with file.open("a", encoding="utf-8") as log:
            log.write(text)
    except (OSError, HomeError):
        sys.stderr.write(text)
        return f"send error number {number} from what the server printed ({file} cannot be written)"
    return f"send error number {number} from the file {file}"
