"""The button that downloads a table."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from msiss.data.cells import to_csv


def button(label: str, table: Callable[[], pd.DataFrame], name: str, *, key: str, **more: Any) -> None:
    """Draw a button that downloads a table as CSV.

    Parameters
    ----------
    label : str
    table : callable
        Returns the table, when the button is pressed; there is no session any more then.
    name : str
        Of the file, with its ending.
    key : str
    **more
        For `st.download_button`, such as ``help`` and ``width``.
    """
    st.download_button(
        label,
        lambda: to_csv(table()).encode(),
        name,
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=key,
        **more,
    )
