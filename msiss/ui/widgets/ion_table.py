"""Tables of ions: ticked rows become the selection of all pages."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from msiss.ui import selection


def draw(table: pd.DataFrame, ions: Sequence[int], *, key: str, **more: Any) -> None:
    """Draw a table; ticking rows selects their ions.

    Parameters
    ----------
    table : DataFrame
        One row per ion.
    ions : sequence of int
        The ion of each row.
    key : str
    **more
        For `st.dataframe`.
    """
    st.dataframe(
        table,
        hide_index=True,
        key=key,
        on_select=lambda: _take(key, ions),
        selection_mode="multi-row",
        **more,
    )


def _take(key: str, ions: Sequence[int]) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    if rows:  # a table that is drawn anew reports none, which is no wish to select nothing
        selection.select(int(ions[row]) for row in rows if row < len(ions))
