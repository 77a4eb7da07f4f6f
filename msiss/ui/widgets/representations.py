"""The widget to choose a representation."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from msiss.analyse.representations import REPRESENTATIONS, title_of


def choose(
    label: str,
    key: str,
    *,
    options: Sequence[str],
    about: str = "",
    first: str | None = None,
    **more: Any,
) -> str:
    """Let the user choose a representation; the choice is kept while other pages are shown.

    Parameters
    ----------
    label, key : str
        Of the widget.
    options : sequence of str
        Names of representations; an earlier choice that is not among them is dropped.
    about : str
        Help text before that of the representations.
    first : str, optional
        Chosen at first; by default the first option.
    **more
        For `st.selectbox`, such as ``on_change`` and ``args``.
    """
    if st.session_state.get(key) not in (None, *options):
        del st.session_state[key]
    told = "\n".join(f"- **{title_of(one)}** {REPRESENTATIONS[one].about}" for one in options)
    return st.selectbox(
        label,
        options,
        index=options.index(st.session_state.get(key) or (first if first in options else options[0])),
        format_func=lambda one: title_of(one),
        key=key,
        persist_state="session",
        help=f"{about}\n\n{told}".strip(),
        **more,
    )
