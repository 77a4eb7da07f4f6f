"""Isotopes and adducts among the ions of a data set, found once."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.runs.decisions import digest

if TYPE_CHECKING:
    from msiss.analyse.isotope_groups import IsotopeGroup
    from msiss.analyse.mass_tolerance import FoundPairs


def pairs(images: IonImages) -> "FoundPairs | None":
    """Return the pairs of isotopes and adducts; None if the axis is not m/z."""
    return _pairs(images.fingerprint, images.polarity, images.mz) if images.axis.is_mz else None


def recall(images: IonImages, labels: np.ndarray) -> pd.DataFrame | None:
    """Return the isotopic recall of clusters (N,), see `msiss.analyse.isotope_groups.recall`; None without pairs."""
    found = pairs(images)
    if found is None or not len(found.table):
        return None
    return _recall(images.fingerprint, images.polarity, digest(labels), found.table, labels)


def groups(images: IonImages, labels: np.ndarray, *, adducts: bool) -> "list[IsotopeGroup]":
    """Return the groups of isotopes, or of isotopes and adducts."""
    from msiss.analyse.isotope_groups import ISOTOPES, isotope_groups

    found = pairs(images)
    if found is None:
        return []
    table = found.table if adducts else found.table[found.table["kind"].isin(ISOTOPES)]
    return isotope_groups(table, labels, images.mz)


@st.cache_resource(show_spinner=False, max_entries=20)
def _pairs(fingerprint: str, polarity: str, _mz: np.ndarray) -> "FoundPairs":
    from msiss.analyse.mass_tolerance import find_pairs

    return find_pairs(_mz, polarity=polarity)  # type: ignore[arg-type]


@st.cache_data(show_spinner=False, max_entries=50)
def _recall(fingerprint: str, polarity: str, labels: str, _pairs: pd.DataFrame, _labels: np.ndarray) -> pd.DataFrame:
    from msiss.analyse.isotope_groups import recall

    return recall(_pairs, _labels)
