"""What tells a cluster from the rest: where it is brighter, and how typical each of its ions is."""

import numpy as np
import streamlit as st

from msiss.data.ion_images import IonImages
from msiss.data.prepare import clean
from msiss.runs.decisions import digest
from msiss.runs.grouping import Grouping
from msiss.ui.explore import results
from msiss.ui.explore.view import View

MOST_OTHERS = 400  # ions outside the cluster that are drawn to compare it with, evenly spaced


def difference(shown: View, images: IonImages, grouping: Grouping, number: int) -> np.ndarray:
    """Return where a cluster is brighter than the other ions, see `msiss.analyse.telling.Telling.difference`."""
    members = grouping.members(number)
    return _difference(str(shown.run.path), shown.run.status.finished, digest(members), shown, images, members)


def least_typical_first(shown: View, grouping: Grouping, number: int) -> np.ndarray:
    """Return the ions of a cluster, those first that are least like the others of it in the shown representation."""
    from msiss.analyse.telling import typicality

    ions, _ = typicality(results.features(shown.run, shown.by), grouping.members(number))
    return ions[::-1]


@st.cache_data(show_spinner=False, max_entries=50)
def _difference(
    path: str, finished: float | None, members: str, _shown: View, _images: IonImages, _members: np.ndarray
) -> np.ndarray:
    from msiss.analyse import telling

    others = np.setdiff1d(np.arange(len(_images)), _members)
    others = others[np.linspace(0, len(others) - 1, min(len(others), MOST_OTHERS)).round().astype(int)]
    cleaned = clean(_images, _shown.run.config.prepare, np.concatenate([_members, others]))
    return telling.difference(cleaned, _images.mask, np.arange(len(_members)))
