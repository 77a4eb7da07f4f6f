"""Messages on the page for errors and warnings. Only here does the dashboard catch unexpected errors."""

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
_hook_lock = Lock()
_default_hook: Callable[..., None] = warnings.showwarning


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show an error of the ``with`` block as a message; the details of an unexpected one go to a log file.

    It also decorates the callbacks of widgets, which run before the page.
    """
    try:
        yield
    except MsissError as error:
        st.error(literal(error), icon=":material/error:")
    except Exception as error:
        st.error(
            "An unexpected error occurred. Your data and runs are safe. Load the page again; if it happens once more, "
            f"{literal(_log(error))} to the person who runs this msiss.",
            icon=":material/error:",
        )


@contextmanager
def caught_warnings() -> Iterator[list[str]]:
    """Collect the warnings for the user in the ``with`` block, each once; the list is filled when the block ends.

    Sessions run in threads of one process, and `warnings.catch_warnings` would give one session the warnings of
    another. So one hook is installed for the whole process, and each thread has its own list.
    """
    _install_hook()
    warned: list[str] = []
    caught: list[str] = []
    outer = _caught.set(caught)
    try:
        yield warned
    finally:
        _caught.reset(outer)
        warned += dict.fromkeys(caught)


def show_warnings(messages: list[str]) -> None:
    """Show the warnings that `caught_warnings` collected."""
    for message in messages:
        st.warning(literal(message), icon=":material/warning:")


def _install_hook() -> None:
    """Install `_warning_hook` as `warnings.showwarning`, unless it is installed already."""
    global _default_hook
    with _hook_lock:
        if warnings.showwarning is not _warning_hook:
            _default_hook = warnings.showwarning
            warnings.showwarning = _warning_hook
        action, _, category, *_ = next(iter(warnings.filters), ("", None, Warning))
        if (action, category) != ("always", MsissWarning):
            warnings.simplefilter("always", MsissWarning)


def _warning_hook(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
    caught = _caught.get()
    if caught is not None and issubclass(category, MsissWarning):
        caught.append(str(message))
    else:
        _default_hook(message, category, *where, **more)


def _log(error: Exception) -> str:
    """Write an error to the log file, and return how to refer to it."""
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
        return f"send error number {number} from the output of the server ({file} cannot be written)"
    return f"send error number {number} from the file {file}"
