"""What the pages read from a finished run, kept in memory while the server runs."""

import numpy as np
import pandas as pd
import streamlit as st

from msiss.analyse.representations import Representation
from msiss.data.ion_images import IonImages
from msiss.data.prepare import clean
from msiss.runs.reclustering import clusters_by
from msiss.runs.store import Run
from msiss.ui.view import View


def clusters(shown: View) -> pd.DataFrame:
    """Return cluster and confidence of each ion, see `clusters_by`; do not change them."""
    return _clusters(str(shown.run.path), shown.by.value, shown.clusters, shown)


def positions(run: Run, representation: Representation, method: str) -> np.ndarray:
    """Return the ions' places on a map, shape (N, 2)."""
    maps = _maps(str(run.path), run)
    chosen = maps[(maps["representation"] == representation.value) & (maps["method"] == method)]
    return chosen.sort_values("ion")[["x", "y"]].to_numpy()


def features(run: Run, representation: Representation) -> np.ndarray:
    """Return the vectors of the ions, shape (N, D); do not change them."""
    return _features(str(run.path), representation.value, run)


def mean_images(shown: View, images: IonImages) -> dict[int, np.ndarray]:
    """Return the mean image of each cluster that has ions, shape (H, W); every ion image is scaled to [0, 1] first."""
    return _mean_images(str(shown.run.path), shown.by.value, shown.clusters, shown, images)


@st.cache_resource(show_spinner="Clustering the ions again", max_entries=10)
def _clusters(path: str, by: str, number: int, _shown: View) -> pd.DataFrame:  # noqa: ARG001
    return clusters_by(_shown.run, _shown.by, _shown.clusters)


@st.cache_resource(show_spinner=False, max_entries=10)
def _maps(path: str, _run: Run) -> pd.DataFrame:  # noqa: ARG001
    return _run.maps()


@st.cache_resource(show_spinner=False, max_entries=6)
def _features(path: str, representation: str, _run: Run) -> np.ndarray:  # noqa: ARG001
    return _run.features(Representation(representation))


@st.cache_resource(show_spinner="Averaging the ion images", max_entries=10)
def _mean_images(
    path: str,  # noqa: ARG001
    by: str,  # noqa: ARG001
    number: int,  # noqa: ARG001
    _shown: View,
    _images: IonImages,
) -> dict[int, np.ndarray]:
    cleaned = clean(_images, _shown.run.config.prepare)
    members = clusters(_shown)["cluster"].to_numpy()
    return {int(cluster): cleaned[members == cluster].mean(axis=0) for cluster in np.unique(members)}
