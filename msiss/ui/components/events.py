"""Events of components: what a browser sends is checked before it is used."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from msiss.ui.messages import plain_errors


class Event:
    """One event of a component.

    Parameters
    ----------
    values : mapping
        As the browser sent it; not to be trusted.
    """

    def __init__(self, values: Any) -> None:
        self._values = values if isinstance(values, dict) else {}

    def ions(self, name: str, number: int) -> list[int]:
        """Return the ions in a field, as far as they are ions of `number`."""
        given = self._values.get(name)
        found = [_ion(one, number) for one in given] if isinstance(given, list) else []
        return [one for one in found if one is not None]

    def ion(self, name: str, number: int) -> int | None:
        """Return the ion in a field, or None if it is none of `number`."""
        return _ion(self._values.get(name), number)

    def one_of(self, name: str, options: Sequence[str]) -> str:
        """Return the text in a field if it is one of the options, else the first of them."""
        given = self._values.get(name)
        return next((option for option in options if option == given), options[0])

    def number(self, name: str) -> int | None:
        """Return the whole number in a field, or None."""
        given = self._values.get(name)
        return given if isinstance(given, int) and not isinstance(given, bool) else None

    def parts(self, name: str) -> list["Event"]:
        """Return the events within a field."""
        given = self._values.get(name)
        return [Event(one) for one in given] if isinstance(given, list) else []


def handled(key: str, handle: Callable[[Event], None]) -> Callable[[], None]:
    """Return a callback for the event of the component mounted with `key`."""

    def callback() -> None:
        with plain_errors():
            # The component has no state any more where the user has gone on to another page meanwhile.
            if values := (st.session_state.get(key) or {}).get("event"):
                handle(Event(values))

    return callback


def _ion(value: Any, number: int) -> int | None:
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
    return int(value) if whole and 0 <= value < number else None
