"""Turns what goes wrong into plain sentences: the one place where the dashboard catches errors."""

import traceback
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import streamlit as st

from msiss.errors import MsissError, MsissWarning
from msiss.home import home


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show what the ``with`` block raises as a sentence; the details of what nobody foresaw go to a log file."""
    try:
        yield
    except MsissError as error:
        st.error(str(error), icon=":material/error:")
    except Exception as error:
        number = uuid.uuid4().hex[:8]
        st.error(
            "Something went wrong that msiss did not foresee. Your data and your trainings are safe. Load the page "
            f"again; if it happens once more, send error number {number} from the file {_log(number, error)} to the "
            "person who looks after msiss.",
            icon=":material/error:",
        )


@contextmanager
def heard_warnings() -> Iterator[list[str]]:
    """Collect the warnings of the ``with`` block that are meant for the user, each once; the list is full after it."""
    heard: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", MsissWarning)
        yield heard
    heard += dict.fromkeys(str(one.message) for one in caught if issubclass(one.category, MsissWarning))


def show_warnings(messages: list[str]) -> None:
    """Show what `heard_warnings` collected."""
    for message in messages:
        st.warning(message, icon=":material/warning:")


def _log(number: str, error: Exception) -> str:
    file = home() / "app.log"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as log:
        log.write(f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S} error {number}\n")
        log.write("".join(traceback.format_exception(error)) + "\n")
    return str(file)
