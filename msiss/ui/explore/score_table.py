"""Scores of several representations as a table."""

from collections.abc import Mapping
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from msiss.analyse.representations import title_of

Row = TypeVar("Row", bound=Mapping[str, Any])


def by_title(rows: Mapping[str, Row]) -> dict[str, Row]:
    """Return the rows by the titles of the representations."""
    return {title_of(name): row for name, row in rows.items()}


def score_table(rows: Mapping[str, Mapping[str, Any]], titles: dict[str, str], *, decimals: int = 3) -> None:
    """Draw a table with a row per representation.

    Parameters
    ----------
    rows : dict
        By name of the representation: numbers by key, None if a score is not known.
    titles : dict of str
        Keys to show, in order, with the titles of their columns.
    decimals : int
    """
    table = pd.DataFrame(by_title(rows)).T[list(titles)]
    table = table.rename(columns=titles).astype(float).rename_axis("Representation").reset_index()
    formats = {title: st.column_config.NumberColumn(format=f"%.{decimals}f") for title in titles.values()}
    st.dataframe(table, hide_index=True, column_config=formats)
