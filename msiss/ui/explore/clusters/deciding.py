"""Decisions from the pages: recorded with who made them, and told."""

from collections.abc import Sequence

import numpy as np

from msiss.runs.decisions import Decision, Moved
from msiss.runs.grouping import decide
from msiss.ui import selection, state
from msiss.ui.explore import results
from msiss.ui.explore.view import View
from msiss.words import count

UNDO = "“Take back” above undoes it."


def record(shown: View, *decisions: Decision, why: str = "", said: str = "") -> None:
    """Record decisions about the shown clusters, and say so in a toast.

    Raises
    ------
    SettingError, RunError
        See `msiss.runs.grouping.decide`.
    """
    before = results.grouping(shown)
    for decision in decisions:
        decide(before, decision.model_copy(update={"who": state.who(), "why": why.strip()}))
    if said:
        state.notify(f"{said} {UNDO}", "check")


def move(shown: View, ions: Sequence[int], to: int | None, why: str = "") -> None:
    """Move ions to a cluster, or to a new one if `to` is None; they are not selected any more.

    Raises
    ------
    SettingError, RunError
        See `msiss.runs.grouping.decide`.
    """
    before = results.grouping(shown)
    number = before.next_number if to is None else to
    moved = [ion for ion in ions if before.labels[ion] != number]
    title = before.clusters[number].title if number in before.clusters else str(number)
    if not moved:
        state.notify(f"{_are(len(ions))} in cluster {title} already.")
        return
    record(
        shown,
        Moved(ions=tuple(moved), to=number),
        why=why,
        said=f"{count(len(moved), 'ion')} moved to {'the new ' if to is None else ''}cluster {title}.",
    )
    selection.select(moved, "remove")


def source(clusters: np.ndarray) -> int | None:
    """Return the one cluster of some ions, or None if they are of several."""
    found = np.unique(clusters)
    return int(found[0]) if len(found) == 1 else None


def _are(number: int) -> str:
    return "This ion is" if number == 1 else f"These {number} ions are"
