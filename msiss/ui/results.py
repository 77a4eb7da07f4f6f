"""What the pages read from a finished run, kept in memory while the server runs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from msiss.analyse.representations import ABOUT, FAST, TITLES, Representation
from msiss.data.ion_images import IonImages
from msiss.data.prepare import clean
from msiss.runs.reclustering import reclustered
from msiss.runs.store import Run
from msiss.ui import numbers


def choose_representation(
    label: str, key: str, *, options: Sequence[Representation], about: str = "", first: Representation | None = None
) -> Representation:
    """Let the user choose a representation; the choice is kept while other pages are shown.

    Parameters
    ----------
    label, key : str
        Of the widget.
    options : sequence of Representation
        What there is to choose from; a choice made before that is not among them is given up.
    about : str
        Help, to be read before that on the representations.
    first : Representation, optional
        Chosen at first; by default the first option.
    """
    if st.session_state.get(key) not in (None, *options):
        del st.session_state[key]
    told = "\n".join(f"- **{TITLES[one]}** {ABOUT[one]}" for one in options)
    return st.selectbox(
        label,
        options,
        index=0 if first is None else options.index(first),
        format_func=lambda one: TITLES[one],
        key=key,
        persist_state="session",
        help=f"{about}\n\n{told}".strip(),
    )


def mapped(run: Run) -> tuple[Representation, ...]:
    """Return the representations that the left map may be drawn of: what was trained, and the best plain measure."""
    return (*reversed(run.config.trained), FAST)


def clusters(run: Run) -> pd.DataFrame:
    """Return the table of clusters in the number that is shown; do not change it."""
    number = numbers.shown(run)
    return _clusters(str(run.path), run) if number == run.config.clusters else _again(str(run.path), number, run)


def cluster_of(run: Run, representation: Representation) -> np.ndarray:
    """Return each ion's cluster by a representation."""
    return clusters(run)[representation.value].to_numpy()


def positions(run: Run, representation: Representation, method: str) -> np.ndarray:
    """Return the ions' places on a map, shape (N, 2)."""
    maps = _maps(str(run.path), run)
    chosen = maps[(maps["representation"] == representation.value) & (maps["method"] == method)]
    return chosen.sort_values("ion")[["x", "y"]].to_numpy()


def features(run: Run, representation: Representation) -> np.ndarray:
    """Return the vectors of the ions, shape (N, D); do not change them."""
    return _features(str(run.path), representation.value, run)


def mean_images(run: Run, images: IonImages, representation: Representation) -> dict[int, np.ndarray]:
    """Return the mean image of each cluster that has ions, shape (H, W); every ion image is scaled to [0, 1] first."""
    return _mean_images(str(run.path), representation.value, numbers.shown(run), run, images)


@st.cache_resource(show_spinner=False, max_entries=10)
def _clusters(path: str, _run: Run) -> pd.DataFrame:  # noqa: ARG001
    return _run.clusters()


@st.cache_resource(show_spinner="Clustering the ions again", max_entries=10)
def _again(path: str, number: int, _run: Run) -> pd.DataFrame:  # noqa: ARG001
    return reclustered(_run, number)


@st.cache_resource(show_spinner=False, max_entries=10)
def _maps(path: str, _run: Run) -> pd.DataFrame:  # noqa: ARG001
    return _run.maps()


@st.cache_resource(show_spinner=False, max_entries=6)
def _features(path: str, representation: str, _run: Run) -> np.ndarray:  # noqa: ARG001
    return _run.features(Representation(representation))


@st.cache_resource(show_spinner="Averaging the ion images", max_entries=10)
def _mean_images(
    path: str,  # noqa: ARG001
    representation: str,
    number: int,  # noqa: ARG001
    _run: Run,
    _images: IonImages,
) -> dict[int, np.ndarray]:
    cleaned = clean(_images, _run.config.prepare)
    members = cluster_of(_run, Representation(representation))
    return {int(cluster): cleaned[members == cluster].mean(axis=0) for cluster in np.unique(members)}
