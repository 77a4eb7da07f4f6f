"""What people decided about the shown clusters: the last decisions, undo and redo, and what they did to the scores."""

import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.runs.decisions import Decision
from msiss.runs.grouping import Grouping, can_redo, redo, undo
from msiss.share.decision_text import sentence
from msiss.ui import state
from msiss.ui.explore import results
from msiss.ui.explore.clusters import scoring
from msiss.ui.explore.view import View
from msiss.ui.literal import literal
from msiss.ui.messages import plain_errors
from msiss.ui.widgets import ion_picker
from msiss.words import count

LAST = 12  # decisions that are listed


def draw(shown: View, images: IonImages, grouping: Grouping) -> None:
    """Draw the last corrections and what they did to the scores, in a window, and undo."""
    made, again = grouping.decisions, can_redo(grouping)
    with st.popover(f"Corrections: {len(made)}", key="corrections", on_change="rerun") as window:
        if window.open:
            _list(images, grouping)
            st.button(
                "Do again what was undone",
                icon=":material/redo:",
                key="redo correction",
                help=literal(_said(again, images)) if again else None,
                disabled=again is None,
                on_click=plain_errors()(_redo),
                args=(shown, images),
            )
            scoring.compare(shown, images, grouping)
    st.button(
        "Take back",
        key="undo correction",
        help=f"Undo the last correction: {literal(_said(made[-1], images))}" if made else "No corrections yet",
        disabled=not made,
        on_click=plain_errors()(_undo),
        args=(shown, images),
    )


def warn(grouping: Grouping) -> None:
    """Tell of decisions that are not applied."""
    if grouping.untold:
        st.caption(
            f":material/warning: {count(grouping.untold, 'decision')} about these clusters cannot be applied: this "
            "version of msiss groups the ions in another way, or the line is damaged. Nothing was deleted."
        )


def _list(images: IonImages, grouping: Grouping) -> None:
    if not grouping.decisions:
        st.markdown(
            "Names, notes, moved ions and merged clusters are listed here, with who decided it and why. They are kept "
            "beside the run, which is never changed, and each can be undone."
        )
        return
    for decision in reversed(grouping.decisions[-LAST:]):
        st.markdown(literal(_said(decision, images)))
        st.caption(literal(about(decision)))
    if (more := len(grouping.decisions) - LAST) > 0:
        st.caption(f"and {count(more, 'earlier one')}")
    if not state.who():
        st.caption("Enter your name under “Display and name” at the left: it is kept with what you decide.")


def about(decision: Decision) -> str:
    """Return when, by whom and why something was decided."""
    parts = [f"{decision.when.astimezone():%d %b %Y %H:%M}", decision.who, decision.why]
    return " · ".join(filter(None, parts))


def _said(decision: Decision, images: IonImages) -> str:
    return sentence(decision, lambda ion: ion_picker.position(images, ion))


def _undo(shown: View, images: IonImages) -> None:
    if (decision := undo(results.grouping(shown), who=state.who())) is not None:
        state.notify(f"Undone: {_said(decision, images)}", "undo")


def _redo(shown: View, images: IonImages) -> None:
    if (decision := redo(results.grouping(shown), who=state.who())) is not None:
        state.notify(f"Done again: {_said(decision, images)}", "redo")
