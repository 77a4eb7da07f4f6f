"""The selected ions of the current data set: one selection for all pages, with undo, and in the address.

The session keeps the selection of every data set. Charts, galleries and tables only report to this module and show what
it has, so that a selection survives other colours, other clusters and other pages.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from msiss.data import selections
from msiss.data.ion_images import IonImages
from msiss.errors import DataError
from msiss.ui import state

How = Literal["replace", "add", "remove"]
MOST_STEPS = 50  # that can be undone

Ions = tuple[int, ...]


@dataclass(frozen=True)
class _History:
    now: Ions = ()
    past: tuple[Ions, ...] = ()
    future: tuple[Ions, ...] = ()


def restore(images: IonImages) -> None:
    """Take the selection of the address when the session begins; one that does not exist is reported."""
    name = str(state.dataset_name())
    if name in _all():
        return
    ions: list[int] = []
    if text := state.linked("sel"):
        try:
            ions = selections.ions_of(state.library().path(name), text, len(images))
        except DataError as error:
            state.notify(f"{error} Nothing is selected.")
            state.link_to("sel", None)
    _all()[name] = _History(now=tuple(ions))


def selected() -> list[int]:
    """Return the selected ions, ascending."""
    return list(_history().now)


def select(ions: Iterable[int], how: How = "replace") -> None:
    """Select ions, or add them to the selection, or remove them from it."""
    before = set(_history().now)
    chosen = {int(ion) for ion in ions}
    after = {"replace": chosen, "add": before | chosen, "remove": before - chosen}[how]
    if after != before:
        now = _history()
        _set(_History(tuple(sorted(after)), (*now.past, now.now)[-MOST_STEPS:]))


def clear() -> None:
    """Select nothing."""
    select([])


def invert(number: int) -> None:
    """Select the other ions of `number`."""
    select(set(range(number)) - set(_history().now))


def undo() -> None:
    """Take the last change of the selection back."""
    now = _history()
    if now.past:
        _set(_History(now.past[-1], now.past[:-1], (now.now, *now.future)))


def redo() -> None:
    """Make the change again that was taken back last."""
    now = _history()
    if now.future:
        _set(_History(now.future[0], (*now.past, now.now), now.future[1:]))


def can_undo() -> bool:
    """Tell whether there is a change to take back."""
    return bool(_history().past)


def can_redo() -> bool:
    """Tell whether there is a change to make again."""
    return bool(_history().future)


def saved() -> dict[str, selections.Selection]:
    """Return the selections that are kept with the current data set, by name."""
    return selections.saved(_folder())


def save(name: str) -> None:
    """Keep the selected ions under a name with the current data set."""
    selections.save(_folder(), selections.Selection(name=name, ions=_history().now, who=state.who()))


def forget(name: str) -> None:
    """Delete a kept selection; the ions stay selected."""
    selections.save(_folder(), selections.Selection(name=name, who=state.who()))


def _folder() -> Path:
    return state.library().path(str(state.dataset_name()))


def _all() -> dict[str, _History]:
    return st.session_state.setdefault("selections", {})


def _history() -> _History:
    return _all().get(str(state.dataset_name()), _History())


def _set(history: _History) -> None:
    _all()[str(state.dataset_name())] = history
    text = selections.text_of(_folder(), history.now) if history.now else None
    state.link_to("sel", text)
