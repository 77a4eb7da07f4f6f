"""Scores of several representations as a table."""

from collections.abc import Mapping
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from msiss.analyse.representations import title_of
from msiss.ui.widgets import csv_download

Row = TypeVar("Row", bound=Mapping[str, Any])


def by_title(rows: Mapping[str, Row]) -> dict[str, Row]:
    """Return the rows by the titles of the representations."""
    return {title_of(name): row for name, row in rows.items()}


def score_table(rows: Mapping[str, Mapping[str, Any]], titles: dict[str, str], *, key: str, decimals: int = 3) -> None:
    """Draw a table with a row per representation, the best of each column bold, and a button to download it.

    It is not a `st.dataframe`, whose titles are cut where the window is narrow or magnified: here they are broken into
    lines.

    Parameters
    ----------
    rows : dict
        By name of the representation: numbers by key, None if a score is not known.
    titles : dict of str
        Keys to show, in order, with the titles of their columns.
    key : str
        Of the button, and the name of its file.
    decimals : int
    """
    table = pd.DataFrame(by_title(rows)).T[list(titles)].rename(columns=titles).astype(float)
    table = table.rename_axis("Representation")
    shown = pd.DataFrame({title: _texts(table[title], decimals) for title in table}, index=table.index)
    st.table(shown, border="horizontal", alt="Scores of every representation")
    csv_download.button("CSV", table.reset_index, f"{key.replace(' ', '-')}.csv", key=f"{key} csv", type="tertiary")


def _texts(column: "pd.Series[float]", decimals: int) -> list[str]:
    texts = ["" if pd.isna(value) else f"{value:.{decimals}f}" for value in column]
    best = "" if column.isna().all() else f"{column.max():.{decimals}f}"
    return [f"**{text}**" if text and text == best else text for text in texts]
